package dev.quern.graph.op;

import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The inputs one after the other along an axis.
 *
 * @param axis the axis, counted from the front
 */
public record Concat(int axis) implements Op {
    @Override
    public String label() {
        return "concat";
    }

    @Override
    public String attributes() {
        return "axis=" + axis;
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        if (inputs.isEmpty()) {
            throw new IllegalOperandException("no operands: concat takes at least one");
        }
        Shape first = inputs.getFirst().shape();
        if (axis < 0 || axis >= first.rank()) {
            throw new IllegalOperandException("operand 0 " + first + " has no axis " + axis);
        }
        int[] extents = first.toArray();
        for (int k = 1; k < inputs.size(); k++) {
            Shape shape = inputs.get(k).shape();
            boolean fits = shape.rank() == first.rank() && inputs.get(k).dtype() == inputs.getFirst().dtype();
            for (int a = 0; fits && a < extents.length; a++) {
                fits = a == axis || shape.extent(a) == first.extent(a);
            }
            if (!fits) {
                throw new IllegalOperandException("operand 0 " + inputs.getFirst() + " and operand " + k + " " + inputs.get(k)
                        + ": they must be equal but for axis " + axis);
            }
            extents[axis] = Math.addExact(extents[axis], shape.extent(axis));
        }
        return List.of(new TensorType(inputs.getFirst().dtype(), Shape.of(extents)));
    }

    @Override
    public void vjp(Backward backward) {
        Shape output = backward.output(0).shape();
        List<Integer> steps = Collections.nCopies(output.rank(), 1);
        int start = 0;
        for (int k = 0; start < output.extent(axis); k++) {
            Shape input = backward.input(k).shape();
            if (backward.wants(k)) {
                List<Integer> starts = new ArrayList<>(Collections.nCopies(output.rank(), 0));
                starts.set(axis, start);
                backward.to(k, backward.emit().emitOne(new Slice(starts, steps, input), backward.gradient()));
            }
            start += input.extent(axis);
        }
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.KERNEL;
    }
}
