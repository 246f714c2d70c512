package dev.quern.layers.nn;

import dev.quern.graph.op.Emitter;
import dev.quern.graph.op.Value;
import dev.quern.kernels.expr.ElementwiseFunction;
import dev.quern.kernels.expr.Expr;
import dev.quern.kernels.expr.Expressions;
import dev.quern.runtime.QuernException;

/** What training makes small: a scalar from a model's output and the target. */
@FunctionalInterface
public interface Loss {
    /**
     * Emits the loss.
     *
     * @param graph  where nodes go
     * @param output what the model gives
     * @param target what it should have given
     * @return F32, shape []
     */
    Value build(Emitter graph, Value output, Value target);

    /**
     * The mean cross-entropy of softmax(logits), F32 [N, classes], against class labels, I32 [N].
     *
     * @param labelSmoothing the share of each target spread evenly over all classes, in [0, 1); PyTorch's
     *                       {@code label_smoothing}
     */
    static Loss crossEntropy(double labelSmoothing) {
        if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
            throw new QuernException("label smoothing " + labelSmoothing + " must be in [0, 1)");
        }
        return (graph, logits, labels) -> graph.softmaxCrossEntropy(logits, labels, labelSmoothing);
    }

    /** The mean of the squared differences over all elements; both F32 of one shape. */
    static Loss meanSquaredError() {
        return mean("mean squared error", Expressions.square(difference()));
    }

    /** The mean of the absolute differences over all elements; both F32 of one shape. */
    static Loss meanAbsoluteError() {
        return mean("mean absolute error", Expressions.call(ElementwiseFunction.ABS, difference()));
    }

    /**
     * The mean of half the squared difference where that is at most delta, else of
     * {@code delta * (|difference| - delta / 2)}; both F32 of one shape. Huber, "Robust estimation of a location
     * parameter", 1964.
     */
    static Loss huber(double delta) {
        if (!(delta > 0 && delta < Double.POSITIVE_INFINITY)) {
            throw new QuernException("Huber's delta " + delta + " must be a finite number above 0");
        }
        Expr size = Expressions.call(ElementwiseFunction.ABS, difference());
        Expr linear = Expressions.mul(Expressions.constant(delta), Expressions.sub(size, Expressions.constant(delta / 2)));
        Expr square = Expressions.mul(Expressions.constant(0.5), Expressions.square(difference()));
        Expr far = Expressions.greater(size, Expressions.constant(delta));
        return mean("Huber loss", Expressions.select(far, linear, square));
    }

    /** The mean cross-entropy of sigmoid(output) against targets in [0, 1]; both F32 of one shape. Safe for any logit. */
    static Loss binaryCrossEntropyWithLogits() {
        Expr x = Expressions.input(0);
        return mean("binary cross-entropy", Expressions.sub(Expressions.call(ElementwiseFunction.SOFTPLUS, x),
                Expressions.mul(x, Expressions.input(1))));
    }

    /**
     * The divergence of Kullback and Leibler, {@code sum(q * (log(q) - output)) / N}, of log-probabilities from
     * probabilities q; both F32 [N, ...]. PyTorch's {@code kl_div} with {@code batchmean}.
     */
    static Loss kullbackLeibler() {
        Expr q = Expressions.input(1);
        Expr none = Expressions.equal(q, Expressions.constant(0));
        Expr logarithm = Expressions.log(Expressions.select(none, Expressions.constant(1), q));
        Expr term = Expressions.mul(q, Expressions.sub(logarithm, Expressions.input(0)));
        return (graph, output, target) -> {
            requireOneShape("Kullback-Leibler divergence", output, target);
            Value sum = graph.reduceSum(graph.apply(term, output, target), false);
            return graph.mul(sum, graph.constant(1.0 / output.shape().extent(0)));
        };
    }

    /** Output less target. */
    private static Expr difference() {
        return Expressions.sub(Expressions.input(0), Expressions.input(1));
    }

    private static Loss mean(String name, Expr each) {
        return (graph, output, target) -> {
            requireOneShape(name, output, target);
            return graph.reduceMean(graph.apply(each, output, target), false);
        };
    }

    private static void requireOneShape(String name, Value output, Value target) {
        if (!output.shape().equals(target.shape())) {
            throw new QuernException(name + ": output " + output.shape() + " and target " + target.shape()
                    + " must have one shape");
        }
    }
}
