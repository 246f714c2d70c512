package dev.quern.kernels.copy;

import dev.quern.kernels.copy.CopyProblem.Region;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * Loops that write a part of a copy's output: elements of one input, or the fill value. Parts of a problem reach every element
 * of the output once. Axes of extent 1 are dropped, and neighbouring axes that both sides walk as one are merged.
 *
 * @param input   the input, or -1 where the fill value is written
 * @param extents the loops, outermost first, at least one
 * @param target  the output's elements between neighbours of each loop
 * @param source  the input's elements between neighbours of each loop
 * @param at      the output's first element, where {@code before} fill values end
 * @param from    the input's first element
 * @param before  fill values before each run of the innermost loop, which then has target stride 1
 * @param after   fill values behind it
 */
record Part(int input, List<Long> extents, List<Long> target, List<Long> source, long at, long from, long before, long after) {
    /** The parts of a problem. */
    static List<Part> of(CopyProblem problem) {
        List<Part> parts = new ArrayList<>();
        boolean whole = problem.regions().stream().mapToLong(region -> region.extents().elements()).sum()
                == problem.output().elements();
        for (Region region : problem.regions()) {
            if (whole) {
                parts.add(copied(problem.output(), region, 0, 0));
            } else {
                around(problem.output(), region, parts);
            }
        }
        return parts;
    }

    private static Part copied(Shape output, Region region, long before, long after) {
        long[] dense = output.strides();
        List<Long> target = new ArrayList<>();
        List<Long> extents = new ArrayList<>();
        long at = 0;
        for (int axis = 0; axis < output.rank(); axis++) {
            target.add(dense[axis] * region.steps().get(axis));
            extents.add((long) region.extents().extent(axis));
            at += dense[axis] * region.starts().get(axis);
        }
        return merged(region.input(), extents, target, region.strides(), at, region.offset(), before, after);
    }

    /** A region that leaves some of the output, and boxes of fill values around it, peeled off from the outermost axis inwards. */
    private static void around(Shape output, Region region, List<Part> parts) {
        int rank = output.rank();
        // Along the innermost axis fill values are written with the rows that they border on.
        boolean rows = region.steps().get(rank - 1) == 1;
        int peeled = rows ? rank - 1 : rank;
        for (int axis = 0; axis < peeled; axis++) {
            int start = region.starts().get(axis);
            int step = region.steps().get(axis);
            int count = region.extents().extent(axis);
            int end = start + (count - 1) * step + 1;
            fill(output, region, axis, 0, 1, start, parts);
            fill(output, region, axis, end, 1, output.extent(axis) - end, parts);
            for (int residue = 1; residue < step; residue++) {
                fill(output, region, axis, start + residue, step, count - 1, parts);
            }
        }
        int before = rows ? region.starts().get(rank - 1) : 0;
        int after = rows ? output.extent(rank - 1) - before - region.extents().extent(rank - 1) : 0;
        parts.add(copied(output, region, before, after));
    }

    /** Fill values over the region's places along the axes before one, some places along that one, and all along those behind. */
    private static void fill(Shape output, Region region, int axis, int start, int step, int count, List<Part> parts) {
        if (count < 1) {
            return;
        }
        long[] dense = output.strides();
        List<Long> extents = new ArrayList<>();
        List<Long> target = new ArrayList<>();
        List<Long> source = new ArrayList<>();
        long at = 0;
        for (int a = 0; a < output.rank(); a++) {
            int first = a < axis ? region.starts().get(a) : a == axis ? start : 0;
            int by = a < axis ? region.steps().get(a) : a == axis ? step : 1;
            extents.add((long) (a < axis ? region.extents().extent(a) : a == axis ? count : output.extent(a)));
            target.add(dense[a] * by);
            source.add(0L);
            at += dense[a] * first;
        }
        parts.add(merged(-1, extents, target, source, at, 0, 0, 0));
    }

    private static Part merged(int input, List<Long> extents, List<Long> target, List<Long> source, long at, long from,
            long before, long after) {
        List<Long> loops = new ArrayList<>();
        List<Long> targets = new ArrayList<>();
        List<Long> sources = new ArrayList<>();
        boolean bordered = before + after > 0;
        for (int axis = extents.size() - 1; axis >= 0; axis--) {
            long extent = extents.get(axis);
            boolean innermost = axis == extents.size() - 1;
            if (extent == 1 && !(innermost && bordered)) {
                continue;
            }
            boolean joins = !loops.isEmpty() && !(bordered && loops.size() == 1)
                    && target.get(axis) == targets.getLast() * loops.getLast()
                    && source.get(axis) == sources.getLast() * loops.getLast();
            if (joins) {
                loops.set(loops.size() - 1, loops.getLast() * extent);
            } else {
                loops.add(extent);
                targets.add(target.get(axis));
                sources.add(source.get(axis));
            }
        }
        if (loops.isEmpty()) {
            loops.add(1L);
            targets.add(1L);
            sources.add(1L);
        }
        return new Part(input, loops.reversed(), targets.reversed(), sources.reversed(), at, from, before, after);
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

    long innerTarget() {
        return target.getLast();
    }

    long innerSource() {
        return source.getLast();
    }

    /** Elements that are written, fill values included. */
    long elements() {
        return rows() * (before + inner() + after);
    }

    /** The first element of a row on either side. */
    long offset(List<Long> strides, long first, long row) {
        long offset = first;
        long rest = row;
        for (int loop = depth() - 2; loop >= 0; loop--) {
            offset += rest % extents.get(loop) * strides.get(loop);
            rest /= extents.get(loop);
        }
        return offset;
    }
}
