package dev.quern.graph.op;

import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A lattice of the input: output element (i, j, …) is input element (starts[0] + steps[0] i, starts[1] + steps[1] j, …).
 *
 * @param starts the first place along each axis
 * @param steps  how many places apart neighbours are; negative ones run backwards, none is 0
 * @param shape  the extents of the output
 */
public record Slice(List<Integer> starts, List<Integer> steps, Shape shape) implements Op {
    public Slice {
        starts = List.copyOf(starts);
        steps = List.copyOf(steps);
    }

    /**
     * NumPy's {@code start:stop:step} along one axis: negative places count from the end, and what lies past an end is cut off.
     */
    static Slice along(Shape input, int axis, int start, int stop, int step) {
        int at = Types.axis(axis, input.rank(), "input " + input);
        if (step == 0) {
            throw new IllegalOperandException("input " + input + ", axis " + axis + ": the step must not be 0");
        }
        int extent = input.extent(at);
        int low = step > 0 ? 0 : -1;
        int first = Math.clamp(start < 0 ? (long) start + extent : start, low, extent + low);
        // Backwards, an end of -extent - 1 or less is the place before the first.
        int end = Math.clamp(stop < 0 ? (long) stop + extent : stop, low, extent + low);
        int count = Math.max(0, Math.ceilDiv(end - first, step));
        if (count == 0) {
            throw new IllegalOperandException("input " + input + ", axis " + axis + ": " + start + ":" + stop + ":" + step
                    + " holds nothing");
        }
        List<Integer> starts = new ArrayList<>(Collections.nCopies(input.rank(), 0));
        List<Integer> steps = new ArrayList<>(Collections.nCopies(input.rank(), 1));
        int[] extents = input.toArray();
        starts.set(at, first);
        steps.set(at, step);
        extents[at] = count;
        return new Slice(starts, steps, Shape.of(extents));
    }

    @Override
    public String label() {
        return "slice";
    }

    @Override
    public String attributes() {
        return "starts=" + starts + (steps.stream().allMatch(step -> step == 1) ? "" : ", steps=" + steps);
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        Types.count(inputs, 1, "slice takes one");
        Shape input = inputs.getFirst().shape();
        boolean fits = starts.size() == input.rank() && steps.size() == input.rank() && shape.rank() == input.rank()
                && shape.elements() > 0;
        for (int axis = 0; fits && axis < input.rank(); axis++) {
            long last = starts.get(axis) + (long) (shape.extent(axis) - 1) * steps.get(axis);
            fits = steps.get(axis) != 0 && starts.get(axis) >= 0 && starts.get(axis) < input.extent(axis) && last >= 0
                    && last < input.extent(axis);
        }
        if (!fits) {
            throw new IllegalOperandException("input " + input + " has no slice " + shape + " from " + starts + " in steps of "
                    + steps + ": every place must lie within the input");
        }
        return List.of(new TensorType(inputs.getFirst().dtype(), shape));
    }

    @Override
    public void vjp(Backward backward) {
        if (backward.wants(0)) {
            backward.to(0, backward.emit().emitOne(new Pad(starts, steps, backward.input(0).shape(), 0), backward.gradient()));
        }
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.VIEW;
    }
}
