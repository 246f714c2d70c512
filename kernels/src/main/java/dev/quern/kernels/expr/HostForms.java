package dev.quern.kernels.expr;

import static dev.quern.kernels.expr.Expressions.add;
import static dev.quern.kernels.expr.Expressions.call;
import static dev.quern.kernels.expr.Expressions.constant;
import static dev.quern.kernels.expr.Expressions.exp;
import static dev.quern.kernels.expr.Expressions.less;
import static dev.quern.kernels.expr.Expressions.mul;
import static dev.quern.kernels.expr.Expressions.neg;
import static dev.quern.kernels.expr.Expressions.notEqual;
import static dev.quern.kernels.expr.Expressions.reciprocal;
import static dev.quern.kernels.expr.Expressions.sign;
import static dev.quern.kernels.expr.Expressions.square;
import static dev.quern.kernels.expr.Expressions.sub;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes functions in terms of those that the JIT turns into vector code, for {@link CompiledExpression}: sigmoid, tanh, softplus
 * and erf as polynomials around one exponential, logic as arithmetic on 1 and 0. A polynomial beyond its interval is fed the
 * interval's end, so that what a comparison's 0 multiplies is finite and NaN alone stays NaN.
 *
 * <p>Polynomials were fitted at Chebyshev nodes. Errors, besides the exponential's 2e-7: tanh and softplus 1e-7 of the result, erf
 * 5e-8.
 */
final class HostForms {
    /** tanh(s) = s + s^3 q(s^2) for |s| up to 0.6. */
    private static final double[] TANH = {-0.3333333042782743, 0.13332923876195643, -0.053875125167895874, 0.02111616571653866,
        -0.006276328035208534};
    private static final double TANH_END = 0.6;
    /** artanh(s) = s + s^3 q(s^2) for s from 0 to 1/3. */
    private static final double[] ARTANH = {0.3333331982953002, 0.20003835667095524, 0.1411697370928044, 0.13433796531715278};
    /** erf(x) = x q(x^2) for |x| up to 1. */
    private static final double[] ERF = {1.1283791658815017, -0.3761262690357597, 0.11283597463450513, -0.026854328794720404,
        0.00518931194034349, -0.0008018854973279247, 7.882497047805218e-05};
    /** log(1 - erf(x)) = q(x) for x from 1 to 4. */
    private static final double[] LOG_ERFC = {-0.0007569686221353678, -1.1259259493332776, -0.6390933194890102,
        -0.10331898004152822, 0.02262198592702641, -0.0034368675982299774, 0.0003175720346331753, -1.3309390390768317e-05};

    private final Map<Expr, Expr> known = new HashMap<>();

    /** An expression of equal value in which neither these functions nor logic occur. */
    Expr of(Expr expr) {
        if (!(expr instanceof Expr.Call call)) {
            return expr;
        }
        Expr form = known.get(expr);
        if (form == null) {
            List<Expr> arguments = new ArrayList<>();
            call.arguments().forEach(argument -> arguments.add(of(argument)));
            form = form(call.function(), arguments, call.arguments());
            known.put(expr, form);
        }
        return form;
    }

    private static Expr form(ElementwiseFunction function, List<Expr> in, List<Expr> before) {
        return switch (function) {
            case SIGMOID -> reciprocal(add(constant(1), exp(neg(in.getFirst()))));
            case TANH -> tanh(in.getFirst());
            case SOFTPLUS -> softplus(in.getFirst());
            case ERF -> erf(in.getFirst());
            case LOGICAL_AND -> mul(truth(in.get(0), before.get(0)), truth(in.get(1), before.get(1)));
            case LOGICAL_OR -> maximum(truth(in.get(0), before.get(0)), truth(in.get(1), before.get(1)));
            case LOGICAL_XOR -> abs(sub(truth(in.get(0), before.get(0)), truth(in.get(1), before.get(1))));
            default -> new Expr.Call(function, in);
        };
    }

    /** 1 where a value is not 0, NaN included. */
    private static Expr truth(Expr value, Expr before) {
        return before instanceof Expr.Call call && call.function().truth() ? value : notEqual(value, constant(0));
    }

    private static Expr tanh(Expr x) {
        Expr size = abs(x);
        Expr s = minimum(size, constant(TANH_END));
        Expr near = add(s, mul(mul(s, square(s)), polynomial(square(s), TANH)));
        // Beyond 20 the quotient is 0 in any case, and the exponential stays finite.
        Expr e = exp(mul(constant(2), minimum(size, constant(20))));
        Expr far = sub(constant(1), mul(constant(2), reciprocal(add(e, constant(1)))));
        return mul(sign(x), either(less(size, constant(TANH_END)), near, far));
    }

    /** max(x, 0) + log(1 + u) with u = exp(-|x|), the logarithm as 2 artanh(u / (2 + u)). */
    private static Expr softplus(Expr x) {
        Expr u = exp(neg(abs(x)));
        Expr s = mul(u, reciprocal(add(constant(2), u)));
        Expr artanh = add(s, mul(mul(s, square(s)), polynomial(square(s), ARTANH)));
        return add(maximum(x, constant(0)), mul(constant(2), artanh));
    }

    private static Expr erf(Expr x) {
        Expr size = abs(x);
        Expr s = minimum(size, constant(1));
        Expr near = mul(s, polynomial(square(s), ERF));
        Expr t = minimum(maximum(size, constant(1)), constant(4));
        Expr far = sub(constant(1), exp(polynomial(t, LOG_ERFC)));
        return mul(sign(x), either(less(size, constant(1)), near, far));
    }

    /** One of two finite numbers. */
    private static Expr either(Expr condition, Expr chosen, Expr other) {
        return add(mul(condition, chosen), mul(sub(constant(1), condition), other));
    }

    private static Expr polynomial(Expr x, double[] coefficients) {
        Expr sum = constant(coefficients[coefficients.length - 1]);
        for (int power = coefficients.length - 2; power >= 0; power--) {
            sum = add(mul(sum, x), constant(coefficients[power]));
        }
        return sum;
    }

    private static Expr abs(Expr x) {
        return call(ElementwiseFunction.ABS, x);
    }

    private static Expr minimum(Expr a, Expr b) {
        return call(ElementwiseFunction.MINIMUM, a, b);
    }

    private static Expr maximum(Expr a, Expr b) {
        return call(ElementwiseFunction.MAXIMUM, a, b);
    }
}
