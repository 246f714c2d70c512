package dev.quern.kernels.scan;

import dev.quern.kernels.CpuVectors;
import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.KernelResource;
import dev.quern.kernels.PastCaches;
import dev.quern.kernels.expr.ExprText;
import dev.quern.kernels.reduce.ReduceOp;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.List;
import java.util.Map;

/** What the rungs for kernels share: an operation's macros, and the plan in one launch or three. */
final class ScanText {
    static final int LOCAL = 64;
    /** Results past this leave the caches before anybody reads them. */
    private static final long CACHED_BYTES = 32L << 20;

    private ScanText() {
    }

    /** The definitions of a problem. */
    static Map<String, String> defines(ScanProblem problem) {
        return Map.of("COMBINE(a, b)", combine(problem.op()), "NEUTRAL", ExprText.literal((float) problem.op().neutral()), "LINES",
                problem.lines() + "", "LENGTH", problem.length() + "", "INNER", problem.inner() + "", "EXCLUSIVE",
                problem.exclusive() ? "1" : "0", "REVERSE", problem.reverse() ? "1" : "0");
    }

    /** NaN wins an extreme: it is the only value that differs from itself. */
    private static String combine(ReduceOp op) {
        return switch (op) {
            case SUM, MEAN -> "((a) + (b))";
            case PROD -> "((a) * (b))";
            case MAX -> "((a) > (b) || (a) != (a) ? (a) : (b))";
            case MIN -> "((a) < (b) || (a) != (a) ? (a) : (b))";
            case SUM_SQUARES, NORM1, NORM2 -> throw new IllegalArgumentException("no scan of " + op);
        };
    }

    /** The definitions of a problem as text. */
    private static String front(ScanProblem problem) {
        StringBuilder text = new StringBuilder();
        defines(problem).entrySet().stream().sorted(Map.Entry.comparingByKey())
                .forEach(each -> text.append("#define ").append(each.getKey()).append(' ').append(each.getValue()).append('\n'));
        return text.toString();
    }

    /** The text of a file behind {@code scan_along.cl}, for CPUs, and whether results go past the caches. */
    static KernelText along(String rung, ScanProblem problem, String file) {
        return KernelText.of("scan/" + rung, Dialect.OPENCL, front(problem) + CpuVectors.fetch()
                + KernelResource.text(ScanText.class, "scan_along.cl") + KernelResource.text(ScanText.class, file))
                .with(Map.of("STREAM", PastCaches.are(problem.operands().get(1).bytes(), CACHED_BYTES) ? 1 : 0));
    }

    /** The text of {@code scan_blocked.cl} for blocks of this length. */
    static KernelText blocked(String rung, ScanProblem problem, int block) {
        return KernelText.of("scan/" + rung, Dialect.PORTABLE,
                front(problem) + KernelResource.text(ScanText.class, "scan_blocked.cl"))
                .with(Map.of("BLOCK", block, "BLOCKS", Math.ceilDiv(problem.length(), block)));
    }

    /** Totals of blocks, what comes before each, and the blocks themselves; a single launch where there is one block. */
    static KernelPlan plan(KernelText text, ScanProblem problem, int blocks, Grid grid) {
        Reference x = Reference.operand(0);
        Reference y = Reference.operand(1);
        if (blocks == 1) {
            return KernelPlan.of(new PlannedLaunch("scan", text, "scan", grid, List.of(x, y)));
        }
        Reference partial = Reference.workspace(0);
        return new KernelPlan(List.of(new PlannedLaunch("totals", text, "totals", grid, List.of(x, partial)),
                new PlannedLaunch("carry", text, "carry", Grid.covering(problem.lines(), LOCAL), List.of(partial)),
                new PlannedLaunch("scan", text, "scan", grid, List.of(x, y, partial))),
                List.of(problem.lines() * blocks * Float.BYTES));
    }
}
