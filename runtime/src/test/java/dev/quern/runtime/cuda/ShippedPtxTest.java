package dev.quern.runtime.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.runtime.DeviceException;
import org.junit.jupiter.api.Test;

/** With the PTX of one source on the tests' class path. */
class ShippedPtxTest {
    private static final String SOURCE = "a source that was compiled when the jar was built\n";

    @Test
    void findsAProgramByItsSource() {
        ShippedPtx shipped = ShippedPtx.find("ptx-of-tests").orElseThrow();
        assertThat(shipped.name()).isEqualTo("PTX by nvcc 13.0.88");
        assertThat(new String(shipped.image(SOURCE, "test/shipped", "sm_90"))).startsWith(".version 9.0").endsWith("\0");
    }

    @Test
    void aFolderWithoutAnyGivesNone() {
        assertThat(ShippedPtx.find("no-such-folder")).isEmpty();
    }

    @Test
    void aProgramThatWasNotShippedSaysWhatWouldCompileIt() {
        ShippedPtx shipped = ShippedPtx.find("ptx-of-tests").orElseThrow();
        assertThatThrownBy(() -> shipped.image("another source", "gemm/tiled", "sm_90")).isInstanceOf(DeviceException.class)
                .hasMessageStartingWith("program gemm/tiled is not among the PTX that was shipped").hasMessageContaining("libnvrtc.so.13")
                .hasMessageContaining("nvcc").hasMessageContaining("sm_90");
    }
}
