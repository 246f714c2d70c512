package dev.quern.graph.op;

import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.List;

/**
 * The gradient of maximum pooling: dy [N, C, P, Q] and the forward pass's indices give dx.
 *
 * @param pool  the pooling's attributes
 * @param input the pooling's input shape [N, C, H, W], which is this op's result
 */
public record MaxPool2dBackward(Pool2dAttributes pool, Shape input) implements Op {
    @Override
    public String label() {
        return "max_pool2d_backward";
    }

    @Override
    public String attributes() {
        return pool.toString();
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        Types.count(inputs, 2, "max_pool2d_backward takes dy and indices");
        Types.f32("dy", inputs.get(0));
        Shape output = pool.geometry(input).outputShape();
        Types.same("dy", inputs.get(0), output);
        Types.same("indices", inputs.get(1), output);
        if (inputs.get(1).dtype() != DType.I32) {
            throw new IllegalOperandException("indices " + inputs.get(1) + ": must be I32");
        }
        return List.of(TensorType.f32(input));
    }

    @Override
    public void vjp(Backward backward) {
        throw new IllegalOperandException(label() + " has no gradient of its own: second derivatives through maximum "
                + "pooling are not supported");
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.ANCHOR;
    }
}
