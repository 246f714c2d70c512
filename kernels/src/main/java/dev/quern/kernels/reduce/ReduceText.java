package dev.quern.kernels.reduce;

import dev.quern.kernels.CudaRows;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.KernelResource;
import dev.quern.kernels.StorageText;
import dev.quern.kernels.Support;
import dev.quern.kernels.VectorTail;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.EpilogueText;
import dev.quern.kernels.expr.ExprText;
import dev.quern.kernels.expr.Prologue;
import dev.quern.kernels.expr.PrologueText;
import dev.quern.kernels.expr.Prologues;
import dev.quern.runtime.DType;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Puts an operation's and a layout's macros in front of a kernel file, and the kernel that joins parts behind it. */
final class ReduceText {
    private static final int LOCAL = 64;

    private ReduceText() {
    }

    static KernelText of(String rung, Dialect dialect, ReduceProblem problem, Prologues prologues, Epilogue epilogue,
            Map<String, ?> defines, int... widths) {
        ReduceLayout layout = ReduceLayout.of(problem);
        StringBuilder front = new StringBuilder(EpilogueText.render(epilogue, problem.outputs(), 1));
        members(front, problem, prologues, widths);
        front.append(dialect == Dialect.CUDA ? CudaRows.storage("X", problem.dtype()) + CudaRows.functions()
                : StorageText.defineGlobal("X", problem.dtype(), widths));
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

    /**
     * What makes kernels serve several tensors, each with its own prologue: X_PARAMETERS and X_ARGUMENTS, Y_PARAMETERS(T) and X_OF(m),
     * Y_OF(m), BEFORE(m, v, i), which is element i of tensor m where v was loaded, the same of vectors, and BEFORE_PARAMETERS and
     * BEFORE_ARGUMENTS.
     */
    private static void members(StringBuilder front, ReduceProblem problem, Prologues prologues, int... widths) {
        int members = problem.members();
        StringBuilder parameters = new StringBuilder();
        StringBuilder arguments = new StringBuilder();
        for (int m = 0; m < members; m++) {
            front.append(PrologueText.render("X" + m, prologues.of(ReduceProblem.X + m), problem.elements(), ReduceLayout.of(problem).inner(),
                    widths));
            parameters.append("Q_PROLOGUE_X").append(m).append("_PARAMETERS ");
            arguments.append("Q_PROLOGUE_X").append(m).append("_ARGUMENTS ");
        }
        front.append("#define BEFORE_PARAMETERS ").append(prologues.isEmpty() ? "" : parameters).append('\n');
        front.append("#define BEFORE_ARGUMENTS ").append(prologues.isEmpty() ? "" : arguments).append('\n');
        front.append("#define PROLOGUES ").append(prologues.isEmpty() ? 0 : 1).append('\n');
        front.append("#define X_PARAMETERS ").append(each(members, ", ", m -> "Q_GLOBAL const X_T* Q_RESTRICT x" + m)).append('\n');
        front.append("#define Y_PARAMETERS(T) ").append(each(members, ", ", m -> "Q_GLOBAL T* Q_RESTRICT y" + m)).append('\n');
        front.append("#define X_OF(m) (").append(either(members, m -> "x" + m)).append(")\n");
        front.append("#define Y_OF(m) (").append(either(members, m -> "y" + m)).append(")\n");
        before(front, problem, prologues, 1);
        for (int width : widths) {
            before(front, problem, prologues, width);
        }
    }

    private static void before(StringBuilder front, ReduceProblem problem, Prologues prologues, int width) {
        String end = width == 1 ? "" : String.valueOf(width);
        front.append("#define BEFORE").append(end).append("(m, v, i) (").append(prologues.isEmpty() ? "v"
                : either(problem.members(), m -> "q_prologue_x" + m + end + "((v), (i) Q_PROLOGUE_X" + m + "_ARGUMENTS)")).append(")\n");
    }

    private static String each(int members, String between, IntFunction<String> of) {
        return IntStream.range(0, members).mapToObj(of).collect(Collectors.joining(between));
    }

    /** An expression that is the one of member m. */
    private static String either(int members, IntFunction<String> of) {
        StringBuilder text = new StringBuilder();
        for (int m = 0; m < members - 1; m++) {
            text.append("(m) == ").append(m).append(" ? ").append(of.apply(m)).append(" : ");
        }
        return text.append(of.apply(members - 1)).toString();
    }

    /** Whether a prologue can be applied to an element. */
    static Support takes(Prologue prologue, int operand, ReduceProblem problem) {
        return Support.when(operand < problem.members(), "only inputs have prologues").and(Support.unless(PrologueText.scalarObstacle(prologue)));
    }

    /** Whether an epilogue can ride on the results. */
    static Support takes(Epilogue epilogue, ReduceProblem problem) {
        return Support.when(epilogue.isEmpty() || problem.members() == 1, "several tensors are reduced")
                .and(Support.unless(EpilogueText.scalarObstacle(epilogue)));
    }

    /** The problem's inputs. */
    static List<Reference> inputs(ReduceProblem problem) {
        return IntStream.range(0, problem.members()).mapToObj(Reference::operand).toList();
    }

    /** The problem's outputs. */
    static List<Reference> outputs(ReduceProblem problem) {
        return IntStream.range(0, problem.members()).mapToObj(problem::y).map(Reference::operand).toList();
    }

    /** Inputs, where results go, these numbers, and the tensors of the epilogue and of the prologues: the order of arguments of all kernels. */
    static List<Reference> arguments(ReduceProblem problem, List<Reference> to, Prologues prologues, Epilogue epilogue, int... numbers) {
        List<Reference> all = new ArrayList<>(inputs(problem));
        all.addAll(to);
        IntStream.of(numbers).forEach(number -> all.add(Reference.number(number)));
        List<Reference> list = new ArrayList<>(Reference.withEpilogue(all, epilogue));
        list.addAll(Reference.ofPrologues(prologues));
        return list;
    }

    /** Bytes of so many partial results of each output. */
    static List<Long> partial(ReduceProblem problem, int parts) {
        return List.of((long) problem.members() * parts * problem.outputs() * Float.BYTES);
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
     * what lies behind them; and {@code TAIL_BEFORE(m, x, i, fill)}, the same from element i of a tensor on, with its prologue.
     */
    static String tail(DType dtype, int width, int live) {
        String before = IntStream.range(0, width).mapToObj(i -> i < live ? "BEFORE(m, X_LOAD(x, (i) + " + i + "), (i) + " + i + ")" : "fill")
                .collect(Collectors.joining(", "));
        return "#define TAIL_BEFORE(m, x, i, fill) ((float" + width + ")(" + before + "))\n" + tailLoad(dtype, width, live);
    }

    private static String tailLoad(DType dtype, int width, int live) {
        if (dtype == DType.F32) {
            return VectorTail.define(width, live);
        }
        String lanes = IntStream.range(0, width).mapToObj(i -> i < live ? "X_LOAD(p, " + i + ")" : "fill")
                .collect(Collectors.joining(", "));
        return "#define TAIL_LOAD(p, fill) ((float" + width + ")(" + lanes + "))\n";
    }

    /** The launch that joins {@code parts} partial results of each output. */
    static PlannedLaunch combine(KernelText text, ReduceProblem problem, Epilogue epilogue, Reference partial, int parts) {
        List<Reference> arguments = new ArrayList<>(List.of(partial));
        arguments.addAll(outputs(problem));
        arguments.addAll(List.of(Reference.number(problem.outputs()), Reference.number(parts)));
        return new PlannedLaunch("combine", text, "combine",
                new Grid(Math.ceilDiv(problem.outputs(), LOCAL), 1, problem.members(), LOCAL, 1, 1),
                Reference.withEpilogue(arguments, epilogue));
    }
}
