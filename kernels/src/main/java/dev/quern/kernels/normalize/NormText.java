package dev.quern.kernels.normalize;

import dev.quern.kernels.CpuVectors;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.KernelResource;
import dev.quern.kernels.Operand;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.PastCaches;
import dev.quern.kernels.Role;
import dev.quern.kernels.StorageText;
import dev.quern.kernels.Support;
import dev.quern.kernels.Tunable;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.EpilogueText;
import dev.quern.kernels.expr.ExprText;
import dev.quern.kernels.expr.Prologue;
import dev.quern.kernels.expr.PrologueText;
import dev.quern.kernels.expr.Prologues;
import dev.quern.kernels.softmax.SoftmaxFamily;
import dev.quern.runtime.DType;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.KernelText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.StringJoiner;

/** Puts what a problem decides in front of the kernel files of this folder: storage, operands, affine part, epilogue. */
final class NormText {
    /** The name of a tunable: 1 if results go past the caches. */
    static final String STREAM = "STREAM";
    /** Bytes of results from which on they are stored past the caches: a next kernel would not find them there. */
    private static final long STREAMED = 24 << 20;
    /** The position of the gradient that the gradients of batch norm are given. */
    private static final int DY = 0;

    private NormText() {
    }

    /** The kernel's name of a family. */
    static String entry(NormProblem problem) {
        return problem.family().replace('-', '_');
    }

    /** A portable program without prologues. */
    static KernelText portable(NormProblem problem, String rung, String file, Epilogue epilogue, Map<String, ?> defines) {
        return portable(problem, rung, file, Prologues.none(), epilogue, defines);
    }

    /** A portable program: sums over a group in front of the file. */
    static KernelText portable(NormProblem problem, String rung, String file, Prologues prologues, Epilogue epilogue,
            Map<String, ?> defines) {
        String text = StorageText.define("X", problem.dtype()) + front(problem, EpilogueText.render(epilogue, problem.elements(), 1))
                + prologue(problem, prologues, 1)
                + (problem instanceof ResponseProblem ? "" : KernelResource.text(SoftmaxFamily.class, "group_tree.cl"))
                + KernelResource.text(NormText.class, file);
        return KernelText.of(problem.family() + "/" + rung, Dialect.PORTABLE, text).with(defines);
    }

    /** A program for CPUs without prologues. */
    static KernelText vectors(NormProblem problem, String rung, List<String> files, Epilogue epilogue, int width, int run,
            Map<String, ?> defines) {
        return vectors(problem, rung, files, Prologues.none(), epilogue, width, run, defines);
    }

    /**
     * A program for CPUs: vectors of {@code width} lanes, each within one run of {@code run} elements. Results are stored past the caches
     * where the definition STREAM says so, or where there is none and they are large.
     */
    static KernelText vectors(NormProblem problem, String rung, List<String> files, Prologues prologues, Epilogue epilogue, int width,
            int run, Map<String, ?> defines) {
        StringBuilder text = new StringBuilder(StorageText.define("X", problem.dtype(), width)
                + front(problem, EpilogueText.render(epilogue, problem.elements(), run, width)) + prologue(problem, prologues, run, width)
                + CpuVectors.names() + KernelResource.text(SoftmaxFamily.class, "vectors.cl")
                + KernelResource.text(NormText.class, "vector_runs.cl"));
        files.forEach(file -> text.append(KernelResource.text(NormText.class, file)));
        Map<String, Object> all = new HashMap<>(Map.of("W", width, STREAM, streamed(problem, width, run) ? 1 : 0));
        all.putAll(defines);
        return KernelText.of(problem.family() + "/" + rung, Dialect.OPENCL, text.toString()).with(all);
    }

    /** What the gradients' kernels apply to elements of dy; see {@link PrologueText}. */
    static String prologue(NormProblem problem, Prologues prologues, long run, int... widths) {
        return PrologueText.render("DY", prologues.of(DY), problem.elements(), run, widths);
    }

