package dev.quern.kernels.expr;

import static dev.quern.kernels.expr.ElementwiseFunction.*;

import java.util.List;

/** Builds expressions by name, the composite activations among them. */
public final class Expressions {
    private Expressions() {
    }

    public static Expr input(int index) {
        return new Expr.Input(index);
    }

    public static Expr constant(double value) {
        return new Expr.Constant((float) value);
    }

    /** A function applied to arguments. */
    public static Expr call(ElementwiseFunction function, Expr... arguments) {
        return new Expr.Call(function, List.of(arguments));
    }

    public static Expr add(Expr a, Expr b) {
        return call(ADD, a, b);
    }

    public static Expr sub(Expr a, Expr b) {
        return call(SUB, a, b);
    }

    public static Expr mul(Expr a, Expr b) {
        return call(MUL, a, b);
    }

    public static Expr div(Expr a, Expr b) {
        return call(DIV, a, b);
    }

    public static Expr neg(Expr a) {
        return call(NEG, a);
    }

    public static Expr square(Expr a) {
        return call(SQUARE, a);
    }

    public static Expr exp(Expr a) {
        return call(EXP, a);
    }

    public static Expr relu(Expr a) {
        return call(RELU, a);
    }

    public static Expr greater(Expr a, Expr b) {
        return call(GREATER, a, b);
    }

    public static Expr reciprocal(Expr a) {
        return call(RECIPROCAL, a);
    }

    public static Expr pow(Expr a, Expr b) {
        return call(POW, a, b);
    }

    public static Expr log(Expr a) {
        return call(LOG, a);
    }

    public static Expr sign(Expr a) {
        return call(SIGN, a);
    }

    public static Expr sin(Expr a) {
        return call(SIN, a);
    }

    public static Expr cos(Expr a) {
        return call(COS, a);
    }

    public static Expr sigmoid(Expr a) {
        return call(SIGMOID, a);
    }

    public static Expr tanh(Expr a) {
        return call(TANH, a);
    }

    public static Expr equal(Expr a, Expr b) {
        return call(EQUAL, a, b);
    }

    public static Expr notEqual(Expr a, Expr b) {
        return call(NOT_EQUAL, a, b);
    }

    /** {@code chosen} where {@code condition} is not 0, else {@code other}. */
    public static Expr select(Expr condition, Expr chosen, Expr other) {
        return call(SELECT, condition, chosen, other);
    }

    public static Expr rsqrt(Expr a) {
        return call(RSQRT, a);
    }

    public static Expr sinh(Expr a) {
        return call(SINH, a);
    }

    public static Expr cosh(Expr a) {
        return call(COSH, a);
    }

    public static Expr trunc(Expr a) {
        return call(TRUNC, a);
    }

    public static Expr less(Expr a, Expr b) {
        return call(LESS, a, b);
    }

    /** 1 where x is 0, else 0. */
    public static Expr logicalNot(Expr x) {
        return equal(x, constant(0));
    }

    /** 1 where x is not a number, else 0. */
    public static Expr isNan(Expr x) {
        return notEqual(x, x);
    }

    /** 1 where x is neither infinite nor NaN, else 0. */
    public static Expr isFinite(Expr x) {
        return less(call(ABS, x), constant(Float.POSITIVE_INFINITY));
    }

    /** a - b * floor(a / b): the remainder with the sign of b, as PyTorch's remainder. */
    public static Expr remainder(Expr a, Expr b) {
        return sub(a, mul(b, call(FLOOR, div(a, b))));
    }

    /** x for positive x, else slope * x. */
    public static Expr leakyRelu(Expr x, double slope) {
        return select(greater(x, constant(0)), x, mul(constant(slope), x));
    }

    /** x for positive x, else alpha * (exp(x) - 1). Clevert et al., 2015. */
    public static Expr elu(Expr x, double alpha) {
        // The exponential sees only what is not positive: the branch not taken must not overflow.
        Expr negative = call(MINIMUM, x, constant(0));
        return select(greater(x, constant(0)), x, mul(constant(alpha), sub(exp(negative), constant(1))));
    }

    /** x for positive x, else alpha * (exp(x / alpha) - 1). Barron, 2017. */
    public static Expr celu(Expr x, double alpha) {
        Expr negative = call(MINIMUM, x, constant(0));
        return select(greater(x, constant(0)), x, mul(constant(alpha), call(EXPM1, div(negative, constant(alpha)))));
    }

    /** scale * elu(x, alpha) with the constants of Klambauer et al., 2017. */
    public static Expr selu(Expr x) {
        return mul(constant(1.0507009873554804934193349852946), elu(x, 1.6732632423543772848170429916717));
    }

    /** x * sigmoid(x). */
    public static Expr silu(Expr x) {
        return mul(x, call(SIGMOID, x));
    }

    /** x * tanh(softplus(x)). Misra, 2019. */
    public static Expr mish(Expr x) {
        return mul(x, tanh(call(SOFTPLUS, x)));
    }

    /** log(sigmoid(x)), which overflows at neither end. */
    public static Expr logSigmoid(Expr x) {
        return neg(call(SOFTPLUS, neg(x)));
    }

    /** min(max(x, 0), 6); NaN stays NaN. */
    public static Expr relu6(Expr x) {
        return call(MINIMUM, relu(x), constant(6));
    }

    /** x beyond threshold on either side, else 0. */
    public static Expr hardshrink(Expr x, double threshold) {
        return select(call(LESS_EQUAL, call(ABS, x), constant(threshold)), constant(0), x);
    }

    /** x moved towards 0 by threshold, and no further. */
    public static Expr softshrink(Expr x, double threshold) {
        Expr far = sub(x, mul(sign(x), constant(threshold)));
        return select(call(LESS_EQUAL, call(ABS, x), constant(threshold)), constant(0), far);
    }

    /** x * Phi(x), with the normal distribution's Phi by the error function. Hendrycks and Gimpel, 2016. */
    public static Expr gelu(Expr x) {
        Expr phi = add(constant(1), call(ERF, mul(x, constant(Math.sqrt(0.5)))));
        return mul(mul(constant(0.5), x), phi);
    }

    /** The tanh approximation of {@link #gelu}. */
    public static Expr geluTanh(Expr x) {
        Expr cube = mul(x, square(x));
        Expr inner = mul(constant(Math.sqrt(2 / Math.PI)), add(x, mul(constant(0.044715), cube)));
        return mul(mul(constant(0.5), x), add(constant(1), call(TANH, inner)));
    }

    /** x / (1 + |x|). */
    public static Expr softsign(Expr x) {
        return div(x, add(constant(1), call(ABS, x)));
    }

    /** x clamped to [min, max]; the gradient passes inside, bounds included. */
    public static Expr clip(Expr x, double min, double max) {
        Expr inside = mul(call(GREATER_EQUAL, x, constant(min)), call(LESS_EQUAL, x, constant(max)));
        Expr bound = select(greater(x, constant(max)), constant(max), constant(min));
        return select(inside, x, bound);
    }

    /** clip(x / 6 + 1/2, 0, 1). */
    public static Expr hardsigmoid(Expr x) {
        return div(clip(add(x, constant(3)), 0, 6), constant(6));
    }

    /** x * hardsigmoid(x). Howard et al., 2019. */
    public static Expr hardswish(Expr x) {
        return mul(x, hardsigmoid(x));
    }
}
