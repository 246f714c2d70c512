package dev.quern.kernels.expr;

import static dev.quern.kernels.expr.Expressions.constant;

import dev.quern.runtime.BFloat16;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/**
 * The table of elementwise functions: name, spelling in kernels, meaning in Java, partial derivatives. A new function
 * is one row here; the shared tests pick it up.
 *
 * <p>In a spelling, {@code $0}, {@code $1} and {@code $2} stand for the arguments and {@code $T} for the value type
 * ({@code float} or an OpenCL vector of it), {@code $W} for its width (nothing or the number of lanes);
 * {@link ExprText#helpers} defines the functions that are no language's own. The spelling of a {@linkplain #truth()
 * truth-valued} function is a bare condition, which the renderer turns into 1 and 0.
 */
public enum ElementwiseFunction {
    ADD("add", "($0 + $1)", (a, b) -> a + b, (a, b, y) -> List.of(constant(1), constant(1))),
    SUB("sub", "($0 - $1)", (a, b) -> a - b, (a, b, y) -> List.of(constant(1), constant(-1))),
    MUL("mul", "($0 * $1)", (a, b) -> a * b, (a, b, y) -> List.of(b, a)),
    DIV("div", "($0 / $1)", (a, b) -> a / b,
            (a, b, y) -> List.of(Expressions.reciprocal(b), Expressions.neg(Expressions.div(y, b)))),
    /** The larger one, or NaN if either is; the gradient goes to it, and is halved where both are equal. */
    MAXIMUM("maximum", "($0 > $1 || $0 != $0 ? $0 : $1)", Math::max, (a, b, y) -> List.of(share(a, b), share(b, a))),
    /** The smaller one, or NaN if either is; the gradient goes to it, and is halved where both are equal. */
    MINIMUM("minimum", "($0 < $1 || $0 != $0 ? $0 : $1)", Math::min, (a, b, y) -> List.of(share(b, a), share(a, b))),
    POW("pow", "pow($0, $1)", Math::pow, (a, b, y) -> List.of(
            Expressions.mul(b, Expressions.pow(a, Expressions.sub(b, constant(1)))),
            Expressions.mul(y, Expressions.log(a)))),
    /** The remainder of a truncated division: it has the sign of the first argument. */
    FMOD("fmod", "fmod($0, $1)", (a, b) -> a % b, (a, b, y) -> List.of(constant(1),
            Expressions.neg(Expressions.trunc(Expressions.div(a, b))))),
    /** The angle of the point (b, a), in (-pi, pi]. */
    ATAN2("atan2", "atan2($0, $1)", Math::atan2, (a, b, y) -> {
        Expr squares = Expressions.add(Expressions.square(a), Expressions.square(b));
        return List.of(Expressions.div(b, squares), Expressions.neg(Expressions.div(a, squares)));
    }),

