package dev.quern.graph.op;

import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.List;

/**
 * Maximum pooling of x [N, C, H, W]: y [N, C, P, Q] and, I32 of the same shape, where in its plane each maximum was found.
 * The indices are computed only where something reads them.
 */
public record MaxPool2d(Pool2dAttributes pool) implements Op {
    @Override
    public String label() {
        return "max_pool2d";
    }

    @Override
    public String attributes() {
        return pool.toString();
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        Types.count(inputs, 1, "max_pool2d takes one");
        Types.f32("input", inputs.getFirst());
        Shape output = pool.geometry(inputs.getFirst().shape()).outputShape();
        return List.of(TensorType.f32(output), new TensorType(DType.I32, output));
    }

    @Override
    public void vjp(Backward backward) {
        if (backward.wants(0)) {
            backward.to(0, backward.emit().emitOne(new MaxPool2dBackward(pool, backward.input(0).shape()),
                    backward.gradient(), backward.output(1)));
        }
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.ANCHOR;
    }
}
