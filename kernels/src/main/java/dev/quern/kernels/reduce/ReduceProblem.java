package dev.quern.kernels.reduce;

import dev.quern.kernels.Cost;
import dev.quern.kernels.Operand;
import dev.quern.kernels.Problem;
import dev.quern.kernels.StorageText;
import dev.quern.runtime.DType;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * A reduction over some axes of a tensor, or of several of one shape alike: their inputs, then their outputs are the operands. Whether reduced axes stay as extents of 1 does not concern it: the bytes
 * are the same.
 *
 * <p>The record is canonical. Neighbouring axes that are all reduced or all kept are one extent, extents of 1 are gone, and
 * so reduced and kept extents alternate: summing [64, 6, 24, 24] over axes 0, 2 and 3 is {@code [64, 6, 576]} with the
 * first extent reduced. Use {@link #of} to get there.
 *
 * @param op           what is done
 * @param dtype        the storage type of input and output
 * @param extents      the input's extents in which reduced and kept ones alternate; at least one
 * @param firstReduced whether the first extent is a reduced one
 * @param members      how many tensors are reduced, at most {@link #MOST_MEMBERS}
 */
public record ReduceProblem(ReduceOp op, DType dtype, List<Integer> extents, boolean firstReduced, int members) implements Problem {
    /** The position of the first input among the operands. */
    public static final int X = 0;
    /** The most tensors that are reduced in one launch: each takes two arguments, and what is applied to it some more. */
    public static final int MOST_MEMBERS = 8;

    public ReduceProblem {
        extents = List.copyOf(extents);
        if (members < 1 || members > MOST_MEMBERS) {
            throw new QuernException("reduce " + op.label() + " of " + extents + ": " + members + " tensors; 1 to " + MOST_MEMBERS
                    + " go together");
        }
        if (!StorageText.TYPES.contains(dtype)) {
            throw new QuernException("reduce " + op.label() + " of " + extents + ": is " + dtype
                    + "; it is computed for F32, F16 and BF16");
        }
        double elements = 1;
        for (int extent : extents) {
            if (extent < 1) {
                throw new QuernException("reduce " + op.label() + " of " + extents
                        + ": every extent must be at least 1; nothing can be reduced from an empty tensor");
            }
            elements *= extent;
        }
        if (extents.isEmpty() || elements > Integer.MAX_VALUE) {
            throw new QuernException("reduce " + op.label() + " of " + extents + ": needs between 1 and 2^31 - 1 elements");
        }
    }

    /** A reduction of one tensor. */
    public ReduceProblem(ReduceOp op, DType dtype, List<Integer> extents, boolean firstReduced) {
        this(op, dtype, extents, firstReduced, 1);
    }

    /** This of so many tensors. */
    public ReduceProblem of(int tensors) {
        return new ReduceProblem(op, dtype, extents, firstReduced, tensors);
    }

    /** The position of a tensor's output among the operands. */
    public int y(int member) {
        return members + member;
    }

    /**
     * A reduction of an F32 tensor over axes.
     *
     * @param op    what is done
     * @param input the input's shape
     * @param axes  the axes that disappear, each at most once; negative ones count from the end; none copies the input
     */
    public static ReduceProblem of(ReduceOp op, Shape input, int... axes) {
        return of(op, DType.F32, input, axes);
    }

    /** The same for a tensor of this storage type, which is the output's too. */
    public static ReduceProblem of(ReduceOp op, DType dtype, Shape input, int... axes) {
        int rank = input.rank();
        Set<Integer> reduced = new TreeSet<>();
        for (int axis : axes) {
            if (axis < -rank || axis >= rank) {
                throw new QuernException("reduce " + op.label() + " of " + input + " over axes " + Arrays.toString(axes)
                        + ": axis " + axis + " must be in [" + -rank + ", " + (rank - 1) + "]");
            }
            if (!reduced.add(axis < 0 ? axis + rank : axis)) {
                throw new QuernException("reduce " + op.label() + " of " + input + " over axes " + Arrays.toString(axes)
                        + ": axis " + axis + " is named twice");
            }
        }
        List<Integer> extents = new ArrayList<>();
        boolean firstReduced = false;
        boolean lastReduced = false;
        for (int axis = 0; axis < rank; axis++) {
            int extent = input.extent(axis);
            boolean gone = reduced.contains(axis);
            if (extent == 1) {
                continue;
            }
            if (extents.isEmpty()) {
                firstReduced = gone;
                extents.add(extent);
            } else if (gone == lastReduced) {
                double merged = (double) extents.getLast() * extent;
                if (merged > Integer.MAX_VALUE) {
                    throw new QuernException("reduce " + op.label() + " of " + input + ": more than 2^31 - 1 elements");
                }
                extents.set(extents.size() - 1, (int) merged);
            } else {
                extents.add(extent);
            }
            lastReduced = gone;
        }
        if (extents.isEmpty()) {
            extents.add(1);
        }
        return new ReduceProblem(op, dtype, extents, firstReduced);
    }

    /** Whether extent {@code index} is reduced. */
    public boolean reduced(int index) {
        return (index % 2 == 0) == firstReduced;
    }

    /** How many elements an input has. */
    public long elements() {
        return (long) terms() * outputs();
    }

    /** How many elements each output is made of. */
    public int terms() {
        return product(true);
    }

    /** How many outputs each tensor has. */
    public int outputs() {
        return product(false);
    }

    private int product(boolean reduced) {
        int product = 1;
        for (int i = 0; i < extents.size(); i++) {
            product *= reduced(i) == reduced ? extents.get(i) : 1;
        }
        return product;
    }

    @Override
    public String family() {
        return "reduce";
    }

    @Override
    public List<Operand> operands() {
        int[] input = extents.stream().mapToInt(Integer::intValue).toArray();
        List<Integer> kept = new ArrayList<>();
        for (int i = 0; i < extents.size(); i++) {
            if (!reduced(i)) {
                kept.add(extents.get(i));
            }
        }
        int[] output = kept.stream().mapToInt(Integer::intValue).toArray();
        List<Operand> operands = new ArrayList<>();
        for (int m = 0; m < members; m++) {
            operands.add(Operand.input(members == 1 ? "x" : "x" + m, dtype, Shape.of(input)));
        }
        for (int m = 0; m < members; m++) {
            operands.add(Operand.output(members == 1 ? "y" : "y" + m, dtype, Shape.of(output)));
        }
        return operands;
    }

    @Override
    public Cost cost() {
        return Cost.of((double) members * elements(), operands());
    }

    /** For example {@code reduce sum f32 r64.k6.r576}: reduced and kept extents in order. */
    @Override
    public String key() {
        StringBuilder text = new StringBuilder("reduce " + op.label() + " " + dtype.name().toLowerCase(Locale.ROOT) + " ");
        for (int i = 0; i < extents.size(); i++) {
            text.append(i == 0 ? "" : ".").append(reduced(i) ? 'r' : 'k').append(extents.get(i));
        }
        return text.append(members == 1 ? "" : " of " + members + " tensors").toString();
    }
}