    NEG("neg", "(-$0)", a -> -a, (x, y) -> constant(-1)),
    ABS("abs", "fabs($0)", Math::abs, (x, y) -> Expressions.sign(x)),
    SIGN("sign", "sign($0)", Math::signum, (x, y) -> constant(0)),
    RECIPROCAL("reciprocal", "(($T)(1.0f) / $0)", a -> 1 / a, (x, y) -> Expressions.neg(Expressions.square(y))),
    SQUARE("square", "($0 * $0)", a -> a * a, (x, y) -> Expressions.mul(constant(2), x)),
    SQRT("sqrt", "sqrt($0)", Math::sqrt, (x, y) -> Expressions.div(constant(0.5), y)),
    RSQRT("rsqrt", "(($T)(1.0f) / sqrt($0))", a -> 1 / Math.sqrt(a),
            (x, y) -> Expressions.mul(constant(-0.5), Expressions.div(y, x))),
    EXP("exp", "exp($0)", Math::exp, (x, y) -> y),
    LOG("log", "log($0)", Math::log, (x, y) -> Expressions.reciprocal(x)),
    EXPM1("expm1", "expm1($0)", Math::expm1, (x, y) -> Expressions.add(y, constant(1))),
    LOG1P("log1p", "log1p($0)", Math::log1p, (x, y) -> Expressions.reciprocal(Expressions.add(constant(1), x))),
    SIN("sin", "sin($0)", Math::sin, (x, y) -> Expressions.cos(x)),
    COS("cos", "cos($0)", Math::cos, (x, y) -> Expressions.neg(Expressions.sin(x))),
    TAN("tan", "tan($0)", Math::tan, (x, y) -> Expressions.add(constant(1), Expressions.square(y))),
    ASIN("asin", "asin($0)", Math::asin, (x, y) -> Expressions.rsqrt(
            Expressions.sub(constant(1), Expressions.square(x)))),
    ACOS("acos", "acos($0)", Math::acos, (x, y) -> Expressions.neg(Expressions.rsqrt(
            Expressions.sub(constant(1), Expressions.square(x))))),
    ATAN("atan", "atan($0)", Math::atan, (x, y) -> Expressions.reciprocal(
            Expressions.add(constant(1), Expressions.square(x)))),
    SINH("sinh", "sinh($0)", Math::sinh, (x, y) -> Expressions.cosh(x)),
    COSH("cosh", "cosh($0)", Math::cosh, (x, y) -> Expressions.sinh(x)),
    TANH("tanh", "tanh($0)", Math::tanh, (x, y) -> Expressions.sub(constant(1), Expressions.square(y))),
    /** 2 / sqrt(pi) times the integral of exp(-t*t) from 0 to x. */
    ERF("erf", "erf($0)", ErrorFunction::erf, (x, y) -> Expressions.mul(constant(2 / Math.sqrt(Math.PI)),
            Expressions.exp(Expressions.neg(Expressions.square(x))))),
    /** 1 / (1 + exp(-x)); where the exponential overflows, the quotient is the right limit. */
    SIGMOID("sigmoid", "(($T)(1.0f) / (($T)(1.0f) + exp(-$0)))", a -> 1 / (1 + Math.exp(-a)),
            (x, y) -> Expressions.mul(y, Expressions.sub(constant(1), y))),
    /** The larger of x and 0. NaN stays NaN: a plain maximum would hide it. */
    RELU("relu", "($0 < ($T)(0.0f) ? ($T)(0.0f) : $0)", a -> a < 0 ? 0 : a,
            (x, y) -> Expressions.greater(y, constant(0))),
    /** log(1 + exp(x)), written so that neither end overflows. */
    SOFTPLUS("softplus", "(fmax($0, ($T)(0.0f)) + log1p(exp(-fabs($0))))",
            a -> Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a))),
            (x, y) -> Expressions.sigmoid(x)),
    FLOOR("floor", "floor($0)", Math::floor, (x, y) -> constant(0)),
    CEIL("ceil", "ceil($0)", Math::ceil, (x, y) -> constant(0)),
    /** To the nearest integer, halves to even. */
    ROUND("round", "rint($0)", Math::rint, (x, y) -> constant(0)),
    /** To the next integer towards 0. */
    TRUNC("trunc", "trunc($0)", a -> a < 0 ? Math.ceil(a) : Math.floor(a), (x, y) -> constant(0)),
    /** To the nearest number that F16 holds, halves to even; the gradient passes as if nothing were rounded. */
    TO_F16("to_f16", "q_to_f16$W($0)", a -> Float.float16ToFloat(Float.floatToFloat16((float) a)), (x, y) -> constant(1)),
    /** To the nearest number that BF16 holds, halves to even; the gradient passes as if nothing were rounded. */
    TO_BF16("to_bf16", "q_to_bf16$W($0)", a -> BFloat16.toFloat(BFloat16.ofFloat((float) a)), (x, y) -> constant(1)),

    GREATER("greater", "$0 > $1", (a, b) -> a > b),
    GREATER_EQUAL("greater_equal", "$0 >= $1", (a, b) -> a >= b),
    LESS("less", "$0 < $1", (a, b) -> a < b),
    LESS_EQUAL("less_equal", "$0 <= $1", (a, b) -> a <= b),
    EQUAL("equal", "$0 == $1", (a, b) -> a == b),
    NOT_EQUAL("not_equal", "$0 != $1", (a, b) -> a != b),
    LOGICAL_AND("logical_and", "$0 != ($T)(0.0f) && $1 != ($T)(0.0f)", (a, b) -> a != 0 && b != 0),
    LOGICAL_OR("logical_or", "$0 != ($T)(0.0f) || $1 != ($T)(0.0f)", (a, b) -> a != 0 || b != 0),
    LOGICAL_XOR("logical_xor", "($0 != ($T)(0.0f)) != ($1 != ($T)(0.0f))", (a, b) -> a != 0 ^ b != 0),
    /** The second argument where the first is not 0, else the third. */
    SELECT("select", "($0 != ($T)(0.0f) ? $1 : $2)", (c, a, b) -> c != 0 ? a : b);

    @FunctionalInterface
    private interface TernaryOperator {
        double apply(double a, double b, double c);
    }

    @FunctionalInterface
    private interface Comparison {
        boolean apply(double a, double b);
    }

    @FunctionalInterface
    private interface UnaryDerivative {
        Expr of(Expr x, Expr y);
    }

    @FunctionalInterface
    private interface BinaryDerivatives {
        List<Expr> of(Expr a, Expr b, Expr y);
    }

    @FunctionalInterface
    private interface Derivatives {
        List<Expr> of(List<Expr> arguments, Expr y);
    }

    private final String label;
    private final int arity;
    private final boolean truth;
    private final String spelling;
    private final TernaryOperator meaning;
    private final Derivatives derivatives;

    ElementwiseFunction(String label, String spelling, DoubleUnaryOperator meaning, UnaryDerivative derivative) {
        this(label, 1, false, spelling, (a, b, c) -> meaning.applyAsDouble(a),
                (in, y) -> List.of(derivative.of(in.getFirst(), y)));
    }

    ElementwiseFunction(String label, String spelling, DoubleBinaryOperator meaning, BinaryDerivatives derivatives) {
        this(label, 2, false, spelling, (a, b, c) -> meaning.applyAsDouble(a, b),
                (in, y) -> derivatives.of(in.get(0), in.get(1), y));
    }

    ElementwiseFunction(String label, String spelling, Comparison meaning) {
        this(label, 2, true, spelling, (a, b, c) -> meaning.apply(a, b) ? 1 : 0,
                (in, y) -> List.of(constant(0), constant(0)));
    }

    ElementwiseFunction(String label, String spelling, TernaryOperator meaning) {
        this(label, 3, false, spelling, meaning, (in, y) -> List.of(constant(0),
                Expressions.notEqual(in.getFirst(), constant(0)),
                Expressions.equal(in.getFirst(), constant(0))));
    }

    ElementwiseFunction(String label, int arity, boolean truth, String spelling, TernaryOperator meaning,
            Derivatives derivatives) {
        this.label = label;
        this.arity = arity;
        this.truth = truth;
        this.spelling = spelling;
        this.meaning = meaning;
        this.derivatives = derivatives;
    }

    /** 1 where the winner is larger, 1/2 where both are equal, 0 where it is smaller. */
    private static Expr share(Expr winner, Expr other) {
        Expr tie = Expressions.mul(constant(0.5), Expressions.equal(winner, other));
        return Expressions.add(Expressions.greater(winner, other), tie);
    }

    /** The name in graphs and messages, in lower case. */
    public String label() {
        return label;
    }

    /** How many arguments it takes. */
    public int arity() {
        return arity;
    }

    /** Whether its result is 1 or 0. */
    public boolean truth() {
        return truth;
    }

    /** Its spelling in kernels; see the type's description. */
    public String spelling() {
        return spelling;
    }

    /** Its value in double precision; arguments past its arity are ignored. */
    public double apply(double a, double b, double c) {
        return meaning.apply(a, b, c);
    }

    /**
     * Its partial derivatives.
     *
     * @param arguments the arguments
     * @param result    the function's own result, for derivatives that are simplest in terms of it
     * @return one derivative an argument; a constant 0 where there is no gradient
     */
    public List<Expr> derivatives(List<Expr> arguments, Expr result) {
        return derivatives.of(arguments, result);
    }
}
