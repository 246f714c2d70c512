package dev.quern.kernels.expr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Holds every row of the table: its derivative against differences, its blocks against its meaning. */
class ElementwiseFunctionTest {
    /** Where a function has kinks or poles, arguments stay this far from them. */
    private static final double FROM_KINK = 0.05;

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = {"TO_F16", "TO_BF16"})
    void derivativesAgreeWithCentralDifferences(ElementwiseFunction function) {
        Random random = new Random(7);
        for (int trial = 0; trial < 200; trial++) {
            double[] x = arguments(function, random);
            Expr[] inputs = {new Expr.Input(0), new Expr.Input(1), new Expr.Input(2)};
            List<Expr> arguments = List.of(inputs).subList(0, function.arity());
            List<Expr> derivatives = function.derivatives(arguments, new Expr.Call(function, arguments));
            assertThat(derivatives).hasSize(function.arity());
            for (int i = 0; i < function.arity(); i++) {
                double step = 1e-6;
                double[] up = x.clone();
                double[] down = x.clone();
                up[i] += step;
                down[i] -= step;
                double difference = (function.apply(up[0], up[1], up[2]) - function.apply(down[0], down[1], down[2]))
                        / (2 * step);
                double derivative = evaluate(derivatives.get(i), x);
                assertThat(derivative).as("%s, argument %d at %s", function, i, List.of(x[0], x[1], x[2]))
                        .isCloseTo(difference, within(1e-5 * (1 + Math.abs(difference))));
            }
        }
    }

    private static double[] arguments(ElementwiseFunction function, Random random) {
        double[] x = new double[3];
        boolean apart;
        do {
            for (int i = 0; i < 3; i++) {
                x[i] = random.nextDouble() * 4 - 2;
            }
            if (List.of("pow", "log", "sqrt", "rsqrt", "log1p").contains(function.label())) {
                x[0] = Math.abs(x[0]) + 0.1;
            } else if (List.of("asin", "acos").contains(function.label())) {
                x[0] *= 0.45;
            } else if (function == ElementwiseFunction.TAN) {
                x[0] *= 0.6;
            }
            apart = Math.abs(x[0]) > FROM_KINK && Math.abs(x[1]) > FROM_KINK && Math.abs(x[0] - x[1]) > FROM_KINK
                    && Math.abs(x[0] * 2 - Math.rint(x[0] * 2)) > FROM_KINK;
        } while (!apart);
        return x;
    }

    @ParameterizedTest
    @EnumSource
    void blocksAgreeWithTheMeaning(ElementwiseFunction function) {
        List<Expr> arguments = new ArrayList<>();
        for (int i = 0; i < function.arity(); i++) {
            arguments.add(new Expr.Input(i));
        }
        BlockExpression.Frame frame = new HostExpression(3, List.of(new Expr.Call(function, arguments))).frame();
        Random random = new Random(11);
        float[] special = {0f, -0f, 1f, -1f, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1e30f, -1e30f, 2.5f};
        int count = BlockExpression.BLOCK;
        for (int i = 0; i < 3; i++) {
            for (int e = 0; e < count; e++) {
                frame.input(i)[e] = e < 100 ? special[i == 0 ? e / 10 : e % 10] : (float) random.nextGaussian();
            }
        }
        frame.evaluate(count);
        for (int e = 0; e < count; e++) {
            float expected = (float) function.apply(frame.input(0)[e], frame.input(1)[e], frame.input(2)[e]);
            float actual = frame.result(0)[e];
            boolean equal = Float.compare(actual, expected) == 0 || actual == expected
                    || Math.abs((double) actual - expected) <= 2.0 * Math.ulp(expected);
            assertThat(equal).as("%s of %s, %s: expected %s, got %s", function, frame.input(0)[e], frame.input(1)[e],
                    expected, actual).isTrue();
        }
    }

    /** Values from Abramowitz and Stegun, table 7.1, and from DLMF 7.2. */
    @ParameterizedTest
    @CsvSource({"0, 0", "0.1, 0.1124629160182849", "0.5, 0.5204998778130465", "1, 0.8427007929497149",
            "2, 0.9953222650189527", "2.6, 0.9997639655834707", "3.5, 0.9999992569016276", "-1, -0.8427007929497149",
            "30, 1", "NaN, NaN"})
    void errorFunctionHasItsTabulatedValues(double x, double expected) {
        if (Double.isNaN(expected)) {
            assertThat(ErrorFunction.erf(x)).isNaN();
        } else {
            assertThat(ErrorFunction.erf(x)).isCloseTo(expected, within(1e-13));
        }
    }

    private static double evaluate(Expr expr, double[] x) {
        return switch (expr) {
            case Expr.Input input -> x[input.index()];
            case Expr.Constant constant -> constant.value();
            case Expr.Call call -> {
                double[] values = {0, 0, 0};
                for (int i = 0; i < call.arguments().size(); i++) {
                    values[i] = evaluate(call.arguments().get(i), x);
                }
                yield call.function().apply(values[0], values[1], values[2]);
            }
        };
    }
}
