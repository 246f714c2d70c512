package dev.quern.graph.expr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.quern.kernels.expr.ElementwiseFunction;
import dev.quern.kernels.expr.Expr;
import dev.quern.kernels.expr.Expressions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Every fold gives the bits of what it replaces, tried on all expressions of two levels. */
class SimplifierTest {
    private static final float[] NUMBERS = {0f, -0f, 1f, -1f, 2f, 0.5f, 3f, -7.25f, 1e-3f, 1e20f, -1e20f, 65519.9f, 6e-8f,
        Float.MAX_VALUE, Float.MIN_NORMAL, -Float.MIN_VALUE, 3 * Float.MIN_VALUE, 1.0009766f, 0.33333334f, Float.NaN, Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY};

    private static List<Expr> leaves() {
        List<Expr> leaves = new ArrayList<>(List.of(Expressions.input(0), Expressions.input(1)));
        for (double number : new double[] {0, 1, -1, 2, 0.25, -4, 3}) {
            leaves.add(Expressions.constant(number));
        }
        return leaves;
    }

    /** Inputs, numbers and each function of one argument, and a truth, over an input. */
    private static List<Expr> arguments() {
        List<Expr> arguments = leaves();
        for (ElementwiseFunction function : ElementwiseFunction.values()) {
            if (function.arity() == 1) {
                arguments.add(Expressions.call(function, Expressions.input(0)));
                arguments.add(Expressions.call(function, Expressions.input(1)));
            }
        }
        arguments.add(Expressions.less(Expressions.input(0), Expressions.input(1)));
        return arguments;
    }

    /** As kernels compute: each function rounds to F32. */
    private static float value(Expr expr, float x, float y) {
        return switch (expr) {
            case Expr.Input input -> input.index() == 0 ? x : y;
            case Expr.Constant constant -> constant.value();
            case Expr.Call call -> {
                List<Expr> in = call.arguments();
                float a = value(in.getFirst(), x, y);
                float b = in.size() > 1 ? value(in.get(1), x, y) : a;
                yield (float) call.function().apply(a, b, value(in.getLast(), x, y));
            }
        };
    }

    private static boolean foldsExactly(Expr plain) {
        Expr folded = Simplifier.simplify(plain);
        if (folded.equals(plain)) {
            return false;
        }
        for (float x : NUMBERS) {
            for (float y : NUMBERS) {
                float expected = value(plain, x, y);
                float actual = value(folded, x, y);
                // Zeros of either sign are one.
                if (!(actual == expected || Float.isNaN(actual) && Float.isNaN(expected))) {
                    fail("%s became %s: with %s and %s it is %s and was %s", ExprForm.text(plain), ExprForm.text(folded), x, y, actual,
                            expected);
                }
            }
        }
        return true;
    }

    @Test
    void everyFoldKeepsTheBits() {
        Set<ElementwiseFunction> folded = new TreeSet<>();
        List<Expr> leaves = leaves();
        List<Expr> arguments = arguments();
        for (ElementwiseFunction function : ElementwiseFunction.values()) {
            for (Expr a : arguments) {
                if (function.arity() == 1) {
                    note(folded, function, a);
                    continue;
                }
                for (Expr b : function.arity() == 2 ? arguments : leaves) {
                    if (function.arity() == 2) {
                        note(folded, function, a, b);
                    } else {
                        leaves.forEach(c -> note(folded, function, a, b, c));
                    }
                }
            }
        }
        assertThat(folded).contains(ElementwiseFunction.ADD, ElementwiseFunction.SUB, ElementwiseFunction.MUL, ElementwiseFunction.DIV,
                ElementwiseFunction.NEG, ElementwiseFunction.ABS, ElementwiseFunction.SQUARE, ElementwiseFunction.RELU,
                ElementwiseFunction.POW, ElementwiseFunction.SELECT, ElementwiseFunction.NOT_EQUAL, ElementwiseFunction.MAXIMUM);
    }

    private static void note(Set<ElementwiseFunction> folded, ElementwiseFunction function, Expr... arguments) {
        if (foldsExactly(Expressions.call(function, arguments))) {
            folded.add(function);
        }
    }

    @Test
    void whatWouldChangeBitsIsLeftAlone() {
        Expr x = Expressions.input(0);
        Expr y = Expressions.input(1);
        for (Expr expr : List.of(Expressions.mul(x, Expressions.constant(0)), Expressions.div(x, Expressions.constant(3)),
                Expressions.add(Expressions.add(x, Expressions.constant(1)), Expressions.constant(-1)),
                Expressions.sub(Expressions.add(x, y), y), Expressions.div(x, x), Expressions.sub(x, x),
                Expressions.log(Expressions.exp(x)), Expressions.square(Expressions.call(ElementwiseFunction.SQRT, x)),
                Expressions.equal(x, x), Expressions.div(x, Expressions.constant(0x1p-127)))) {
            assertThat(Simplifier.simplify(expr)).isEqualTo(expr);
        }
    }
}
