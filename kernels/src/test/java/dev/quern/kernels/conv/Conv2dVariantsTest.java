package dev.quern.kernels.conv;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.Problem;
import dev.quern.kernels.testing.Sanitizer;
import dev.quern.runtime.Device;
import dev.quern.runtime.Shape;
import dev.quern.runtime.testing.TestDevices;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every rung of every pass against its reference, over the attributes and odd sizes; {@link BlockedConv2dTest} has the others. */
class Conv2dVariantsTest {
    private static final List<Conv2dGeometry> GEOMETRIES = List.of(
            // LeNet's two layers, a few images.
            Conv2dGeometry.plain(Shape.of(3, 1, 28, 28), Shape.of(6, 1, 5, 5), 2, 2),
            Conv2dGeometry.plain(Shape.of(3, 6, 14, 14), Shape.of(16, 6, 5, 5), 0, 0),
            // 3x3 with padding, more channels than a block; one image of a larger plane.
            Conv2dGeometry.plain(Shape.of(2, 17, 9, 11), Shape.of(33, 17, 3, 3), 1, 1),
            Conv2dGeometry.plain(Shape.of(1, 3, 40, 37), Shape.of(5, 3, 3, 3), 1, 1),
            // Strides, dilation and padding that differ between axes and sides; input rows that no window reaches.
            Conv2dGeometry.of(Shape.of(2, 3, 23, 19), Shape.of(8, 3, 7, 5), 2, 3, 3, 1, 0, 2, 1, 1, 1),
            Conv2dGeometry.of(Shape.of(2, 2, 13, 12), Shape.of(3, 2, 5, 3), 1, 1, 2, 2, 1, 3, 2, 3, 1),
            Conv2dGeometry.of(Shape.of(1, 2, 12, 12), Shape.of(3, 2, 2, 2), 4, 5, 0, 0, 0, 0, 1, 1, 1),
            // Groups, depthwise.
            Conv2dGeometry.of(Shape.of(2, 4, 11, 11), Shape.of(6, 2, 3, 3), 2, 2, 0, 0, 0, 0, 1, 1, 2),
            Conv2dGeometry.of(Shape.of(2, 6, 10, 10), Shape.of(6, 1, 3, 3), 1, 1, 1, 1, 1, 1, 1, 1, 6),
            // As small as it gets; a filter nearly as large as the image; padding wider than the filter.
            Conv2dGeometry.plain(Shape.of(1, 1, 1, 1), Shape.of(1, 1, 1, 1), 0, 0),
            Conv2dGeometry.plain(Shape.of(1, 1, 40, 30), Shape.of(9, 1, 37, 27), 0, 0),
            Conv2dGeometry.plain(Shape.of(1, 1, 4, 3), Shape.of(2, 1, 2, 2), 3, 4));

    private static <P extends Problem> void check(KernelFamily<P> family, Function<Conv2dGeometry, P> problem, String device) {
        ConvRungs.others(family, problem, GEOMETRIES).run(TestDevices.shared(device));
        // Each epilogue is a program of its own, so they take turns on a geometry whose kernels are quick to compile.
        Conv2dGeometry small = Conv2dGeometry.plain(Shape.of(2, 3, 7, 5), Shape.of(5, 3, 1, 2), 0, 0);
        ConvRungs.others(family, problem, Collections.nCopies(8, small)).partial().epilogues().run(TestDevices.shared(device));
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void forwardMatchesItsReference(String device) {
        check(new Conv2dForwardFamily(), Conv2dForwardProblem::new, device);
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void backwardDataMatchesItsReference(String device) {
        check(new Conv2dBackwardDataFamily(), Conv2dBackwardDataProblem::new, device);
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void backwardWeightsMatchesItsReference(String device) {
        check(new Conv2dBackwardWeightsFamily(), Conv2dBackwardWeightsProblem::new, device);
    }

    /** Small: the simulator interprets each work-item. */
    private static final List<Conv2dGeometry> SIMULATED = List.of(
            Conv2dGeometry.plain(Shape.of(2, 2, 5, 6), Shape.of(17, 2, 3, 3), 1, 1),
            Conv2dGeometry.of(Shape.of(1, 2, 7, 6), Shape.of(4, 1, 3, 2), 2, 3, 1, 0, 0, 1, 2, 1, 2),
            // Depthwise, one output channel for each input channel.
            Conv2dGeometry.of(Shape.of(1, 3, 6, 5), Shape.of(3, 1, 3, 3), 1, 1, 1, 1, 1, 1, 1, 1, 3),
            Conv2dGeometry.plain(Shape.of(1, 5, 3, 4), Shape.of(3, 5, 2, 2), 0, 0));

    @Test
    @Tag("oclgrind")
    void simulatedKernelsStayInBoundsAndDoNotRace() {
        Device device = Sanitizer.device();
        ConvRungs.others(new Conv2dForwardFamily(), Conv2dForwardProblem::new, SIMULATED).run(device);
        ConvRungs.others(new Conv2dBackwardDataFamily(), Conv2dBackwardDataProblem::new, SIMULATED).run(device);
        ConvRungs.others(new Conv2dBackwardWeightsFamily(), Conv2dBackwardWeightsProblem::new, SIMULATED).run(device);
    }
}
