package dev.quern.kernels.pointwise;

import dev.quern.kernels.pointwise.PointwiseProblem.Input;
import dev.quern.kernels.pointwise.PointwiseProblem.Part;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A part's iteration as the fewest nested loops: axes of extent 1 are dropped, and neighbouring axes that every input
 * walks as one are merged. A fully contiguous part is a single loop.
 *
 * @param extents the loops, outermost first, at least one
 * @param strides for each input, its stride in each loop
 * @param offsets for each input, where it begins
 */
record Loops(List<Long> extents, List<List<Long>> strides, List<Long> offsets) {
    static Loops of(Part part) {
        int inputs = part.inputs().size();
        List<Long> extents = new ArrayList<>();
        List<List<Long>> strides = new ArrayList<>();
        for (int i = 0; i < inputs; i++) {
            strides.add(new ArrayList<>());
        }
        // Innermost first; an axis merges into the loop inside it when every input continues there without a jump.
        for (int axis = part.shape().rank() - 1; axis >= 0; axis--) {
            long extent = part.shape().extent(axis);
            if (extent == 1) {
                continue;
            }
            if (!extents.isEmpty() && continues(part, axis, extents.getLast(), strides)) {
                extents.set(extents.size() - 1, extents.getLast() * extent);
                continue;
            }
            extents.add(extent);
            for (int i = 0; i < inputs; i++) {
                strides.get(i).add(part.inputs().get(i).strides().get(axis));
            }
        }
        if (extents.isEmpty()) {
            extents.add(1L);
            strides.forEach(list -> list.add(0L));
        }
        return new Loops(extents.reversed(), strides.stream().map(list -> (List<Long>) list.reversed()).toList(),
                part.inputs().stream().map(Input::offset).toList());
    }

    private static boolean continues(Part part, int axis, long innerExtent, List<List<Long>> strides) {
        for (int i = 0; i < strides.size(); i++) {
            Input input = part.inputs().get(i);
            if (input.strides().get(axis) != strides.get(i).getLast() * innerExtent) {
                return false;
            }
        }
        return true;
    }

    int depth() {
        return extents.size();
    }

    /** The innermost loop's extent. */
    long inner() {
        return extents.getLast();
    }

    /** How often the innermost loop runs. */
    long rows() {
        return extents.subList(0, depth() - 1).stream().reduce(1L, (a, b) -> a * b);
    }

    /** An input's stride in the innermost loop. */
    long innerStride(int input) {
        return strides.get(input).getLast();
    }

    /** Whether every row of an input begins at a multiple of {@code step} and goes on element by element. */
    boolean isAligned(int input, int step) {
        boolean aligned = innerStride(input) == 1 && offsets.get(input) % step == 0;
        for (int loop = 0; loop < depth() - 1; loop++) {
            aligned &= strides.get(input).get(loop) % step == 0;
        }
        return aligned;
    }

    /** The first element of each input in a row. */
    void rowOffsets(long row, long[] firsts) {
        Arrays.setAll(firsts, offsets::get);
        long rest = row;
        for (int loop = depth() - 2; loop >= 0; loop--) {
            long index = rest % extents.get(loop);
            rest /= extents.get(loop);
            for (int i = 0; i < firsts.length; i++) {
                firsts[i] += index * strides.get(i).get(loop);
            }
        }
    }
}
