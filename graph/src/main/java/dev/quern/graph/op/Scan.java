package dev.quern.graph.op;

import dev.quern.kernels.reduce.ReduceOp;
import java.util.List;

/**
 * What each element along an axis comes to with all before it: running sums, products, maxima or minima.
 *
 * @param kind      SUM, PROD, MAX or MIN; only sums have a gradient
 * @param axis      the axis, counted from the front
 * @param exclusive whether the element itself is left out
 * @param reverse   whether it runs from the last element to the first
 */
public record Scan(ReduceOp kind, int axis, boolean exclusive, boolean reverse) implements Op {
    @Override
    public String label() {
        return "cum" + kind.label();
    }

    @Override
    public String attributes() {
        return "axis=" + axis + (exclusive ? ", exclusive" : "") + (reverse ? ", reverse" : "");
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        Types.count(inputs, 1, label() + " takes one");
        Types.f32("input", inputs.getFirst());
        if (axis < 0 || axis >= inputs.getFirst().shape().rank() || inputs.getFirst().shape().elements() == 0
                || !kind.plain()) {
            throw new IllegalOperandException("input " + inputs.getFirst().shape() + ": there is no " + label() + " along axis "
                    + axis + " of it");
        }
        return inputs;
    }

    @Override
    public void vjp(Backward backward) {
        if (!backward.wants(0)) {
            return;
        }
        if (kind != ReduceOp.SUM) {
            throw new IllegalOperandException(label() + " has no gradient: it is not supported");
        }
        // Element j is part of all that come behind it.
        backward.to(0, backward.emit().emitOne(new Scan(kind, axis, exclusive, !reverse), backward.gradient()));
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.KERNEL;
    }
}
