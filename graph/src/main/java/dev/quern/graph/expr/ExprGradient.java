package dev.quern.graph.expr;

import static dev.quern.kernels.expr.Expressions.constant;

import dev.quern.kernels.expr.ElementwiseFunction;
import dev.quern.kernels.expr.Expr;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reverse-mode differentiation of an expression, by the derivatives in the table of functions. */
public final class ExprGradient {
    private ExprGradient() {
    }

    /**
     * The gradients with respect to each input.
     *
     * @param expr  the expression
     * @param arity its inputs: 0 to arity - 1
     * @return one expression an input over the inputs, input {@code arity} (the expression's own value) and input
     *         {@code arity + 1} (the gradient that flows into it); the constant 0 where there is no gradient
     */
    public static List<Expr> of(Expr expr, int arity) {
        Set<Expr> order = new LinkedHashSet<>();
        visit(expr, order);
        Map<Expr, Expr> gradients = new HashMap<>();
        gradients.put(expr, new Expr.Input(arity + 1));
        List<Expr> reversed = new ArrayList<>(order);
        Collections.reverse(reversed);
        for (Expr each : reversed) {
            Expr gradient = gradients.get(each);
            if (each instanceof Expr.Call call && gradient != null) {
                Expr value = each.equals(expr) ? new Expr.Input(arity) : each;
                List<Expr> derivatives = call.function().derivatives(call.arguments(), value);
                for (int i = 0; i < derivatives.size(); i++) {
                    Expr derivative = Simplifier.simplify(derivatives.get(i));
                    if (!(derivative instanceof Expr.Constant number && number.value() == 0)) {
                        gradients.merge(call.arguments().get(i), product(gradient, derivative),
                                (a, b) -> Simplifier.fold(ElementwiseFunction.ADD, List.of(a, b)));
                    }
                }
            }
        }
        List<Expr> results = new ArrayList<>();
        for (int i = 0; i < arity; i++) {
            results.add(gradients.getOrDefault(new Expr.Input(i), constant(0)));
        }
        return results;
    }

    /** The gradient times the derivative; a truth-valued derivative selects, so that an infinite gradient is cut off too. */
    private static Expr product(Expr gradient, Expr derivative) {
        if (derivative instanceof Expr.Call call && call.function().truth()) {
            return Simplifier.fold(ElementwiseFunction.SELECT, List.of(derivative, gradient, constant(0)));
        }
        return Simplifier.fold(ElementwiseFunction.MUL, List.of(gradient, derivative));
    }

    private static void visit(Expr expr, Set<Expr> order) {
        if (!order.contains(expr)) {
            if (expr instanceof Expr.Call call) {
                call.arguments().forEach(argument -> visit(argument, order));
            }
            order.add(expr);
        }
    }
}
