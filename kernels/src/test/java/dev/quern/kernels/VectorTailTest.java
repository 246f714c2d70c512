package dev.quern.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class VectorTailTest {
    @Test
    void elevenLanesAreEightAndTwoAndOne() {
        assertThat(VectorTail.define(16, 11)).isEqualTo("""
                #define TAIL_LOAD(p, fill) ((float16)(vload8(0, (p)), vload2(0, (p) + 8), (p)[10], fill, fill, fill, fill, fill))
                #define TAIL_STORE(v, p) do { vstore8((v).s01234567, 0, (p)); vstore2((v).s89, 0, (p) + 8); (p)[10] = (v).sa; } \
                while (0)
                """);
    }

    @Test
    void anEmptyTailIsAllFill() {
        assertThat(VectorTail.define(4, 0)).contains("((float4)(fill))").contains("do { } while (0)");
    }

    @Test
    void aWholeVectorIsNoTail() {
        assertThatThrownBy(() -> VectorTail.define(8, 8)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a tail of 8 of 8 lanes");
    }
}
