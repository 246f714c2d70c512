package dev.quern.graph.op;

import dev.quern.kernels.Cost;
import java.util.List;

/** Convolution of x [N, C, H, W] with a filter [K, C/groups, R, S]: y [N, K, P, Q]. A bias is an ordinary addition. */
public record Conv2d(Conv2dAttributes attributes2d) implements Op {
    @Override
    public String label() {
        return "conv2d";
    }

    @Override
    public String attributes() {
        return attributes2d.toString();
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        Types.count(inputs, 2, "conv2d takes an input and a filter");
        Types.f32("input", inputs.get(0));
        Types.f32("filter", inputs.get(1));
        return List.of(TensorType.f32(attributes2d.geometry(inputs.get(0).shape(), inputs.get(1).shape()).outputShape()));
    }

    @Override
    public void vjp(Backward backward) {
        Value x = backward.input(0);
        Value filter = backward.input(1);
        Emitter emit = backward.emit();
        if (backward.wants(0)) {
            backward.to(0, emit.emitOne(new Conv2dBackwardData(attributes2d, x.shape()), backward.gradient(), filter));
        }
        if (backward.wants(1)) {
            backward.to(1, emit.emitOne(new Conv2dBackwardWeights(attributes2d, filter.shape()), x, backward.gradient()));
        }
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.ANCHOR;
    }

    @Override
    public Cost cost(List<TensorType> inputs, List<TensorType> outputs) {
        double flops = attributes2d.geometry(inputs.get(0).shape(), inputs.get(1).shape()).flops();
        return new Cost(flops, Types.bytes(inputs) + Types.bytes(outputs));
    }
}
