package dev.quern.graph.op;

import java.util.List;

/** The same tensor, through which no gradient flows. Gone once the gradients are there. */
public record StopGradient() implements Op {
    @Override
    public String label() {
        return "stop_gradient";
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        Types.count(inputs, 1, "stop_gradient takes one");
        return inputs;
    }

    /** None: what leads here needs no gradient, so the engine never asks. */
    @Override
    public void vjp(Backward backward) {
        throw new IllegalStateException("a gradient reached stop_gradient");
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.ALIAS;
    }
}
