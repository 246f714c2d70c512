package dev.quern.kernels.copy;

import dev.quern.kernels.Cost;
import dev.quern.kernels.Operand;
import dev.quern.kernels.Problem;
import dev.quern.runtime.DType;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Puts elements of some tensors into places of another one, bit for bit, whatever their type. What no region reaches gets the
 * fill value. Operands are the inputs in order, then the output.
 *
 * @param dtype   the storage type of all operands
 * @param output  the output's shape
 * @param inputs  how many elements each input has
 * @param regions what goes where; no two reach the same element, and if there are several they reach every one
 * @param fill    the value of the other elements, converted to the type
 */
public record CopyProblem(DType dtype, Shape output, List<Long> inputs, List<Region> regions, double fill)
        implements Problem {
    /** The family's name. */
    public static final String FAMILY = "copy";

    /**
     * A lattice of the output and where its elements come from. Lattice element (i, j, …) is the output's element
     * (starts[0] + steps[0] i, starts[1] + steps[1] j, …) and the input's element offset + strides[0] i + strides[1] j + ….
     *
     * @param input   the position of the input
     * @param offset  the input's element for the lattice's first
     * @param strides the input's elements between neighbours along each axis; 0 repeats, negative ones run backwards
     * @param starts  the first place along each axis of the output
     * @param steps   how many places apart neighbours are, at least 1
     * @param extents the lattice's extents
     */
    public record Region(int input, long offset, List<Long> strides, List<Integer> starts, List<Integer> steps, Shape extents) {
        public Region {
            strides = List.copyOf(strides);
            starts = List.copyOf(starts);
            steps = List.copyOf(steps);
        }

        /** The last place along an axis. */
        private int last(int axis) {
            return starts.get(axis) + (extents.extent(axis) - 1) * steps.get(axis);
        }

        private boolean meets(Region other) {
            for (int axis = 0; axis < extents.rank(); axis++) {
                int at = axis;
                boolean common = IntStream.range(0, extents.extent(at)).map(i -> starts.get(at) + i * steps.get(at))
                        .anyMatch(place -> place >= other.starts.get(at) && place <= other.last(at)
                                && (place - other.starts.get(at)) % other.steps.get(at) == 0);
                if (!common) {
                    return false;
                }
            }
            return true;
        }
    }

    public CopyProblem {
        inputs = List.copyOf(inputs);
        regions = List.copyOf(regions);
        if (output.elements() < 1 || output.elements() > Integer.MAX_VALUE || regions.isEmpty()) {
            throw new QuernException("copy to " + output + ": needs between 1 and 2^31 - 1 elements and at least one region");
        }
        long reached = 0;
        for (int r = 0; r < regions.size(); r++) {
            Region region = regions.get(r);
            check(region, output, inputs);
            reached += region.extents().elements();
            for (int other = 0; other < r; other++) {
                if (region.meets(regions.get(other))) {
                    throw new QuernException("copy to " + output + ": regions " + other + " and " + r + " overlap");
                }
            }
        }
        if (regions.size() > 1 && reached < output.elements()) {
            throw new QuernException("copy to " + output + ": " + regions.size() + " regions reach " + reached + " of "
                    + output.elements() + " elements; only a single region may leave some to the fill value");
        }
    }

    private static void check(Region region, Shape output, List<Long> inputs) {
        int rank = output.rank();
        if (region.strides().size() != rank || region.starts().size() != rank || region.steps().size() != rank
                || region.extents().rank() != rank || region.input() < 0 || region.input() >= inputs.size()) {
            throw new QuernException("copy to " + output + ": " + region + " does not fit its rank or its " + inputs.size()
                    + " inputs");
        }
        long first = region.offset();
        long last = region.offset();
        for (int axis = 0; axis < rank; axis++) {
            int extent = region.extents().extent(axis);
            if (extent < 1 || region.starts().get(axis) < 0 || region.steps().get(axis) < 1
                    || region.last(axis) >= output.extent(axis)) {
                throw new QuernException("copy to " + output + ": a region of " + region.extents() + " from "
                        + region.starts() + " on in steps of " + region.steps() + " leaves it");
            }
            long reach = (extent - 1) * region.strides().get(axis);
            first += Math.min(0, reach);
            last += Math.max(0, reach);
        }
        if (first < 0 || last >= inputs.get(region.input())) {
            throw new QuernException("copy to " + output + ": a region reads elements " + first + " to " + last
                    + " of an input of " + inputs.get(region.input()));
        }
    }

    /** A whole output read from one input through strides: permuted, sliced, repeated. */
    public static CopyProblem view(DType dtype, Shape output, long elements, long offset, List<Long> strides) {
        return new CopyProblem(dtype, output, List.of(elements), List.of(new Region(0, offset, strides,
                Collections.nCopies(output.rank(), 0), Collections.nCopies(output.rank(), 1), output)), 0);
    }

    /**
     * An input placed into an output that is filled with a value otherwise: padding, and the gradient of a slice.
     *
     * @param starts the place of the input's first element along each axis
     * @param steps  how many places apart neighbours are; negative ones run backwards
     */
    public static CopyProblem place(DType dtype, Shape input, Shape output, List<Integer> starts, List<Integer> steps,
            double fill) {
        long[] dense = input.strides();
        long offset = 0;
        List<Long> strides = new ArrayList<>();
        List<Integer> firsts = new ArrayList<>();
        for (int axis = 0; axis < input.rank(); axis++) {
            boolean backwards = steps.get(axis) < 0;
            int reach = (input.extent(axis) - 1) * steps.get(axis);
            firsts.add(starts.get(axis) + Math.min(0, reach));
            strides.add(backwards ? -dense[axis] : dense[axis]);
            offset += backwards ? (input.extent(axis) - 1) * dense[axis] : 0;
        }
        return new CopyProblem(dtype, output, List.of(input.elements()), List.of(new Region(0, offset, strides, firsts,
                steps.stream().map(Math::abs).toList(), input)), fill);
    }

    /** Inputs one after the other along an axis. */
    public static CopyProblem concat(DType dtype, List<Shape> inputs, int axis) {
        int[] extents = inputs.getFirst().toArray();
        extents[axis] = 0;
        List<Region> regions = new ArrayList<>();
        for (int k = 0; k < inputs.size(); k++) {
            List<Integer> starts = new ArrayList<>(Collections.nCopies(extents.length, 0));
            starts.set(axis, extents[axis]);
            extents[axis] += inputs.get(k).extent(axis);
            regions.add(new Region(k, 0, Arrays.stream(inputs.get(k).strides()).boxed().toList(), starts,
                    Collections.nCopies(extents.length, 1), inputs.get(k)));
        }
        return new CopyProblem(dtype, Shape.of(extents), inputs.stream().map(Shape::elements).toList(), regions, 0);
    }

    @Override
    public String family() {
        return FAMILY;
    }

    @Override
    public List<Operand> operands() {
        List<Operand> operands = new ArrayList<>();
        for (int k = 0; k < inputs.size(); k++) {
            operands.add(Operand.input("x" + k, dtype, Shape.of(Math.toIntExact(inputs.get(k)))));
        }
        operands.add(Operand.output("y", dtype, output));
        return operands;
    }

    /** Each element of the output written once, and read once where it comes from an input's element of its own. */
    @Override
    public Cost cost() {
        double elements = output.elements();
        for (Region region : regions) {
            double read = 1;
            for (int axis = 0; axis < output.rank(); axis++) {
                read *= region.strides().get(axis) == 0 ? 1 : region.extents().extent(axis);
            }
            elements += read;
        }
        return new Cost(0, elements * dtype.bytes());
    }

    @Override
    public String key() {
        StringBuilder key = new StringBuilder(FAMILY + " " + dtype.toString().toLowerCase(java.util.Locale.ROOT) + " to " + output);
        for (Region region : regions) {
            key.append(" x").append(region.input()).append(region.extents()).append('+').append(region.offset())
                    .append(region.strides()).append(" at ").append(region.starts());
            if (region.steps().stream().anyMatch(step -> step != 1)) {
                key.append('/').append(region.steps());
            }
        }
        return key + (regions.size() == 1 && regions.getFirst().extents().elements() < output.elements() ? " fill " + fill : "");
    }
}
