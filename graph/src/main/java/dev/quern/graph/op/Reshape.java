package dev.quern.graph.op;

import dev.quern.runtime.Shape;
import java.util.Arrays;
import java.util.List;

/** The same elements in the same order under another shape. Never a launch. */
public record Reshape(Shape shape) implements Op {
    /** The shape with these extents, of which one may be -1: it is what is left. */
    static Shape resolve(Shape input, int... extents) {
        int[] known = extents.clone();
        long product = 1;
        int open = -1;
        for (int axis = 0; axis < known.length; axis++) {
            if (known[axis] == -1 && open < 0) {
                open = axis;
            } else {
                product *= known[axis];
            }
        }
        if (open >= 0) {
            if (product <= 0 || input.elements() % product != 0) {
                throw new IllegalOperandException("input " + input + " cannot become " + Arrays.toString(extents) + ": its "
                        + input.elements() + " elements are no multiple of " + product);
            }
            known[open] = Math.toIntExact(input.elements() / product);
        }
        return Shape.of(known);
    }

    @Override
    public String label() {
        return "reshape";
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        Types.count(inputs, 1, "reshape takes one");
        TensorType input = inputs.getFirst();
        if (input.shape().elements() != shape.elements()) {
            throw new IllegalOperandException("input " + input.shape() + " has " + input.shape().elements()
                    + " elements, the new shape " + shape + " has " + shape.elements());
        }
        return List.of(new TensorType(input.dtype(), shape));
    }

    @Override
    public void vjp(Backward backward) {
        if (backward.wants(0)) {
            backward.to(0, backward.emit().reshape(backward.gradient(), backward.input(0).shape()));
        }
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.ALIAS;
    }
}
