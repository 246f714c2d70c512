package dev.quern.graph.expr;

import static dev.quern.kernels.expr.Expressions.constant;

import dev.quern.kernels.expr.ElementwiseFunction;
import dev.quern.kernels.expr.Expr;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * Rebuilds expressions with their inputs replaced, folding on the way. Every fold gives the same bits in F32 for every finite and
 * infinite argument and keeps NaN, up to the sign of a zero: nothing is multiplied away by 0, sums and products are not reordered,
 * and a division becomes a multiplication only by a power of two whose reciprocal is a normal number. Inexact folds there are none.
 */
public final class Simplifier {
    private final IntFunction<Expr> inputs;
    private final boolean constants;
    private final boolean algebra;
    private final Map<Expr, Expr> done = new HashMap<>();

    private Simplifier(IntFunction<Expr> inputs, boolean constants, boolean algebra) {
        this.inputs = inputs;
        this.constants = constants;
        this.algebra = algebra;
    }

    /** The expression, folded. */
    public static Expr simplify(Expr expr) {
        return substitute(expr, Expr.Input::new);
    }

    /** The expression with each input replaced, folded. */
    public static Expr substitute(Expr expr, IntFunction<Expr> inputs) {
        return substitute(expr, inputs, true, true);
    }

    /**
     * The expression with each input replaced, folded as far as is asked for.
     *
     * @param constants whether functions of constants become constants
     * @param algebra   whether rules of algebra are applied
     */
    public static Expr substitute(Expr expr, IntFunction<Expr> inputs, boolean constants, boolean algebra) {
        return new Simplifier(inputs, constants, algebra).rebuild(expr);
    }

    private Expr rebuild(Expr expr) {
        Expr known = done.get(expr);
        if (known != null) {
            return known;
        }
        Expr result = switch (expr) {
            case Expr.Input input -> inputs.apply(input.index());
            case Expr.Constant constant -> constant;
            case Expr.Call call -> {
                List<Expr> arguments = new ArrayList<>();
                call.arguments().forEach(argument -> arguments.add(rebuild(argument)));
                boolean number = arguments.stream().allMatch(Expr.Constant.class::isInstance);
                yield (number ? constants : algebra) ? fold(call.function(), arguments) : new Expr.Call(call.function(), arguments);
            }
        };
        done.put(expr, result);
        return result;
    }

    /** A function applied to arguments that are already simple. */
    public static Expr fold(ElementwiseFunction function, List<Expr> arguments) {
        Expr a = arguments.getFirst();
        Expr b = arguments.size() > 1 ? arguments.get(1) : a;
        if (arguments.stream().allMatch(Expr.Constant.class::isInstance)) {
            Expr c = arguments.getLast();
            return constant((float) function.apply(value(a), value(b), value(c)));
        }
        Expr plain = new Expr.Call(function, arguments);
        return switch (function) {
            case ADD -> is(a, 0) ? b : is(b, 0) ? a : is(b, ElementwiseFunction.NEG) ? fold(ElementwiseFunction.SUB, List.of(a, argument(b)))
                    : is(a, ElementwiseFunction.NEG) ? fold(ElementwiseFunction.SUB, List.of(b, argument(a))) : plain;
            case SUB -> is(b, 0) ? a : is(a, 0) ? fold(ElementwiseFunction.NEG, List.of(b))
                    : is(b, ElementwiseFunction.NEG) ? fold(ElementwiseFunction.ADD, List.of(a, argument(b))) : plain;
            case MUL -> is(a, 1) ? b : is(b, 1) ? a : is(a, -1) ? fold(ElementwiseFunction.NEG, List.of(b))
                    : is(b, -1) ? fold(ElementwiseFunction.NEG, List.of(a))
                    : is(a, ElementwiseFunction.NEG) && is(b, ElementwiseFunction.NEG)
                            ? fold(ElementwiseFunction.MUL, List.of(argument(a), argument(b))) : plain;
            case DIV -> is(b, 1) ? a : b instanceof Expr.Constant divisor && isPowerOfTwo(divisor.value())
                    ? fold(ElementwiseFunction.MUL, List.of(a, constant(1 / divisor.value()))) : plain;
            case NEG -> is(a, ElementwiseFunction.NEG) ? argument(a) : plain;
            case ABS -> is(a, ElementwiseFunction.NEG) ? fold(ElementwiseFunction.ABS, List.of(argument(a)))
                    : is(a, ElementwiseFunction.ABS) ? a : plain;
            case SQUARE -> is(a, ElementwiseFunction.NEG) || is(a, ElementwiseFunction.ABS)
                    ? fold(ElementwiseFunction.SQUARE, List.of(argument(a))) : plain;
            case RELU, FLOOR, CEIL, ROUND, TRUNC, TO_F16, TO_BF16 -> is(a, function) ? a : plain;
            case MAXIMUM, MINIMUM -> a.equals(b) ? a : plain;
            case POW -> is(b, 1) ? a : is(b, 2) ? fold(ElementwiseFunction.SQUARE, List.of(a)) : plain;
            case NOT_EQUAL -> is(b, 0) && truth(a) ? a : plain;
            case SELECT -> a instanceof Expr.Constant condition ? condition.value() != 0 ? b : arguments.getLast()
                    : b.equals(arguments.getLast()) ? b : plain;
            default -> plain;
        };
    }

    /** Whether dividing by a number is the same as multiplying by its reciprocal, both being normal. */
    private static boolean isPowerOfTwo(float value) {
        int exponent = Math.getExponent(value);
        return (Float.floatToIntBits(value) & 0x7fffff) == 0 && Math.abs(exponent) < Float.MAX_EXPONENT;
    }

    private static boolean is(Expr expr, ElementwiseFunction function) {
        return expr instanceof Expr.Call call && call.function() == function;
    }

    private static Expr argument(Expr call) {
        return ((Expr.Call) call).arguments().getFirst();
    }

    private static boolean truth(Expr expr) {
        return expr instanceof Expr.Call call && call.function().truth();
    }

    private static boolean is(Expr expr, float value) {
        return expr instanceof Expr.Constant constant && constant.value() == value;
    }

    private static float value(Expr expr) {
        return ((Expr.Constant) expr).value();
    }
}
