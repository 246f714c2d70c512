package dev.quern.kernels.reduce;

import dev.quern.kernels.CudaRows;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.KernelResource;
import dev.quern.kernels.StorageText;
import dev.quern.kernels.VectorTail;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.EpilogueText;
import dev.quern.kernels.expr.ExprText;
import dev.quern.runtime.DType;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Puts an operation's and a layout's macros in front of a kernel file, and the kernel that joins parts behind it. */
final class ReduceText {
    private static final int LOCAL = 64;

    private ReduceText() {
    }

    static KernelText of(String rung, Dialect dialect, ReduceProblem problem, Epilogue epilogue, Map<String, ?> defines,
            int... widths) {
        ReduceLayout layout = ReduceLayout.of(problem);
        StringBuilder front = new StringBuilder(EpilogueText.render(epilogue, problem.outputs(), 1));
        front.append(dialect == Dialect.CUDA ? CudaRows.storage("X", problem.dtype()) + CudaRows.functions()
                : StorageText.define("X", problem.dtype(), widths));
        front.append("#define TERM(v) ").append(term(problem.op(), dialect)).append('\n');
        front.append("#define COMBINE(a, b) ").append(combine(problem.op())).append('\n');
        front.append("#define NEUTRAL ").append(ExprText.literal((float) problem.op().neutral())).append('\n');
        String scaled = switch (problem.op()) {
            case MEAN -> "(value) * " + ExprText.literal(1f / problem.terms());
            case NORM2 -> "Q_SQRT(value)";
            default -> "value";
        };
        front.append("#define FINISH(value, o) q_epilogue(").append(scaled).append(", (size_t)(o) Q_EPILOGUE_ARGUMENTS)\n");
        front.append("#define KEPT_AT(i) ").append(layout.keptText()).append('\n');
        front.append("#define RUN_AT(i) ").append(layout.runText()).append('\n');
        String inner = String.valueOf(layout.inner());
        if (layout.innerReduced()) {
            front.append("#define OUTPUT_AT(i) KEPT_AT(i)\n");
            front.append("#define TERM_AT(i) (RUN_AT((i) / ").append(inner).append(") + (i) % ").append(inner).append(")\n");
        } else {
            front.append("#define OUTPUT_AT(i) (KEPT_AT((i) / ").append(inner).append(") + (i) % ").append(inner).append(")\n");
            front.append("#define TERM_AT(i) RUN_AT(i)\n");
        }
        String text = front + KernelResource.text(ReduceText.class, "reduce_" + rung + (dialect == Dialect.CUDA ? ".cu" : ".cl"))
                + KernelResource.text(ReduceText.class, "reduce_combine.cl");
        return KernelText.of("reduce/" + rung, dialect, text).with(defines);
    }

    /** What an element counts as; of vectors too in the dialect that has them. */
    private static String term(ReduceOp op, Dialect dialect) {
        return switch (op) {
            case SUM_SQUARES, NORM2 -> "((v) * (v))";
            case NORM1 -> dialect == Dialect.OPENCL ? "fabs(v)" : "Q_ABS(v)";
            case SUM, MEAN, MAX, MIN, PROD -> "(v)";
        };
    }

    /** NaN wins an extreme: it is the only value that differs from itself. */
    private static String combine(ReduceOp op) {
        return switch (op) {
            case SUM, MEAN, SUM_SQUARES, NORM1, NORM2 -> "((a) + (b))";
            case PROD -> "((a) * (b))";
            case MAX -> "((a) > (b) || (a) != (a) ? (a) : (b))";
            case MIN -> "((a) < (b) || (a) != (a) ? (a) : (b))";
        };
    }

    /**
     * Defines {@code TAIL_LOAD(p, fill)}: a vector of the {@code live} elements at p, the other lanes filled, without touching
     * what lies behind them.
     */
    static String tail(DType dtype, int width, int live) {
        if (dtype == DType.F32) {
            return VectorTail.define(width, live);
        }
        String lanes = IntStream.range(0, width).mapToObj(i -> i < live ? "X_LOAD(p, " + i + ")" : "fill")
                .collect(Collectors.joining(", "));
        return "#define TAIL_LOAD(p, fill) ((float" + width + ")(" + lanes + "))\n";
    }

    /** The launch that joins {@code parts} partial results of each output. */
    static PlannedLaunch combine(KernelText text, ReduceProblem problem, Epilogue epilogue, Reference partial, int parts) {
        return new PlannedLaunch("combine", text, "combine", Grid.covering(problem.outputs(), LOCAL),
                Reference.withEpilogue(List.of(partial, Reference.operand(ReduceProblem.Y), Reference.number(problem.outputs()),
                        Reference.number(parts)), epilogue));
    }
}
