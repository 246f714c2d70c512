package dev.quern.graph.lower;

import dev.quern.graph.ir.Node;
import dev.quern.graph.op.Slice;
import dev.quern.graph.op.Transpose;
import dev.quern.kernels.expr.Epilogue.Rows;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * How a loop over one shape reads a dense tensor of another: for each axis of the loop, the tensor's axis that it walks, or
 * none where it repeats, where it begins there and in what steps it goes on.
 *
 * @param loop   the iteration shape
 * @param tensor the tensor's shape
 * @param axes   for each axis of the loop, an axis of the tensor or -1
 * @param starts for each axis of the loop, the first place along the tensor's axis
 * @param steps  for each axis of the loop, how many places it goes on; negative ones run backwards
 * @param origin for each axis of the tensor that no axis of the loop walks, the place where the loop stays; 0 for others
 */
public record View(Shape loop, Shape tensor, List<Integer> axes, List<Integer> starts, List<Integer> steps,
        List<Integer> origin) {
    /** Ranks below this have their lists in common. */
    private static final int SHARED = 9;
    private static final List<List<Integer>> ZEROS = byRank(axis -> 0);
    private static final List<List<Integer>> ONES = byRank(axis -> 1);
    private static final List<List<Integer>> IN_ORDER = byRank(axis -> axis);

    public View {
        axes = List.copyOf(axes);
        starts = List.copyOf(starts);
        steps = List.copyOf(steps);
        origin = List.copyOf(origin);
    }

    private View(Shape loop, Shape tensor, List<Integer> axes) {
        this(loop, tensor, axes, repeated(0, loop.rank()), repeated(1, loop.rank()), repeated(0, tensor.rank()));
    }

    /** A list that is the same each time, so that most comparisons of views are of references. */
    private static List<Integer> repeated(int value, int rank) {
        return rank < SHARED ? (value == 0 ? ZEROS : ONES).get(rank) : Collections.nCopies(rank, value);
    }

    /** The tensor in its own order. */
    public static View identity(Shape shape) {
        return new View(shape, shape, inOrder(shape));
    }

    private static List<Integer> inOrder(Shape shape) {
        return shape.rank() < SHARED ? IN_ORDER.get(shape.rank()) : IntStream.range(0, shape.rank()).boxed().toList();
    }

    private static List<List<Integer>> byRank(IntUnaryOperator element) {
        return IntStream.range(0, SHARED).mapToObj(rank -> List.copyOf(IntStream.range(0, rank).map(element).boxed().toList())).toList();
    }

    /** Whether it is the {@link #identity} of its shape. */
    public boolean isIdentity() {
        return loop.equals(tensor) && axes.equals(inOrder(loop)) && starts.equals(repeated(0, loop.rank()))
                && steps.equals(repeated(1, loop.rank())) && origin.equals(repeated(0, loop.rank()));
    }

    /** The tensor as it broadcasts to the loop's shape. */
    public static View broadcast(Shape loop, Shape tensor) {
        if (loop.equals(tensor)) {
            return identity(loop);
        }
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
            case VIEW -> Optional.of(switch (node.op()) {
                case Transpose transpose -> new View(loop, tensor, transpose.permutation());
                case Slice slice -> new View(loop, tensor, inOrder(loop), slice.starts(), slice.steps(),
                        Collections.nCopies(tensor.rank(), 0));
                default -> broadcast(loop, tensor);
            });
            default -> Optional.empty();
        };
    }

    /** How this view's loop reads what its tensor's own loop reads through {@code inner}. */
    public View then(View inner) {
        if (isIdentity()) {
            return inner;
        }
        if (inner.isIdentity()) {
            return this;
        }
        List<Integer> composed = new ArrayList<>(Collections.nCopies(loop.rank(), -1));
        List<Integer> firsts = new ArrayList<>(Collections.nCopies(loop.rank(), 0));
        List<Integer> strides = new ArrayList<>(Collections.nCopies(loop.rank(), 1));
        List<Integer> rest = new ArrayList<>(inner.origin);
        for (int axis = 0; axis < inner.loop.rank(); axis++) {
            int at = inner.axes.get(axis);
            if (at >= 0 && !axes.contains(axis)) {
                rest.set(at, inner.starts.get(axis) + origin.get(axis) * inner.steps.get(axis));
            }
        }
        for (int axis = 0; axis < loop.rank(); axis++) {
            int through = axes.get(axis);
            if (through >= 0 && inner.axes.get(through) >= 0) {
                composed.set(axis, inner.axes.get(through));
                firsts.set(axis, inner.starts.get(through) + starts.get(axis) * inner.steps.get(through));
                strides.set(axis, steps.get(axis) * inner.steps.get(through));
            }
        }
        return new View(loop, inner.tensor, composed, firsts, strides, rest);
    }

    /** The tensor's element that belongs to the loop's first. */
    public long offset() {
        long[] dense = tensor.strides();
        long offset = 0;
        for (int axis = 0; axis < tensor.rank(); axis++) {
            offset += origin.get(axis) * dense[axis];
        }
        for (int axis = 0; axis < loop.rank(); axis++) {
            offset += axes.get(axis) < 0 ? 0 : starts.get(axis) * dense[axes.get(axis)];
        }
        return offset;
    }

    /** Elements between neighbours along each axis of the loop. */
    public List<Long> strides() {
        long[] dense = tensor.strides();
        long[] own = loop.strides();
        List<Long> walked = new ArrayList<>();
        List<Long> plain = new ArrayList<>();
        boolean contiguous = loop.elements() == tensor.elements() && offset() == 0;
        for (int axis = 0; axis < loop.rank(); axis++) {
            int at = axes.get(axis);
            walked.add(at < 0 || tensor.extent(at) == 1 ? 0 : dense[at] * steps.get(axis));
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
        return loop.elements() == tensor.elements() && offset() == 0;
    }

    /**
     * The tensor as consecutive elements that each serve {@code inner} consecutive loop elements, again and again: element
     * i of the loop reads element {@code (i / inner) % count}. Empty where the view has no such form.
     */
    public Optional<Cycle> cycle() {
        List<Long> strides = strides();
        if (offset() != 0) {
            return Optional.empty();
        }
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

    /**
     * The part of the tensor that the loop walks, element by element and in the tensor's order: rows of neighbours, evenly apart. Empty
     * where the view has no such form.
     */
    public Optional<Rows> rows() {
        List<Long> strides = strides();
        long length = 1;
        int axis = loop.rank() - 1;
        while (axis >= 0 && (loop.extent(axis) == 1 || strides.get(axis) == length)) {
            length *= loop.extent(axis--);
        }
        if (axis < 0) {
            return Optional.of(new Rows(offset(), length, length));
        }
        long pitch = strides.get(axis);
        long apart = pitch;
        for (; axis >= 0; axis--) {
            if (loop.extent(axis) != 1 && strides.get(axis) != apart) {
                return Optional.empty();
            }
            apart *= loop.extent(axis);
        }
        return pitch < length ? Optional.empty() : Optional.of(new Rows(offset(), length, pitch));
    }

    /** The form of a {@link #cycle}. */
    public record Cycle(long count, long inner) {
    }
}
