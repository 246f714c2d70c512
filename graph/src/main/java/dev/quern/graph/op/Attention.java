package dev.quern.graph.op;

import dev.quern.kernels.Cost;
import dev.quern.kernels.attention.AttentionForwardProblem;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * Scaled dot-product attention, softmax(scale * q k^T + mask) v: q [N, heads, queries, dim], k [N, heads, keys, dim], v [N, heads,
 * keys, valueDim], then I32 [N] key lengths and F32 [queries, keys] additive mask if the attributes say so. Gives o [N, heads,
 * queries, valueDim] and each row's log-sum-exp [N, heads, queries], which is computed only where something reads it: the
 * gradient does.
 */
public record Attention(AttentionAttributes attention) implements Op {
    @Override
    public String label() {
        return "attention";
    }

    @Override
    public String attributes() {
        return attention.toString();
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        Types.count(inputs, 3 + attention.masks(), "attention takes q, k, v" + (attention.keyLengths() ? ", key lengths" : "")
                + (attention.mask() ? ", a mask" : ""));
        attention.check(inputs);
        Shape q = inputs.get(0).shape();
        return List.of(TensorType.f32(Shape.of(q.extent(0), q.extent(1), q.extent(2), inputs.get(2).shape().extent(3))),
                TensorType.f32(Shape.of(q.extent(0), q.extent(1), q.extent(2))));
    }

    @Override
    public void vjp(Backward backward) {
        if (backward.gradient(1).isPresent()) {
            throw new IllegalOperandException("attention: the log-sum-exp has no gradient");
        }
        if (attention.mask() && backward.wants(2 + attention.masks())) {
            throw new IllegalOperandException("attention: the mask has no gradient; add a learned bias to scores that you compute");
        }
        List<Value> inputs = new ArrayList<>();
        inputs.add(backward.gradient());
        for (int i = 0; i < 3 + attention.masks(); i++) {
            inputs.add(backward.input(i));
        }
        inputs.add(backward.output(0));
        inputs.add(backward.output(1));
        AttentionBackward op = new AttentionBackward(attention);
        List<Value> gradients = backward.emit().emit(op.label(), op, inputs);
        for (int i = 0; i < 3; i++) {
            if (backward.wants(i)) {
                backward.to(i, gradients.get(i));
            }
        }
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.ANCHOR;
    }

    @Override
    public Cost cost(List<TensorType> inputs, List<TensorType> outputs) {
        return new AttentionForwardProblem(attention.geometry(inputs.get(0).shape(), inputs.get(1).shape(),
                inputs.get(2).shape()), true).cost();
    }
}
