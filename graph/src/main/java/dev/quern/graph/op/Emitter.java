package dev.quern.graph.op;

import dev.quern.kernels.expr.Expr;
import dev.quern.kernels.expr.Expressions;
import dev.quern.kernels.random.Distribution;
import dev.quern.kernels.recurrent.RecurrentCell;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Appends nodes to a graph: the vocabulary of users, layers and gradient rules alike. Types are inferred at once; operands
 * that an op does not take are an error that names the node, the caller's line, the shapes and the rule.
 */
public interface Emitter extends ReductionEmitter {
    /** The matrix product a [m, k] times b [k, n]; leading axes broadcast. */
    default Value matmul(Value a, Value b) {
        return matmul(a, b, false, false);
    }

    /** The matrix product of the last two axes, either operand transposed if asked for; leading axes broadcast. */
    default Value matmul(Value a, Value b, boolean transposeA, boolean transposeB) {
        return emitOne(new MatMul(transposeA, transposeB), MatMul.whole(this, a, b), MatMul.whole(this, b, a));
    }

    /** The convolution of x [N, C, H, W] with a filter [K, C/groups, R, S]. */
    default Value conv2d(Value x, Value filter, Conv2dAttributes attributes) {
        return emitOne(new Conv2d(attributes), x, filter);
    }

    /**
     * The convolution of x [N, C, L] with a filter [K, C/groups, S]: [N, K, Q]. It is conv2d over images of one row.
     *
     * @param stride   input elements from one output element to the next
     * @param padding  zeros on either side
     * @param dilation input elements from one filter element to the next
     */
    default Value conv1d(Value x, Value filter, int stride, int padding, int dilation, int groups) {
        checked("conv1d", () -> {
            if (x.shape().rank() != 3 || filter.shape().rank() != 3) {
                throw new IllegalOperandException("input " + x.shape() + " and filter " + filter.shape()
                        + ": a one-dimensional convolution takes an input [N, C, L] and a filter [K, C/groups, S]");
            }
            return x;
        });
        Shape in = x.shape();
        Shape taps = filter.shape();
        Value y = conv2d(reshape(x, in.extent(0), in.extent(1), 1, in.extent(2)),
                reshape(filter, taps.extent(0), taps.extent(1), 1, taps.extent(2)),
                Conv2dAttributes.defaults().stride(1, stride).padding(0, padding).dilation(1, dilation).groups(groups));
        return reshape(y, y.shape().extent(0), y.shape().extent(1), y.shape().extent(3));
    }

    /**
     * The transposed convolution of x [N, K, P, Q] with a filter [K, C/groups, R, S]: [N, C, H, W], the gradient of conv2d's
     * input where x is the gradient of its output.
     *
     * @param attributes     those of the convolution that it is the gradient of
     * @param outputPaddingH rows to add at the bottom, fewer than the stride or the dilation: a convolution with a stride maps
     *                       several heights to the same one
     * @param outputPaddingW columns to add on the right
     */
    default Value convTranspose2d(Value x, Value filter, Conv2dAttributes attributes, int outputPaddingH, int outputPaddingW) {
        Shape output = checked("conv_transpose2d",
                () -> attributes.transposedShape(x.shape(), filter.shape(), outputPaddingH, outputPaddingW));
        return emit("conv_transpose2d", new Conv2dBackwardData(attributes, output), List.of(x, filter)).getFirst();
    }

    /** Maximum pooling of x [N, C, H, W]. */
    default Value maxPool2d(Value x, Pool2dAttributes attributes) {
        return emitOne(new MaxPool2d(attributes), x);
    }

    /** Average pooling of x [N, C, H, W]. */
    default Value avgPool2d(Value x, Pool2dAttributes attributes) {
        return emitOne(new AvgPool2d(attributes), x);
    }

    /**
     * Random numbers that no other node draws. The seed and the step come from the plan's
     * {@code setRandom}.
     */
    Value random(Distribution distribution, Shape shape);

    /** Uniform in [0, 1). */
    default Value randomUniform(Shape shape) {
        return random(Distribution.UNIFORM, shape);
    }

    /** Normal with mean 0 and variance 1. */
    default Value randomNormal(Shape shape) {
        return random(Distribution.NORMAL, shape);
    }

