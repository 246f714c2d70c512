package dev.quern.graph.op;

import dev.quern.runtime.Shape;
import java.util.List;

/**
 * The gradient of average pooling: dy [N, C, P, Q] gives dx.
 *
 * @param pool  the pooling's attributes
 * @param input the pooling's input shape [N, C, H, W], which is this op's result
 */
public record AvgPool2dBackward(Pool2dAttributes pool, Shape input) implements Op {
    @Override
    public String label() {
        return "avg_pool2d_backward";
    }

    @Override
    public String attributes() {
        return pool.toString();
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        Types.count(inputs, 1, "avg_pool2d_backward takes dy");
        Types.f32("dy", inputs.getFirst());
        Types.same("dy", inputs.getFirst(), pool.geometry(input).outputShape());
        return List.of(TensorType.f32(input));
    }

    @Override
    public void vjp(Backward backward) {
        if (backward.wants(0)) {
            backward.to(0, backward.emit().avgPool2d(backward.gradient(), pool));
        }
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.ANCHOR;
    }
}
