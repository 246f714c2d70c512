package dev.quern.graph.op;

import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Elements of x along an axis by index, I32. With an index for each place, the axis is replaced by the axes of the indices (an
 * embedding; PyTorch's index_select); with an index for each element, indices have the shape of the result (PyTorch's gather).
 * What an index outside of [0, extent) asks for is NaN, or the smallest integer: see
 * {@link dev.quern.kernels.gather.GatherProblem}.
 *
 * @param axis       the axis of x, counted from the front
 * @param perElement whether each element of the result has an index of its own
 * @param ignored    an index through which no gradient flows; -1 for none
 */
public record Gather(int axis, boolean perElement, int ignored) implements Op {
    @Override
    public String label() {
        return "gather";
    }

    @Override
    public String attributes() {
        return "axis=" + axis + (perElement ? ", per element" : "") + (ignored < 0 ? "" : ", ignored=" + ignored);
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        Types.count(inputs, 2, "gather takes a tensor and indices");
        TensorType x = inputs.get(0);
        Shape index = indices(inputs.get(1));
        if (axis < 0 || axis >= x.shape().rank()) {
            throw new IllegalOperandException("x " + x.shape() + " has no axis " + axis);
        }
        if (x.dtype() == DType.U8 || x.dtype() == DType.BOOL) {
            throw new IllegalOperandException("x " + x + ": has no value to mark wrong indices with; cast it first");
        }
        if (perElement) {
            requireAlike(x.shape(), index, axis);
            return List.of(new TensorType(x.dtype(), index));
        }
        List<Integer> extents = new ArrayList<>();
        for (int a = 0; a < x.shape().rank(); a++) {
            if (a == axis) {
                Arrays.stream(index.toArray()).forEach(extents::add);
            } else {
                extents.add(x.shape().extent(a));
            }
        }
        return List.of(new TensorType(x.dtype(), Shape.of(extents.stream().mapToInt(Integer::intValue).toArray())));
    }

    static Shape indices(TensorType type) {
        if (type.dtype() != DType.I32 || type.shape().elements() == 0) {
            throw new IllegalOperandException("index " + type + ": must be I32, with at least one element");
        }
        return type.shape();
    }

    static void requireAlike(Shape x, Shape index, int axis) {
        boolean alike = x.rank() == index.rank();
        for (int a = 0; alike && a < x.rank(); a++) {
            alike = a == axis || x.extent(a) == index.extent(a);
        }
        if (!alike) {
            throw new IllegalOperandException("x " + x + " and index " + index + ": with an index for each element they must be equal "
                    + "but for axis " + axis);
        }
    }

    @Override
    public void vjp(Backward backward) {
        if (backward.wants(0)) {
            int length = backward.input(0).shape().extent(axis);
            backward.to(0, backward.emit().emitOne(new ScatterAdd(axis, length, perElement, ignored), backward.gradient(),
                    backward.input(1)));
        }
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.KERNEL;
    }
}
