package dev.quern.layers.nn;

import dev.quern.graph.ir.SourceLine;
import dev.quern.graph.op.Value;
import dev.quern.kernels.expr.ElementwiseFunction;
import dev.quern.kernels.expr.Expr;
import dev.quern.kernels.expr.Expressions;
import java.util.Optional;

/**
 * An elementwise function as a layer.
 *
 * @param label      its name
 * @param expression the function, over input 0
 * @param madeAt     the user's line
 */
public record Activation(String label, Expr expression, SourceLine madeAt) implements Layer {
    private static final Expr X = Expressions.input(0);

    /** Any expression over input 0, under a name. */
    public static Activation of(String label, Expr expression) {
        return new Activation(label, expression, SourceLine.ofCaller());
    }

    /** max(x, 0). */
    public static Activation relu() {
        return of("relu", Expressions.relu(X));
    }

    /** The hyperbolic tangent. */
    public static Activation tanh() {
        return of("tanh", Expressions.tanh(X));
    }

    /** 1 / (1 + exp(-x)). */
    public static Activation sigmoid() {
        return of("sigmoid", Expressions.sigmoid(X));
    }

    /** x for positive x, else slope * x. */
    public static Activation leakyRelu(double slope) {
        return of("leaky_relu", Expressions.leakyRelu(X, slope));
    }

    /** x for positive x, else alpha * (exp(x) - 1). */
    public static Activation elu(double alpha) {
        return of("elu", Expressions.elu(X, alpha));
    }

    /** The self-normalising exponential linear unit. */
    public static Activation selu() {
        return of("selu", Expressions.selu(X));
    }

    /** x * sigmoid(x). */
    public static Activation silu() {
        return of("silu", Expressions.silu(X));
    }

    /** x times the normal distribution's cumulative probability at x. */
    public static Activation gelu() {
        return of("gelu", Expressions.gelu(X));
    }

    /** log(1 + exp(x)). */
    public static Activation softplus() {
        return of("softplus", Expressions.call(ElementwiseFunction.SOFTPLUS, X));
    }

    /** x / (1 + |x|). */
    public static Activation softsign() {
        return of("softsign", Expressions.softsign(X));
    }

    /** x * clip(x / 6 + 1/2, 0, 1). */
    public static Activation hardswish() {
        return of("hardswish", Expressions.hardswish(X));
    }

    @Override
    public Optional<SourceLine> line() {
        return Optional.of(madeAt);
    }

    @Override
    public Value build(LayerContext context, Value input) {
        return context.graph().apply(label, expression, input);
    }

    @Override
    public String toString() {
        return label;
    }
}
