package dev.quern.graph.op;

import dev.quern.kernels.Cost;
import dev.quern.runtime.Shape;
import java.util.List;

/**
 * The gradient of a convolution's input: dy [N, K, P, Q] and filter [K, C/groups, R, S] give dx. It is also the transposed
 * convolution of dy.
 *
 * @param attributes2d the convolution's attributes
 * @param input        the convolution's input shape [N, C, H, W], which is this op's result
 */
public record Conv2dBackwardData(Conv2dAttributes attributes2d, Shape input) implements Op {
    @Override
    public String label() {
        return "conv2d_backward_data";
    }

    @Override
    public String attributes() {
        return attributes2d.toString();
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        Types.count(inputs, 2, "conv2d_backward_data takes dy and a filter");
        Types.f32("dy", inputs.get(0));
        Types.f32("filter", inputs.get(1));
        Types.same("dy", inputs.get(0), attributes2d.geometry(input, inputs.get(1).shape()).outputShape());
        return List.of(TensorType.f32(input));
    }

    @Override
    public void vjp(Backward backward) {
        Value dy = backward.input(0);
        Value filter = backward.input(1);
        Emitter emit = backward.emit();
        if (backward.wants(0)) {
            backward.to(0, emit.conv2d(backward.gradient(), filter, attributes2d));
        }
        if (backward.wants(1)) {
            backward.to(1, emit.emitOne(new Conv2dBackwardWeights(attributes2d, filter.shape()), backward.gradient(), dy));
        }
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.ANCHOR;
    }

    @Override
    public Cost cost(List<TensorType> inputs, List<TensorType> outputs) {
        return new Cost(attributes2d.geometry(input, inputs.get(1).shape()).flops(),
                Types.bytes(inputs) + Types.bytes(outputs));
    }
}
