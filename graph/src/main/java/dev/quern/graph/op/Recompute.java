package dev.quern.graph.op;

import java.util.List;

/**
 * The same tensor, as the nodes of a region read it when they are computed a second time for their gradients. Being another value, it
 * keeps the second computation from being taken for the first.
 *
 * @param region the region's number
 */
public record Recompute(int region) implements Op {
    @Override
    public String label() {
        return "recompute";
    }

    @Override
    public String attributes() {
        return "region=" + region;
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        Types.count(inputs, 1, "recompute takes one");
        return inputs;
    }

    @Override
    public void vjp(Backward backward) {
        if (backward.wants(0)) {
            backward.to(0, backward.gradient());
        }
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.ALIAS;
    }
}
