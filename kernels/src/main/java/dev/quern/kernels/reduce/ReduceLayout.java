package dev.quern.kernels.reduce;

import java.util.ArrayList;
import java.util.List;

/**
 * Where a reduction's elements lie. The innermost extent is apart from the others, because kernels walk along it.
 *
 * @param inner        the innermost extent
 * @param innerReduced whether that is reduced
 * @param kept         the other kept extents, outermost first, each with its stride
 * @param runs         the other reduced extents, outermost first, each with its stride
 */
record ReduceLayout(int inner, boolean innerReduced, List<Axis> kept, List<Axis> runs) {
    /** An extent and how many elements lie between its neighbours. */
    record Axis(int extent, int stride) {
    }

    static ReduceLayout of(ReduceProblem problem) {
        List<Axis> kept = new ArrayList<>();
        List<Axis> runs = new ArrayList<>();
        int last = problem.extents().size() - 1;
        int stride = problem.extents().get(last);
        for (int i = last - 1; i >= 0; i--) {
            int extent = problem.extents().get(i);
            (problem.reduced(i) ? runs : kept).addFirst(new Axis(extent, stride));
            stride *= extent;
        }
        return new ReduceLayout(problem.extents().get(last), problem.reduced(last), kept, runs);
    }

    /** How many runs there are. */
    int runCount() {
        return runs.stream().mapToInt(Axis::extent).reduce(1, (a, b) -> a * b);
    }

    /** How many kept rows there are: outputs, or where the innermost extent is kept, rows of outputs. */
    int keptCount() {
        return kept.stream().mapToInt(Axis::extent).reduce(1, (a, b) -> a * b);
    }

    /** The first element of a kept row. */
    int keptAt(int row) {
        return at(kept, row);
    }

    /** A run's distance from the first one. */
    int runAt(int run) {
        return at(runs, run);
    }

    private static int at(List<Axis> axes, int index) {
        int place = 0;
        for (int i = axes.size() - 1; i >= 0; i--) {
            place += index % axes.get(i).extent() * axes.get(i).stride();
            index /= axes.get(i).extent();
        }
        return place;
    }

    /** {@link #keptAt} as a macro's body in terms of {@code i}. */
    String keptText() {
        return text(kept);
    }

    /** {@link #runAt} as a macro's body in terms of {@code i}. */
    String runText() {
        return text(runs);
    }

    private static String text(List<Axis> axes) {
        if (axes.isEmpty()) {
            return "((size_t)0)";
        }
        StringBuilder text = new StringBuilder();
        int below = 1;
        for (int i = axes.size() - 1; i >= 0; i--) {
            String index = below == 1 ? "(i)" : "(i) / " + below;
            String digit = i == 0 ? index : "(" + index + ") % " + axes.get(i).extent();
            text.insert(0, "(size_t)(" + digit + ") * " + axes.get(i).stride() + (text.isEmpty() ? "" : " + "));
            below *= axes.get(i).extent();
        }
        return "(" + text + ")";
    }
}
