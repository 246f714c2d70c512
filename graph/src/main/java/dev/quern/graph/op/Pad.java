package dev.quern.graph.op;

import dev.quern.runtime.Shape;
import java.util.Collections;
import java.util.List;

/**
 * The input placed into a larger tensor that holds a value everywhere else: input element (i, j, …) becomes output element
 * (starts[0] + steps[0] i, …). The gradient of a {@link Slice}, as a slice is its own.
 *
 * @param starts the place of the first element along each axis
 * @param steps  how many places apart neighbours are; negative ones run backwards, none is 0
 * @param shape  the extents of the output
 * @param value  the value everywhere else
 */
public record Pad(List<Integer> starts, List<Integer> steps, Shape shape, float value) implements Op {
    public Pad {
        starts = List.copyOf(starts);
        steps = List.copyOf(steps);
    }

    /** Padding with {@code before} and {@code after} elements along each axis. */
    static Pad around(Shape input, List<Integer> before, List<Integer> after, double value) {
        if (before.size() != input.rank() || after.size() != input.rank()
                || before.stream().anyMatch(pad -> pad < 0) || after.stream().anyMatch(pad -> pad < 0)) {
            throw new IllegalOperandException("input " + input + " with " + before + " elements before and " + after
                    + " behind: padding needs two numbers for each axis, none of them negative; slice to make it smaller");
        }
        int[] extents = input.toArray();
        for (int axis = 0; axis < extents.length; axis++) {
            extents[axis] = Math.addExact(extents[axis], Math.addExact(before.get(axis), after.get(axis)));
        }
        return new Pad(before, Collections.nCopies(extents.length, 1), Shape.of(extents), (float) value);
    }

    @Override
    public String label() {
        return "pad";
    }

    @Override
    public String attributes() {
        return "starts=" + starts + (steps.stream().allMatch(step -> step == 1) ? "" : ", steps=" + steps) + ", value=" + value;
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        Types.count(inputs, 1, "pad takes one");
        Shape input = inputs.getFirst().shape();
        // What is placed here is what a slice of the output would take out again.
        new Slice(starts, steps, input).infer(List.of(new TensorType(inputs.getFirst().dtype(), shape)));
        return List.of(new TensorType(inputs.getFirst().dtype(), shape));
    }

    @Override
    public void vjp(Backward backward) {
        if (backward.wants(0)) {
            backward.to(0, backward.emit().emitOne(new Slice(starts, steps, backward.input(0).shape()), backward.gradient()));
        }
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.KERNEL;
    }
}