    /**
     * Whether a prologue can be applied as an operand is loaded: to the gradients that batch norm is given, in scalars or, where vectors lie
     * within runs, in vectors.
     */
    static Support takes(Prologue prologue, int operand, NormProblem problem, OptionalLong run) {
        return Support.when(prologue.isEmpty() || problem instanceof BatchNormBackwardProblem && operand == DY,
                        "only the gradient that batch norm is given has a prologue")
                .and(Support.when(prologue.isEmpty() || problem.dtype() == DType.F32, "only F32 has a prologue"))
                .and(Support.unless(run.isEmpty() ? PrologueText.scalarObstacle(prologue)
                        : PrologueText.vectorObstacle(prologue, problem.elements(), run.getAsLong())));
    }

    /** A kernel's own arguments, then the tensors of the epilogue and of the prologue. */
    static List<Reference> withRiders(List<Reference> own, Prologues prologues, Epilogue epilogue) {
        List<Reference> all = new ArrayList<>(Reference.withEpilogue(own, epilogue));
        all.addAll(Reference.ofPrologues(prologues));
        return all;
    }

    /** Whether results are stored past the caches; the instruction needs aligned vectors, to which local response norm sees itself. */
    static boolean streamed(NormProblem problem, int width, int run) {
        return problem.dtype() == DType.F32 && (run % width == 0 || problem instanceof ResponseProblem)
                && PastCaches.are(problem.elements() * Float.BYTES, STREAMED);
    }

    /** Whether results are stored past the caches, for rungs that leave it to tuning. */
    static Tunable streamedTunable() {
        return new Tunable(STREAM, List.of(0, 1), "1 stores results past the caches; where they would not stay there anyway unless said");
    }

    /** Whether parameters of {@link #streamedTunable} are for a problem. */
    static Support streamable(Parameters parameters, NormProblem problem) {
        return Support.when(parameters.value(STREAM) == 0 || problem.dtype() == DType.F32, "only F32 is stored past the caches");
    }

    /**
     * Operands as a kernel's parameters (OPERANDS), as a function's, which inlined would else say of each that it is no other in words that
     * Oclgrind does not know (PASSED_OPERANDS), and as arguments (OPERAND_NAMES); the affine part.
     */
    static String front(NormProblem problem, String epilogue) {
        StringJoiner operands = new StringJoiner(", ");
        StringJoiner names = new StringJoiner(", ");
        for (Operand operand : problem.operands()) {
            operands.add("Q_GLOBAL " + (operand.role() == Role.INPUT ? "const " : "")
                    + (operand.shape().rank() == 3 ? "X_T" : "float") + "* Q_RESTRICT " + operand.name());
            names.add(operand.name());
        }
        Affine affine = affine(problem);
        return epilogue + "#define OPERANDS " + operands + "\n#define PASSED_OPERANDS "
                + operands.toString().replace("Q_RESTRICT ", "") + "\n#define OPERAND_NAMES " + names + "\n#define HAS_WEIGHT " + (affine.weight() ? 1 : 0)
                + "\n#define HAS_BIAS " + (affine.bias() ? 1 : 0) + "\n#define WEIGHT(c) "
                + (affine.weight() ? "weight[c]" : "1.0f") + "\n#define BIAS(c) " + (affine.bias() ? "bias[c]" : "0.0f") + "\n";
    }

    private static Affine affine(NormProblem problem) {
        return switch (problem) {
            case BatchNormProblem p -> p.affine();
            case BatchNormBackwardProblem p -> p.affine();
            case GroupedProblem p -> p.affine();
            case ResponseProblem p -> Affine.NONE;
        };
    }

    /** A number as kernel text. */
    static String literal(float value) {
        return ExprText.literal(value);
    }

    /** All operands in order, then more. */
    static List<Reference> arguments(NormProblem problem, Reference... more) {
        List<Reference> all = new ArrayList<>();
        for (int i = 0; i < problem.operands().size(); i++) {
            all.add(Reference.operand(i));
        }
        all.addAll(List.of(more));
        return all;
    }
}
