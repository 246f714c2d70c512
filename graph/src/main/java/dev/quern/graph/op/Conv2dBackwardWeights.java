package dev.quern.graph.op;

import dev.quern.kernels.Cost;
import dev.quern.runtime.Shape;
import java.util.List;

/**
 * The gradient of a convolution's filter: x [N, C, H, W] and dy [N, K, P, Q] give dfilter.
 *
 * @param attributes2d the convolution's attributes
 * @param filter       the filter's shape [K, C/groups, R, S], which is this op's result
 */
public record Conv2dBackwardWeights(Conv2dAttributes attributes2d, Shape filter) implements Op {
    @Override
    public String label() {
        return "conv2d_backward_weights";
    }

    @Override
    public String attributes() {
        return attributes2d.toString();
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        Types.count(inputs, 2, "conv2d_backward_weights takes an input and dy");
        Types.f32("input", inputs.get(0));
        Types.f32("dy", inputs.get(1));
        Types.same("dy", inputs.get(1), attributes2d.geometry(inputs.get(0).shape(), filter).outputShape());
        return List.of(TensorType.f32(filter));
    }

    @Override
    public void vjp(Backward backward) {
        Value x = backward.input(0);
        Value dy = backward.input(1);
        Emitter emit = backward.emit();
        if (backward.wants(0)) {
            backward.to(0, emit.emitOne(new Conv2dBackwardData(attributes2d, x.shape()), dy, backward.gradient()));
        }
        if (backward.wants(1)) {
            backward.to(1, emit.conv2d(x, backward.gradient(), attributes2d));
        }
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.ANCHOR;
    }

    @Override
    public Cost cost(List<TensorType> inputs, List<TensorType> outputs) {
        return new Cost(attributes2d.geometry(inputs.get(0).shape(), filter).flops(),
                Types.bytes(inputs) + Types.bytes(outputs));
    }
}
