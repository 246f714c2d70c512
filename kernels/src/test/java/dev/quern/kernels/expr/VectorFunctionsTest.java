package dev.quern.kernels.expr;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.runtime.DType;
import dev.quern.runtime.Device;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.KernelText;
import dev.quern.runtime.Launch;
import dev.quern.runtime.Memory;
import dev.quern.runtime.Recording;
import dev.quern.runtime.Shape;
import dev.quern.runtime.Staging;
import dev.quern.runtime.testing.TestDevices;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Functions of vectors against their meaning in units of the last place, over all numbers that F32 has. */
class VectorFunctionsTest {
    private static final int COUNT = 1 << 18;

    /** Numbers evenly among all bit patterns, numbers evenly in [-20, 20) and in [-1, 1), and those at the ends. */
    private static HostTensor numbers() {
        HostTensor numbers = HostTensor.zeros(DType.F32, Shape.of(COUNT));
        for (int i = 0; i < COUNT; i++) {
            numbers.set(i, switch (i % 4) {
                case 0, 1 -> Float.intBitsToFloat((i / 2) << 15 | 0x3a5c & i * 7);
                case 2 -> i * (40.0 / COUNT) - 20;
                default -> i * (2.0 / COUNT) - 1;
            });
        }
        float[] ends = {0f, -0f, 1f, -1f, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.MIN_VALUE, -Float.MIN_VALUE,
            Float.MIN_NORMAL, -Float.MIN_NORMAL, Float.MAX_VALUE, -Float.MAX_VALUE, 88.72f, 88.73f, -87.4f, -103.9f, -104.5f};
        for (int i = 0; i < ends.length; i++) {
            numbers.set(i, ends[i]);
        }
        return numbers;
    }

    static Stream<Arguments> functions() {
        return Stream.of(Arguments.of(ElementwiseFunction.EXP, 1.6), Arguments.of(ElementwiseFunction.EXPM1, 1.7),
                Arguments.of(ElementwiseFunction.LOG, 1.1), Arguments.of(ElementwiseFunction.LOG1P, 1.8),
                Arguments.of(ElementwiseFunction.TANH, 4.5), Arguments.of(ElementwiseFunction.ERF, 4.5),
                Arguments.of(ElementwiseFunction.SIGMOID, 2.6), Arguments.of(ElementwiseFunction.SOFTPLUS, 2.6));
    }

    @ParameterizedTest
    @MethodSource("functions")
    void everyNumberComesOutWithinUnitsOfTheLastPlace(ElementwiseFunction function, double allowed) {
        HostTensor x = numbers();
        HostTensor y = run(function, x);
        double worst = 0;
        double at = 0;
        for (int i = 0; i < COUNT; i++) {
            double expected = function.apply(x.get(i), 0, 0);
            double off = off(expected, y.get(i));
            if (!(off <= worst)) {
                worst = off;
                at = x.get(i);
            }
        }
        assertThat(worst).as("%s is the furthest off at %s", function, at).isLessThanOrEqualTo(allowed);
    }

    /**
     * How far a number is from the expected one, in units of the last place of that as F32; NaN where only one is a number. What is
     * below the normal numbers may come out as 0.
     */
    private static double off(double expected, double actual) {
        float near = (float) expected;
        if (Double.compare(near, actual) == 0 || Math.abs(near) < Float.MIN_NORMAL && actual == 0) {
            return 0;
        }
        if (Float.isInfinite(near)) {
            return Math.abs(actual) == Float.MAX_VALUE ? 1 : Double.NaN;
        }
        return Double.isNaN(expected) || Double.isNaN(actual) ? Double.NaN : Math.abs(expected - actual) / Math.ulp(near);
    }

    private static HostTensor run(ElementwiseFunction function, HostTensor x) {
        Device device = TestDevices.shared("opencl:0");
        Expr call = new Expr.Call(function, List.of(Expressions.input(0)));
        ExprText body = new ExprText(16, "t", input -> "x");
        String value = body.value(call);
        String text = "#pragma OPENCL FP_CONTRACT OFF\n" + ExprText.helpers(List.of(call), 16) + """
                Q_KERNEL Q_REQD_GROUP(1, 1, 1) void apply(Q_GLOBAL const float* a, Q_GLOBAL float* y) {
                    const float16 x = vload16(Q_GROUP_ID(0), a);
                """ + String.join("\n", body.statements()) + "\n    vstore16(" + value + ", Q_GROUP_ID(0), y);\n}\n";
        try (Memory source = device.allocate(4L * COUNT, "x");
                Memory target = device.allocate(4L * COUNT, "y");
                Staging staging = device.staging(4L * COUNT);
                Recording recording = device.record(List.of(new Launch("apply",
                        device.compile(KernelText.of("expr/vectors", Dialect.OPENCL, text)).kernel("apply"), Grid.ofTiles(COUNT / 16),
                        List.of(source.slice(), target.slice()))))) {
            MemorySegment.copy(x.memory(), 0, staging.memory(), 0, 4L * COUNT);
            device.queue().write(staging, source.slice());
            device.queue().run(recording);
            device.queue().read(target.slice(), staging);
            staging.await();
            return HostTensor.of(DType.F32, x.shape(), staging.memory().asSlice(0, 4L * COUNT));
        }
    }
}
