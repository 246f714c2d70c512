package dev.quern.kernels.conv;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.Problem;
import dev.quern.kernels.testing.KernelCheck;
import dev.quern.kernels.testing.Sanitizer;
import dev.quern.runtime.Shape;
import dev.quern.runtime.testing.TestDevices;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The backward passes over many channels: what the rungs that turn channels into lanes cut into blocks, bands and slices. */
class Conv2dBackwardVariantsTest {
    private static final List<Conv2dGeometry> GEOMETRIES = List.of(
            // Two and three vectors of channels with empty lanes, blocks of output channels with a rest.
            Conv2dGeometry.plain(Shape.of(3, 30, 9, 11), Shape.of(27, 30, 3, 3), 1, 1),
            Conv2dGeometry.plain(Shape.of(2, 40, 6, 5), Shape.of(15, 40, 1, 3), 0, 1),
            // More output channels than a chunk, and small planes, several of which go together.
            Conv2dGeometry.plain(Shape.of(5, 17, 4, 4), Shape.of(150, 17, 3, 3), 1, 1),
            // Rows that only fit band by band.
            Conv2dGeometry.plain(Shape.of(1, 33, 70, 61), Shape.of(40, 33, 3, 3), 1, 1),
            // Phases of strides, with and without taps; padding and dilation that differ between axes and sides.
            Conv2dGeometry.of(Shape.of(2, 20, 15, 14), Shape.of(9, 20, 3, 3), 2, 2, 1, 1, 1, 1, 1, 1, 1),
            Conv2dGeometry.of(Shape.of(2, 20, 11, 13), Shape.of(14, 20, 3, 2), 2, 3, 1, 0, 2, 1, 1, 2, 1),
            Conv2dGeometry.of(Shape.of(1, 18, 9, 10), Shape.of(5, 18, 3, 4), 3, 2, 2, 1, 0, 3, 2, 3, 1),
            // 1x1: plain on a small plane and on rows, strided, padded.
            Conv2dGeometry.plain(Shape.of(3, 33, 7, 7), Shape.of(29, 33, 1, 1), 0, 0),
            Conv2dGeometry.plain(Shape.of(2, 16, 6, 28), Shape.of(300, 16, 1, 1), 0, 0),
            Conv2dGeometry.of(Shape.of(2, 32, 9, 8), Shape.of(20, 32, 1, 1), 2, 2, 0, 0, 0, 0, 1, 1, 1),
            Conv2dGeometry.of(Shape.of(1, 16, 5, 6), Shape.of(8, 16, 1, 1), 1, 2, 1, 2, 3, 1, 1, 1, 1),
            // Padding behind the last pixels alone: columns and rows of dy that no pixel sees.
            Conv2dGeometry.of(Shape.of(2, 14, 6, 13), Shape.of(53, 14, 1, 1), 1, 1, 0, 0, 0, 1, 1, 1, 1),
            Conv2dGeometry.of(Shape.of(1, 14, 7, 29), Shape.of(5, 14, 1, 1), 2, 2, 0, 3, 0, 2, 1, 1, 1),
            // Groups; padding wider than the filter.
            Conv2dGeometry.of(Shape.of(2, 24, 8, 9), Shape.of(10, 12, 3, 3), 1, 1, 1, 1, 1, 1, 1, 1, 2),
            Conv2dGeometry.plain(Shape.of(1, 16, 4, 3), Shape.of(6, 16, 2, 2), 3, 4));

    private static <P extends Problem> KernelCheck<P> check(KernelFamily<P> family, Function<Conv2dGeometry, P> problem,
            List<Conv2dGeometry> geometries) {
        return ConvRungs.others(family, problem, geometries).partial();
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void backwardDataMatchesItsReference(String device) {
        check(new Conv2dBackwardDataFamily(), Conv2dBackwardDataProblem::new, GEOMETRIES).run(TestDevices.shared(device));
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void backwardWeightsMatchesItsReference(String device) {
        check(new Conv2dBackwardWeightsFamily(), Conv2dBackwardWeightsProblem::new, GEOMETRIES).run(TestDevices.shared(device));
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void epiloguesRideOnManyChannels(String device) {
        List<Conv2dGeometry> small = Collections.nCopies(7,
                Conv2dGeometry.plain(Shape.of(2, 18, 5, 4), Shape.of(5, 18, 2, 1), 0, 0));
        check(new Conv2dBackwardDataFamily(), Conv2dBackwardDataProblem::new, small).epilogues().run(TestDevices.shared(device));
        check(new Conv2dBackwardWeightsFamily(), Conv2dBackwardWeightsProblem::new, small).epilogues()
                .run(TestDevices.shared(device));
    }

    /** Small: the simulator interprets each work-item. */
    private static final List<Conv2dGeometry> SIMULATED = List.of(
            Conv2dGeometry.plain(Shape.of(2, 17, 4, 5), Shape.of(5, 17, 3, 3), 1, 1),
            Conv2dGeometry.of(Shape.of(1, 16, 5, 6), Shape.of(4, 16, 3, 1), 2, 3, 1, 0, 0, 0, 1, 1, 1),
            Conv2dGeometry.plain(Shape.of(1, 16, 3, 4), Shape.of(30, 16, 1, 1), 0, 0),
            Conv2dGeometry.of(Shape.of(1, 2, 4, 17), Shape.of(2, 1, 3, 3), 1, 1, 1, 1, 1, 1, 1, 1, 2));

    @Test
    @Tag("oclgrind")
    void simulatedKernelsStayInBoundsAndDoNotRace() {
        check(new Conv2dBackwardDataFamily(), Conv2dBackwardDataProblem::new, SIMULATED).run(Sanitizer.device());
        check(new Conv2dBackwardWeightsFamily(), Conv2dBackwardWeightsProblem::new, SIMULATED)
                .run(Sanitizer.device());
    }
}
