package dev.quern.graph.op;

import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * Elements of x added up along an axis by index, I32: the gradient of {@link Gather}, whose result x is shaped like. Terms are added
 * in the order of x, so that the result is the same every time. An index outside of [0, length) makes the result NaN: see
 * {@link dev.quern.kernels.gather.ScatterAddProblem}.
 *
 * @param axis       the axis of the result
 * @param length     its extent
 * @param perElement whether each element of x has an index of its own
 * @param ignored    an index whose terms are left out; -1 for none
 */
public record ScatterAdd(int axis, int length, boolean perElement, int ignored) implements Op {
    @Override
    public String label() {
        return "scatter_add";
    }

    @Override
    public String attributes() {
        return "axis=" + axis + ", length=" + length + (perElement ? ", per element" : "")
                + (ignored < 0 ? "" : ", ignored=" + ignored);
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        Types.count(inputs, 2, "scatter_add takes a tensor and indices");
        Types.f32("x", inputs.get(0));
        Shape x = inputs.get(0).shape();
        Shape index = Gather.indices(inputs.get(1));
        int indexed = perElement ? 1 : index.rank();
        boolean fits = length > 0 && axis >= 0 && axis + indexed <= x.rank();
        for (int a = 0; fits && !perElement && a < indexed; a++) {
            fits = x.extent(axis + a) == index.extent(a);
        }
        if (!fits || perElement && !x.equals(index)) {
            throw new IllegalOperandException("x " + x + " and index " + index + ": x must have the axes of the index "
                    + (perElement ? "" : "from axis " + axis + " on ") + "to be added up to " + length);
        }
        List<Integer> extents = new ArrayList<>();
        for (int a = 0; a < x.rank(); a++) {
            if (a < axis || a >= axis + indexed) {
                extents.add(x.extent(a));
            }
        }
        extents.add(axis, length);
        return List.of(TensorType.f32(Shape.of(extents.stream().mapToInt(Integer::intValue).toArray())));
    }

    @Override
    public void vjp(Backward backward) {
        if (!backward.wants(0)) {
            return;
        }
        if (ignored >= 0) {
            throw new IllegalOperandException("scatter_add that ignores an index has no gradient: it is not supported");
        }
        backward.to(0, backward.emit().emitOne(new Gather(axis, perElement, -1), backward.gradient(), backward.input(1)));
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.KERNEL;
    }
}
