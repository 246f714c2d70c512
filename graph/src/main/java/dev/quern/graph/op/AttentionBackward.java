package dev.quern.graph.op;

import dev.quern.kernels.Cost;
import dev.quern.kernels.attention.AttentionBackwardProblem;
import dev.quern.runtime.Shape;
import java.util.List;

/**
 * The gradients of attention: from the result's gradient, the inputs of {@link Attention} and its two results, those of q, k
 * and v.
 */
public record AttentionBackward(AttentionAttributes attention) implements Op {
    @Override
    public String label() {
        return "attention_backward";
    }

    @Override
    public String attributes() {
        return attention.toString();
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        int results = 4 + attention.masks();
        Types.count(inputs, results + 2, "attention_backward takes do, the inputs of attention, o and its log-sum-exp");
        attention.check(inputs.subList(1, results));
        Shape q = inputs.get(1).shape();
        Shape result = Shape.of(q.extent(0), q.extent(1), q.extent(2), inputs.get(3).shape().extent(3));
        Types.f32("do", inputs.getFirst());
        Types.same("do", inputs.getFirst(), result);
        Types.f32("o", inputs.get(results));
        Types.same("o", inputs.get(results), result);
        Types.f32("lse", inputs.get(results + 1));
        Types.same("lse", inputs.get(results + 1), Shape.of(q.extent(0), q.extent(1), q.extent(2)));
        return List.of(inputs.get(1), inputs.get(2), inputs.get(3));
    }

    @Override
    public void vjp(Backward backward) {
        throw new IllegalOperandException(label() + ": second derivatives are not supported; compute the scores with matmul and "
                + "softmax");
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.ANCHOR;
    }

    @Override
    public Cost cost(List<TensorType> inputs, List<TensorType> outputs) {
        return new AttentionBackwardProblem(attention.geometry(inputs.get(1).shape(), inputs.get(2).shape(),
                inputs.get(3).shape())).cost();
    }
}
