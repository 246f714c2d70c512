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

    /** Made here. */
    public Activation(String label, Expr expression) {
        this(label, expression, SourceLine.ofCaller());
    }

    /** max(x, 0). */
    public static Activation relu() {
        return new Activation("relu", Expressions.relu(X));
    }

    /** The hyperbolic tangent. */
    public static Activation tanh() {
        return new Activation("tanh", Expressions.tanh(X));
    }

    /** 1 / (1 + exp(-x)). */
    public static Activation sigmoid() {
        return new Activation("sigmoid", Expressions.sigmoid(X));
    }

    /** x for positive x, else slope * x. */
    public static Activation leakyRelu(double slope) {
        return new Activation("leaky_relu", Expressions.leakyRelu(X, slope));
    }

    /** x for positive x, else alpha * (exp(x) - 1). */
    public static Activation elu(double alpha) {
        return new Activation("elu", Expressions.elu(X, alpha));
    }

    /** The self-normalising exponential linear unit. */
    public static Activation selu() {
        return new Activation("selu", Expressions.selu(X));
    }

    /** x * sigmoid(x). */
    public static Activation silu() {
        return new Activation("silu", Expressions.silu(X));
    }

    /** x times the normal distribution's cumulative probability at x. */
    public static Activation gelu() {
        return new Activation("gelu", Expressions.gelu(X));
    }

    /** log(1 + exp(x)). */
    public static Activation softplus() {
        return new Activation("softplus", Expressions.call(ElementwiseFunction.SOFTPLUS, X));
    }

    /** x / (1 + |x|). */
    public static Activation softsign() {
        return new Activation("softsign", Expressions.softsign(X));
    }

    /** x * clip(x / 6 + 1/2, 0, 1). */
    public static Activation hardswish() {
        return new Activation("hardswish", Expressions.hardswish(X));
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
