package dev.quern.kernels.conv;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.Problem;
import dev.quern.kernels.Variant;
import dev.quern.kernels.testing.KernelCheck;
import dev.quern.runtime.DType;
import dev.quern.runtime.Device;
import dev.quern.runtime.Shape;
import dev.quern.runtime.testing.TestDevices;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random problems of the three passes: {@code -Dquern.fuzz.cases=1000 -Dquern.fuzz.seed=2} goes on. Rungs whose few
 * programs serve many problems see every one. Of the others, whose programs take a driver up to a second to build, one that
 * supports the problem sees every fourth, in turns.
 */
class Conv2dPropertyTest {
    private static final Set<String> ALWAYS = Set.of("naive", "im2col_gemm", "depthwise_cpu", "shifted_rows", "scattered_rows",
            "dot_products", "scaled_patches");
    private static final int TURN = 4;
    private static final DType[] STORED = {DType.F32, DType.F32, DType.F32, DType.F16, DType.BF16};
    /** R, S, strides and dilations; few, so that problems share programs. */
    private static final int[][] FILTERS = {{3, 3, 1, 1, 1, 1}, {3, 3, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1}, {1, 1, 2, 2, 1, 1},
        {5, 3, 1, 1, 2, 1}, {3, 2, 2, 1, 1, 2}};
    /** Output rows and columns; few for the same reason. */
    private static final int[][] OUTPUTS = {{6, 14}, {6, 14}, {14, 5}};

    @ParameterizedTest
    @Tag("fuzz")
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void forward(String device) {
        check(new Conv2dForwardFamily(), Conv2dForwardProblem::new, TestDevices.shared(device));
    }

    @ParameterizedTest
    @Tag("fuzz")
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void backwardData(String device) {
        check(new Conv2dBackwardDataFamily(), Conv2dBackwardDataProblem::new, TestDevices.shared(device));
    }

    @ParameterizedTest
    @Tag("fuzz")
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void backwardWeights(String device) {
        check(new Conv2dBackwardWeightsFamily(), Conv2dBackwardWeightsProblem::new, TestDevices.shared(device));
    }

    private interface Stored<P> {
        P of(Conv2dGeometry geometry, DType first, DType second, DType result);
    }

    private static <P extends Problem> void check(KernelFamily<P> family, Stored<P> problem, Device device) {
        long seed = Long.getLong("quern.fuzz.seed", 11);
        int cases = Integer.getInteger("quern.fuzz.cases", 40);
        List<Variant<P>> all = family.variants().stream().filter(one -> device.info().runs(one.dialect())).toList();
        Random random = new Random(seed);
        for (int i = 0; i < cases; i++) {
            Conv2dGeometry geometry = random(random);
            DType stored = STORED[random.nextInt(STORED.length)];
            P drawn = problem.of(geometry, stored, stored, random.nextBoolean() ? stored : DType.F32);
            List<String> rungs = new ArrayList<>(all.stream().map(Variant::name).filter(ALWAYS::contains).toList());
            List<String> others = all.stream().filter(one -> one.supports(drawn, device.info()).yes()).map(Variant::name)
                    .filter(name -> !ALWAYS.contains(name)).toList();
            if (i % TURN == 0 && !others.isEmpty()) {
                rungs.add(others.get(i / TURN % others.size()));
            }
            KernelCheck.of(family).problems(List.of(drawn)).only(rungs.toArray(String[]::new)).partial().seed(seed + i).run(device);
        }
    }

    private static Conv2dGeometry random(Random random) {
        while (true) {
            int[] f = FILTERS[random.nextInt(FILTERS.length)];
            int reachH = (f[0] - 1) * f[4];
            int reachW = (f[1] - 1) * f[5];
            int[] pads = random.ints(4, 0, 3).toArray();
            int[] outputs = OUTPUTS[random.nextInt(OUTPUTS.length)];
            int h = (outputs[0] - 1) * f[2] + reachH + 1 - pads[0] - pads[1] + random.nextInt(f[2]);
            int w = (outputs[1] - 1) * f[3] + reachW + 1 - pads[2] - pads[3] + random.nextInt(f[3]);
            int groups = pick(random, 1, 1, 1, 3);
            int c = groups * (1 + random.nextInt(20));
            int k = groups * pick(random, 1 + random.nextInt(16), 17 + random.nextInt(40));
            if (random.nextInt(4) == 0) {
                groups = c;
                k = c * pick(random, 1, 1, 2);
            }
            if (h > 0 && w > 0) {
                return Conv2dGeometry.of(Shape.of(pick(random, 2, 2, 2, 1), c, h, w), Shape.of(k, c / groups, f[0], f[1]), f[2], f[3],
                        pads[0], pads[1], pads[2], pads[3], f[4], f[5], groups);
            }
        }
    }

    private static int pick(Random random, int... values) {
        return values[random.nextInt(values.length)];
    }
}
