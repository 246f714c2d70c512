package dev.quern.graph.lower;

import dev.quern.graph.ir.Node;
import dev.quern.graph.op.Transpose;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * How a loop over one shape reads a dense tensor of another: for each axis of the loop, the tensor's axis that it walks, or
 * none where it repeats.
 *
 * @param loop   the iteration shape
 * @param tensor the tensor's shape
 * @param axes   for each axis of the loop, an axis of the tensor or -1
 */
public record View(Shape loop, Shape tensor, List<Integer> axes) {
    public View {
        axes = List.copyOf(axes);
    }

    /** The tensor in its own order. */
    public static View identity(Shape shape) {
        List<Integer> axes = new ArrayList<>();
        for (int axis = 0; axis < shape.rank(); axis++) {
            axes.add(axis);
        }
        return new View(shape, shape, axes);
    }

    /** The tensor as it broadcasts to the loop's shape. */
    public static View broadcast(Shape loop, Shape tensor) {
        List<Integer> axes = new ArrayList<>();
        int missing = loop.rank() - tensor.rank();
        for (int axis = 0; axis < loop.rank(); axis++) {
            boolean repeated = axis < missing || tensor.extent(axis - missing) == 1 && loop.extent(axis) != 1;
            axes.add(repeated ? -1 : axis - missing);
        }
        return new View(loop, tensor, axes);
    }

    /** How a pointwise or view node reads an operand; empty for other nodes. */
    public static Optional<View> of(Node node, int input) {
        Shape loop = node.output(0).shape();
        Shape tensor = node.input(input).shape();
        return switch (node.op().fusionKind()) {
            case POINTWISE, EFFECT -> Optional.of(broadcast(loop, tensor));
            case VIEW -> Optional.of(node.op() instanceof Transpose transpose
                    ? new View(loop, tensor, transpose.permutation()) : broadcast(loop, tensor));
            default -> Optional.empty();
        };
    }

    /** How this view's loop reads what its tensor's own loop reads through {@code inner}. */
    public View then(View inner) {
        List<Integer> composed = new ArrayList<>(Collections.nCopies(loop.rank(), -1));
        for (int axis = 0; axis < loop.rank(); axis++) {
            if (axes.get(axis) >= 0) {
                composed.set(axis, inner.axes.get(axes.get(axis)));
            }
        }
        return new View(loop, inner.tensor, composed);
    }

    /** Elements between neighbours along each axis of the loop. */
    public List<Long> strides() {
        long[] dense = tensor.strides();
        long[] own = loop.strides();
        List<Long> walked = new ArrayList<>();
        List<Long> plain = new ArrayList<>();
        boolean contiguous = loop.elements() == tensor.elements();
        for (int axis = 0; axis < loop.rank(); axis++) {
            int at = axes.get(axis);
            walked.add(at < 0 || tensor.extent(at) == 1 ? 0 : dense[at]);
            plain.add(own[axis]);
            contiguous &= loop.extent(axis) == 1 || walked.get(axis) == own[axis];
        }
        // Strides along extents of 1 are free to choose: one spelling for all that is contiguous.
        return contiguous ? plain : walked;
    }

    /** Whether element i of the loop is element i of the tensor. */
    public boolean isContiguous() {
        List<Long> strides = strides();
        long[] own = loop.strides();
        for (int axis = 0; axis < loop.rank(); axis++) {
            if (strides.get(axis) != own[axis]) {
                return false;
            }
        }
        return loop.elements() == tensor.elements();
    }

    /**
     * The tensor as consecutive elements that each serve {@code inner} consecutive loop elements, again and again: element
     * i of the loop reads element {@code (i / inner) % count}. Empty where the view has no such form.
     */
    public Optional<Cycle> cycle() {
        List<Long> strides = strides();
        long inner = 1;
        int axis = loop.rank() - 1;
        while (axis >= 0 && (strides.get(axis) == 0 || loop.extent(axis) == 1)) {
            inner *= loop.extent(axis--);
        }
        if (axis < 0) {
            return Optional.of(new Cycle(1, 1));
        }
        long count = 1;
        while (axis >= 0 && (loop.extent(axis) == 1 || strides.get(axis) == count)) {
            count *= loop.extent(axis--);
        }
        while (axis >= 0) {
            if (strides.get(axis) != 0 && loop.extent(axis) != 1) {
                return Optional.empty();
            }
            axis--;
        }
        return Optional.of(new Cycle(count, inner));
    }

    /** The form of a {@link #cycle}. */
    public record Cycle(long count, long inner) {
    }
}
