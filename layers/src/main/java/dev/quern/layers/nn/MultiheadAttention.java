package dev.quern.layers.nn;

import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.ir.SourceLine;
import dev.quern.graph.op.AttentionMask;
import dev.quern.graph.op.Value;
import dev.quern.layers.init.Fans;
import dev.quern.layers.init.Initializer;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.util.Optional;

/**
 * Attention of several heads between x [N, L, embedDim] and itself or another sequence; PyTorch's {@code MultiheadAttention} with
 * {@code batch_first}. Parameters {@code in_proj_weight} [3 embedDim, embedDim] and {@code in_proj_bias} [3 embedDim] (queries,
 * keys, values), {@code out_proj.weight} [embedDim, embedDim] and {@code out_proj.bias} [embedDim]. There is no dropout of
 * probabilities, which are never in memory.
 *
 * @param embedDim features of x, a multiple of {@code numHeads}
 * @param numHeads heads
 * @param mask     what hides keys from queries where a sequence attends to itself as a layer
 * @param madeAt   the user's line
 */
public record MultiheadAttention(int embedDim, int numHeads, AttentionMask mask, SourceLine madeAt) implements Layer {
    public MultiheadAttention {
        if (embedDim < 1 || numHeads < 1 || embedDim % numHeads != 0) {
            throw new QuernException("MultiheadAttention(" + embedDim + ", " + numHeads
                    + "): embedDim must be a multiple of numHeads, both at least 1");
        }
    }

    /** Every position sees every other. */
    public static MultiheadAttention of(int embedDim, int numHeads) {
        return new MultiheadAttention(embedDim, numHeads, AttentionMask.none(), SourceLine.ofCaller());
    }

    /** This with something that hides keys. */
    public MultiheadAttention masked(AttentionMask hides) {
        return new MultiheadAttention(embedDim, numHeads, hides, madeAt);
    }

    @Override
    public Optional<SourceLine> line() {
        return Optional.of(madeAt);
    }

    /** Attends from each position of a sequence to those of the same one. */
    @Override
    public Value build(LayerContext context, Value input) {
        return attend(context, input, input, mask);
    }

    /**
     * Attends from each position of one sequence to those of another.
     *
     * @param context where to emit
     * @param query   [N, L, embedDim]
     * @param memory  keys and values come from this: [N, M, embedDim]
     * @param hides   what hides positions of the memory
     * @return [N, L, embedDim]
     */
    public Value attend(LayerContext context, Value query, Value memory, AttentionMask hides) {
        check(context, "query", query);
        check(context, "memory", memory);
        if (query.shape().extent(0) != memory.shape().extent(0)) {
            throw context.complaint(this, "query " + query.shape() + " and memory " + memory.shape() + ": N must be the same");
        }
        GraphBuilder graph = context.graph();
        Value weight = context.parameter("in_proj_weight", Shape.of(3 * embedDim, embedDim), new Fans(embedDim, 3 * embedDim),
                Initializer.xavierUniform());
        Value bias = context.parameter("in_proj_bias", Shape.of(3 * embedDim), new Fans(embedDim, 3 * embedDim),
                Initializer.zeros());
        Value q;
        Value keysAndValues;
        if (query.equals(memory)) {
            Value all = heads(graph, query, weight, bias, 0, 3);
            q = one(graph, all, 0);
            keysAndValues = graph.slice(all, 0, 1, 3);
        } else {
            q = one(graph, heads(graph, query, weight, bias, 0, 1), 0);
            keysAndValues = heads(graph, memory, weight, bias, 1, 3);
        }
        Value attended = graph.scaledDotProductAttention(q, one(graph, keysAndValues, 0), one(graph, keysAndValues, 1), hides);
        Value joined = graph.reshape(graph.transpose(attended, 0, 2, 1, 3), query.shape());
        Dense out = new Dense(embedDim, embedDim, true, Initializer.inverseSquareRootOfFanIn(), Initializer.zeros(), madeAt);
        return Positions.each(context, "out_proj", out, joined);
    }

    private void check(LayerContext context, String what, Value value) {
        if (value.shape().rank() != 3 || value.shape().extent(2) != embedDim) {
            throw context.complaint(this, what + " " + value.shape() + ", expected [N, L, " + embedDim + "]");
        }
    }

    /** The projections from one of the three to before another, [projections, N, heads, L, dim]. */
    private Value heads(GraphBuilder graph, Value x, Value weight, Value bias, int from, int to) {
        boolean all = to - from == 3;
        Value w = all ? weight : graph.slice(weight, 0, from * embedDim, to * embedDim);
        Value b = all ? bias : graph.slice(bias, 0, from * embedDim, to * embedDim);
        Value rows = graph.add(graph.matmul(graph.reshape(x, -1, embedDim), w, false, true), b);
        Value split = graph.reshape(rows, x.shape().extent(0), x.shape().extent(1), to - from, numHeads, embedDim / numHeads);
        return graph.transpose(split, 2, 0, 3, 1, 4);
    }

    private static Value one(GraphBuilder graph, Value projections, int index) {
        Value one = graph.slice(projections, 0, index, index + 1);
        Shape shape = one.shape();
        return graph.reshape(one, shape.extent(1), shape.extent(2), shape.extent(3), shape.extent(4));
    }

    @Override
    public String toString() {
        return "MultiheadAttention(" + embedDim + ", " + numHeads + (mask.causal() ? ", causal)" : ")");
    }
}
