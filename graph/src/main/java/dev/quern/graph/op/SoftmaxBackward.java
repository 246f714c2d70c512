package dev.quern.graph.op;

import dev.quern.kernels.reduce.ReduceOp;
import java.util.List;

/**
 * The gradient of softmax, or of its logarithm, from its result y and that one's gradient dy.
 *
 * @param axis counted from the front
 * @param log  whether y holds log-probabilities
 */
public record SoftmaxBackward(int axis, boolean log) implements Op {
    @Override
    public String label() {
        return log ? "log_softmax_backward" : "softmax_backward";
    }

    @Override
    public String attributes() {
        return "axis=" + axis;
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        Types.count(inputs, 2, label() + " takes y and dy");
        Types.f32("y", inputs.get(0));
        Types.f32("dy", inputs.get(1));
        Types.same("dy", inputs.get(1), inputs.get(0).shape());
        return List.of(inputs.getFirst());
    }

    @Override
    public void vjp(Backward backward) {
        Emitter emit = backward.emit();
        Value y = backward.input(0);
        Value dy = backward.input(1);
        Value g = backward.gradient();
        Value sum = emit.emitOne(new Reduce(ReduceOp.SUM, List.of(axis), true),
                log ? dy : emit.mul(y, dy));
        if (log) {
            // dx = dy - exp(y) * sum(dy)
            Value weight = emit.mul(g, emit.exp(y));
            if (backward.wants(0)) {
                backward.to(0, emit.neg(emit.mul(weight, sum)));
            }
            if (backward.wants(1)) {
                backward.to(1, emit.sub(g, emit.emitOne(
                        new Reduce(ReduceOp.SUM, List.of(axis), true), weight)));
            }
        } else {
            // dx = y * (dy - sum(y * dy))
            Value weighted = emit.mul(g, y);
            Value total = emit.emitOne(new Reduce(ReduceOp.SUM, List.of(axis), true), weighted);
            if (backward.wants(0)) {
                backward.to(0, emit.sub(emit.mul(g, emit.sub(dy, sum)), emit.mul(dy, total)));
            }
            if (backward.wants(1)) {
                backward.to(1, emit.sub(weighted, emit.mul(y, total)));
            }
        }
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.ANCHOR;
    }
}
