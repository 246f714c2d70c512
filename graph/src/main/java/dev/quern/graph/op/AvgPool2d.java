package dev.quern.graph.op;

import java.util.List;

/** Average pooling of x [N, C, H, W]: y [N, C, P, Q]. */
public record AvgPool2d(Pool2dAttributes pool) implements Op {
    @Override
    public String label() {
        return "avg_pool2d";
    }

    @Override
    public String attributes() {
        return pool.toString();
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        Types.count(inputs, 1, "avg_pool2d takes one");
        Types.f32("input", inputs.getFirst());
        if (pool.dilationH() != 1 || pool.dilationW() != 1) {
            throw new IllegalOperandException("average pooling has no dilation, got "
                    + Types.pair(pool.dilationH(), pool.dilationW()));
        }
        return List.of(TensorType.f32(pool.geometry(inputs.getFirst().shape()).outputShape()));
    }

    @Override
    public void vjp(Backward backward) {
        if (backward.wants(0)) {
            backward.to(0, backward.emit().emitOne(new AvgPool2dBackward(pool, backward.input(0).shape()),
                    backward.gradient()));
        }
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.ANCHOR;
    }
}
