package dev.quern.kernels.conv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import org.junit.jupiter.api.Test;

class Conv2dGeometryTest {
    @Test
    void outputSizeFollowsStridePaddingAndDilation() {
        Conv2dGeometry g = Conv2dGeometry.of(Shape.of(2, 4, 11, 13), Shape.of(6, 2, 3, 5), 2, 3, 1, 0, 2, 1, 2, 1, 2);
        assertThat(g.outputShape()).isEqualTo(Shape.of(2, 6, (11 + 1 - 5) / 2 + 1, (13 + 3 - 5) / 3 + 1));
        assertThat(g.filterShape()).isEqualTo(Shape.of(6, 2, 3, 5));
        assertThat(new Conv2dForwardProblem(g).cost().flops()).isEqualTo(2.0 * g.outputShape().elements() * 2 * 3 * 5);
    }

    @Test
    void mismatchedChannelsNameBothShapesAndTheRule() {
        assertThatThrownBy(() -> Conv2dGeometry.plain(Shape.of(64, 6, 14, 14), Shape.of(16, 8, 5, 5), 0, 0))
                .isInstanceOf(QuernException.class)
                .hasMessage("input [64, 6, 14, 14] and filter [16, 8, 5, 5]: 6 input channels, filter expects 8");
    }

    @Test
    void groupsMustDivideBothChannelCounts() {
        assertThatThrownBy(() -> Conv2dGeometry.of(Shape.of(1, 4, 8, 8), Shape.of(5, 2, 3, 3), 1, 1, 0, 0, 0, 0, 1, 1, 2))
                .isInstanceOf(QuernException.class).hasMessageContaining("2 groups must divide the 4 input channels and the 5");
    }

    @Test
    void aFilterLargerThanThePaddedImageIsRefused() {
        assertThatThrownBy(() -> Conv2dGeometry.plain(Shape.of(1, 1, 4, 4), Shape.of(1, 1, 7, 7), 1, 1))
                .isInstanceOf(QuernException.class).hasMessageContaining("7x7 pixels, more than the padded image's 6x6");
    }

    @Test
    void equalProblemsHaveEqualKeys() {
        Conv2dGeometry g = Conv2dGeometry.plain(Shape.of(64, 1, 28, 28), Shape.of(6, 1, 5, 5), 2, 2);
        assertThat(new Conv2dForwardProblem(g).key())
                .isEqualTo("conv2d-forward n64c1h28w28-k6r5s5-st1x1-pad2,2,2,2-dil1x1-g1 f32");
    }
}
