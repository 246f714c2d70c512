package dev.quern.kernels.conv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.Problem;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.select.Families;
import dev.quern.kernels.select.Pins;
import dev.quern.kernels.select.Selector;
import dev.quern.kernels.testing.KernelCheck;
import dev.quern.kernels.testing.Sanitizer;
import dev.quern.runtime.Device;
import dev.quern.runtime.Shape;
import dev.quern.runtime.testing.TestDevices;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The rungs for filters that see one input channel, over strides, dilation, padding and what vectors and bands leave over. */
class DepthwiseConv2dTest {
    private static final String RUNG = "depthwise_cpu";

    private static Conv2dGeometry same(int n, int c, int h, int w, int r, int stride) {
        return Conv2dGeometry.of(Shape.of(n, c, h, w), Shape.of(c, 1, r, r), stride, stride, r / 2, r / 2, r / 2, r / 2, 1, 1, c);
    }

    private static final List<Conv2dGeometry> GEOMETRIES = List.of(
            // Rows of less than a vector, of whole vectors, with a rest; several planes and several bands.
            same(2, 40, 7, 7, 3, 1), same(2, 3, 5, 32, 3, 1), same(1, 5, 90, 117, 3, 1), same(2, 6, 9, 75, 3, 2),
            same(1, 5, 112, 70, 3, 2),
            // Strides, dilation and padding that differ; pixels that no tap reads.
            Conv2dGeometry.of(Shape.of(2, 3, 23, 39), Shape.of(3, 1, 3, 2), 2, 3, 1, 0, 2, 1, 3, 2, 3),
            Conv2dGeometry.of(Shape.of(1, 4, 13, 37), Shape.of(4, 1, 2, 3), 3, 2, 0, 1, 1, 2, 1, 3, 4),
            Conv2dGeometry.of(Shape.of(1, 2, 9, 12), Shape.of(2, 1, 1, 1), 2, 2, 0, 1, 0, 0, 1, 1, 2),
            Conv2dGeometry.of(Shape.of(1, 2, 3, 2), Shape.of(2, 1, 2, 2), 1, 1, 3, 2, 4, 3, 1, 1, 2));
    /** More filter rows than registers hold. */
    private static final List<Conv2dGeometry> LARGE = List.of(
            Conv2dGeometry.of(Shape.of(2, 2, 7, 20), Shape.of(2, 1, 4, 8), 1, 1, 2, 1, 3, 4, 1, 1, 2));
    /** Several output channels for each input channel; the gradient of the input has no such rung. */
    private static final List<Conv2dGeometry> MULTIPLIED = List.of(
            Conv2dGeometry.of(Shape.of(2, 3, 9, 10), Shape.of(6, 1, 3, 3), 2, 1, 1, 1, 1, 1, 1, 1, 3),
            Conv2dGeometry.of(Shape.of(3, 1, 9, 10), Shape.of(4, 1, 3, 3), 1, 1, 0, 0, 0, 0, 1, 1, 1));

    private static <P extends Problem> KernelCheck<P> check(KernelFamily<P> family, Function<Conv2dGeometry, P> problem,
            List<Conv2dGeometry> geometries) {
        return ConvRungs.only(family, problem, geometries, RUNG);
    }

    @Test
    void allPassesMatchTheirReferences() {
        Device device = TestDevices.shared("opencl:0");
        check(new Conv2dForwardFamily(), Conv2dForwardProblem::new, GEOMETRIES).run(device);
        check(new Conv2dForwardFamily(), Conv2dForwardProblem::new, MULTIPLIED).run(device);
        check(new Conv2dBackwardDataFamily(), Conv2dBackwardDataProblem::new, GEOMETRIES).run(device);
        check(new Conv2dBackwardWeightsFamily(), Conv2dBackwardWeightsProblem::new, GEOMETRIES).run(device);
        check(new Conv2dBackwardWeightsFamily(), Conv2dBackwardWeightsProblem::new, MULTIPLIED).run(device);
        check(new Conv2dBackwardWeightsFamily(), Conv2dBackwardWeightsProblem::new, LARGE).run(device);
    }

    @Test
    void epiloguesRideOnTheOutputs() {
        Device device = TestDevices.shared("opencl:0");
        List<Conv2dGeometry> small = Collections.nCopies(2, same(2, 5, 6, 7, 3, 1));
        check(new Conv2dForwardFamily(), Conv2dForwardProblem::new, small).epilogues().run(device);
        check(new Conv2dBackwardDataFamily(), Conv2dBackwardDataProblem::new, small).epilogues().run(device);
        check(new Conv2dBackwardWeightsFamily(), Conv2dBackwardWeightsProblem::new, small).epilogues().run(device);
    }

    @Test
    void itIsChosenForDepthwiseLayersAlone() {
        Selector selector = new Selector(Families.load(), TestDevices.shared("opencl:0").info(), Pins.none());
        Conv2dGeometry depthwise = same(8, 64, 56, 56, 3, 2);
        assertThat(List.of(choice(selector, new Conv2dForwardProblem(depthwise)), choice(selector, new Conv2dBackwardDataProblem(depthwise)),
                choice(selector, new Conv2dBackwardWeightsProblem(depthwise)))).containsOnly(RUNG);
        Conv2dGeometry grouped = Conv2dGeometry.of(Shape.of(8, 64, 56, 56), Shape.of(64, 2, 3, 3), 1, 1, 1, 1, 1, 1, 1, 1, 32);
        assertThat(List.of(choice(selector, new Conv2dForwardProblem(grouped)), choice(selector, new Conv2dBackwardDataProblem(grouped)),
                choice(selector, new Conv2dBackwardWeightsProblem(grouped)))).doesNotContain(RUNG);
    }

    private static <P extends Problem> String choice(Selector selector, P problem) {
        return selector.choose("conv", problem, Epilogue.none()).variant().name();
    }

    @Test
    @Tag("oclgrind")
    void simulatedKernelsStayInBoundsAndDoNotRace() {
        Device device = Sanitizer.device();
        List<Conv2dGeometry> small = List.of(same(1, 2, 4, 17, 3, 1), same(2, 2, 3, 35, 3, 2),
                Conv2dGeometry.of(Shape.of(1, 2, 5, 8), Shape.of(2, 1, 2, 3), 1, 3, 0, 1, 2, 0, 2, 1, 2));
        check(new Conv2dForwardFamily(), Conv2dForwardProblem::new, small).run(device);
        check(new Conv2dBackwardDataFamily(), Conv2dBackwardDataProblem::new, small).run(device);
        check(new Conv2dBackwardWeightsFamily(), Conv2dBackwardWeightsProblem::new, small).run(device);
    }
}