    /**
     * 1 with this probability, else 0.
     *
     * @param probability in [0, 1]
     */
    default Value bernoulli(double probability, Shape shape) {
        double p = checked("bernoulli", () -> probability("probability", probability));
        return p > 0 && p < 1 ? random(Distribution.bernoulli(p), shape) : constant(p, shape);
    }

    private static double probability(String name, double p) {
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalOperandException(name + " is " + p + ": a probability is from 0 to 1");
        }
        return p;
    }

    /**
     * 0 with probability p, else x / (1 - p). The gradient draws the same numbers again. Srivastava et al., 2014. The
     * probability is kept to a multiple of 2^-32.
     *
     * @param p in [0, 1]
     */
    default Value dropout(Value x, double p) {
        double keep = 1 - checked("dropout", () -> probability("p", p));
        Expr scaled = Expressions.mul(Expressions.constant(keep == 0 ? 0 : 1 / keep), Expressions.input(0));
        return p == 0 ? x : apply("dropout", Expressions.select(Expressions.input(1), scaled, Expressions.constant(0)), x,
                bernoulli(keep, x.shape()));
    }

    /**
     * The mean cross-entropy between softmax(logits) and labels, a scalar.
     *
     * @param logits         F32 [N, classes]
     * @param labels         I32 [N]
     * @param labelSmoothing in [0, 1]
     */
    default Value softmaxCrossEntropy(Value logits, Value labels, double labelSmoothing) {
        return emitOne(new SoftmaxCrossEntropy((float) labelSmoothing), logits, labels);
    }

    /**
     * One layer and direction of a recurrent network over x [T, N, features].
     *
     * @param cell    LSTM, GRU or the plain tanh network
     * @param initial none for zero states, else h0 [N, H] and, for an LSTM, c0 [N, H]
     * @param lengths I32 [N]: steps from there on leave a row's state as it is and give zero
     * @param reverse whether time runs from the last step to the first
     */
    default RecurrentOutput recurrent(RecurrentCell cell, Value x, RecurrentWeights weights, List<Value> initial,
            Optional<Value> lengths, boolean reverse) {
        List<Value> operands = new ArrayList<>(List.of(x, weights.weightIh(), weights.weightHh()));
        weights.bias().ifPresent(bias -> operands.addAll(List.of(bias.ih(), bias.hh())));
        operands.addAll(initial);
        lengths.ifPresent(operands::add);
        Recurrent op = new Recurrent(cell, reverse, weights.bias().isPresent(), !initial.isEmpty(), lengths.isPresent());
        List<Value> results = emit(op.label(), op, operands);
        return new RecurrentOutput(results.get(0), results.get(1),
                cell == RecurrentCell.LSTM ? Optional.of(results.get(2)) : Optional.empty());
    }

    /**
     * Scaled dot-product attention with the scale 1 / sqrt(dim).
     *
     * @param q    queries [N, heads, queries, dim]
     * @param k    keys [N, heads, keys, dim]
     * @param v    values [N, heads, keys, valueDim]
     * @param mask what hides keys from queries. A query that sees no key has the result 0 and no gradient
     * @return [N, heads, queries, valueDim]
     */
    default Value scaledDotProductAttention(Value q, Value k, Value v, AttentionMask mask) {
        return scaledDotProductAttention(q, k, v, mask, q.shape().rank() == 0 ? 1 : 1 / Math.sqrt(Math.max(1, q.shape().extent(-1))));
    }

    /** The same with another scale. */
    default Value scaledDotProductAttention(Value q, Value k, Value v, AttentionMask mask, double scale) {
        List<Value> inputs = new ArrayList<>(List.of(q, k, v));
        mask.keyLengths().ifPresent(inputs::add);
        mask.additive().ifPresent(inputs::add);
        Attention op = new Attention(new AttentionAttributes((float) scale, mask.causal(), mask.keyLengths().isPresent(),
                mask.additive().isPresent()));
        return emit(op.label(), op, inputs).getFirst();
    }

    /** Recurrent layers on top of each other over x [T, N, features]. */
    default RecurrentOutput recurrent(RecurrentNetwork network, Value x) {
        return network.emit(this, x);
    }
}
