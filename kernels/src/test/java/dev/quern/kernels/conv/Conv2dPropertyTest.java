package dev.quern.kernels.conv;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.Problem;
import dev.quern.kernels.testing.Choices;
import dev.quern.kernels.testing.KernelCheck;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import dev.quern.runtime.testing.TestDevices;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Problems of the three passes, drawn at random. */
class Conv2dPropertyTest {
    /** R, S, strides and dilations. */
    private static final int[][] FILTERS = {{1, 1, 1, 1, 1, 1}, {3, 3, 1, 1, 1, 1}, {3, 3, 1, 1, 1, 1}, {1, 1, 2, 2, 1, 1},
        {5, 3, 1, 1, 2, 1}, {3, 2, 2, 1, 1, 2}, {3, 3, 2, 2, 1, 1}};

    @ParameterizedTest
    @Tag("fuzz")
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void forward(String device) {
        check(new Conv2dForwardFamily(), Conv2dForwardProblem::new, device);
    }

    @ParameterizedTest
    @Tag("fuzz")
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void backwardData(String device) {
        check(new Conv2dBackwardDataFamily(), Conv2dBackwardDataProblem::new, device);
    }

    @ParameterizedTest
    @Tag("fuzz")
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void backwardWeights(String device) {
        check(new Conv2dBackwardWeightsFamily(), Conv2dBackwardWeightsProblem::new, device);
    }

    private interface Stored<P> {
        P of(Conv2dGeometry geometry, DType first, DType second, DType result);
    }

    private static <P extends Problem> void check(KernelFamily<P> family, Stored<P> problem, String device) {
        KernelCheck.of(family).epilogues().drawn(choices -> {
            Choices form = choices.form();
            DType stored = form.storage();
            return problem.of(geometry(choices), stored, stored, form.yes() ? DType.F32 : stored);
        }).run(TestDevices.shared(device));
    }

    /** The filter and what is special about the channels are the form; sizes and padding are a case's own. */
    private static Conv2dGeometry geometry(Choices choices) {
        Choices form = choices.form();
        int[] f = form.oneOf(FILTERS);
        boolean depthwise = form.oneIn(4);
        int groups = form.oneOf(1, 1, 1, 3);
        int channels = groups * choices.extent(24);
        int outputs = depthwise ? channels * choices.oneOf(1, 1, 2) : groups * choices.extent(56);
        groups = depthwise ? channels : groups;
        int[] pads = new int[4];
        for (int i = 0; i < pads.length; i++) {
            pads[i] = choices.between(0, 2);
        }
        int h = (choices.extent(14) - 1) * f[2] + (f[0] - 1) * f[4] + 1 - pads[0] - pads[1] + choices.between(0, f[2] - 1);
        int w = (choices.extent(20) - 1) * f[3] + (f[1] - 1) * f[5] + 1 - pads[2] - pads[3] + choices.between(0, f[3] - 1);
        return Conv2dGeometry.of(Shape.of(choices.between(1, 2), channels, Math.max(h, 1), Math.max(w, 1)),
                Shape.of(outputs, channels / groups, f[0], f[1]), f[2], f[3], pads[0], pads[1], pads[2], pads[3], f[4], f[5], groups);
    }
}
