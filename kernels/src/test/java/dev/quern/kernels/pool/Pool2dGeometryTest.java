package dev.quern.kernels.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

class Pool2dGeometryTest {
    @Test
    void ceilModeCountsAPartialLastWindow() {
        Shape input = Shape.of(1, 1, 8, 8);
        assertThat(Pool2dGeometry.square(input, 3, 2, 0).outputShape()).isEqualTo(Shape.of(1, 1, 3, 3));
        assertThat(Pool2dGeometry.of(input, 3, 3, 2, 2, 0, 0, 0, 0, 1, 1, true).outputShape()).isEqualTo(Shape.of(1, 1, 4, 4));
    }

    @Test
    void ceilModeLeavesOutAWindowThatStartsBehindTheImage() {
        // Rounded up there would be 4 windows, but the fourth would start at 6 - 1 = 5, behind the 5 pixels.
        assertThat(Pool2dGeometry.of(Shape.of(1, 1, 5, 5), 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, true).p()).isEqualTo(3);
    }

    @Test
    void aWindowThatSeesPaddingAloneIsRefused() {
        assertThatThrownBy(() -> Pool2dGeometry.square(Shape.of(1, 1, 8, 8), 2, 1, 2)).isInstanceOf(QuernException.class)
                .hasMessageContaining("output row 0 would see padding alone");
    }

    @Test
    void theMaximumIsTheFirstOfEqualsAndTheLastNaN() {
        Pool2dGeometry g = Pool2dGeometry.square(Shape.of(1, 1, 2, 4), 2, 2, 0);
        HostTensor x = HostTensor.of(g.inputShape(), 1, 1, Float.NaN, 9, 1, 0, Float.NaN, 3);
        HostTensor y = HostTensor.zeros(DType.F32, g.outputShape());
        HostTensor indices = HostTensor.zeros(DType.I32, g.outputShape());
        Pool2dReferences.maxForward(new MaxPool2dForwardProblem(g, true), List.of(x, y, indices));
        assertThat(y.toFloats()).containsExactly(1, Float.NaN);
        assertThat(indices.toInts()).containsExactly(0, 6);
    }
}
