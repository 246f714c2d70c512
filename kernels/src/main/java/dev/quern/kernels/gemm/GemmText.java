package dev.quern.kernels.gemm;

import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.KernelResource;
import dev.quern.kernels.StorageText;
import dev.quern.kernels.Support;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.EpilogueText;
import dev.quern.kernels.expr.Prologue;
import dev.quern.kernels.expr.PrologueText;
import dev.quern.kernels.expr.Prologues;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Puts storage types, prologues and an epilogue in front of a kernel file, and lists the arguments that all rungs take. */
final class GemmText {
    private GemmText() {
    }

    /**
     * The program {@code gemm/<rung>} of {@code gemm_operands.cl} and these files.
     *
     * @param widths vector widths in which loads, stores, prologues and the epilogue are wanted besides the scalar forms
     */
    static KernelText of(String rung, Dialect dialect, GemmProblem problem, Prologues prologues, Epilogue epilogue,
            Map<String, ?> defines, List<String> files, int... widths) {
        StringBuilder text = new StringBuilder();
        text.append(StorageText.define("A", problem.a().dtype(), widths));
        text.append(StorageText.define("B", problem.b().dtype(), widths));
        text.append(StorageText.define("C", problem.c().dtype(), widths));
        text.append(StorageText.define("D", problem.added().dtype(), widths));
        text.append(PrologueText.render("A", prologues.of(GemmProblem.A), elementsA(problem), problem.columnsA(), widths));
        text.append(PrologueText.render("B", prologues.of(GemmProblem.B), elementsB(problem), problem.columnsB(), widths));
        text.append(EpilogueText.render(epilogue, elements(problem), problem.n(), widths));
        text.append(KernelResource.text(GemmText.class, "gemm_operands.cl"));
        files.forEach(file -> text.append(KernelResource.text(GemmText.class, file)));
        Map<String, Object> all = new TreeMap<>(defines);
        all.put("TRANSPOSE_A", problem.transposeA() ? 1 : 0);
        all.put("TRANSPOSE_B", problem.transposeB() ? 1 : 0);
        all.put("ADDED", problem.beta() == 0 ? 0 : 1);
        return KernelText.of("gemm/" + rung, dialect, text.toString()).with(all);
    }

    /** What {@code IN_PARAMETERS} stands for. */
    static List<Reference> inputs(GemmProblem problem) {
        List<Reference> list = new ArrayList<>();
        add(list, GemmProblem.A, problem.a());
        add(list, GemmProblem.B, problem.b());
        list.addAll(sizes(problem));
        return list;
    }

    static List<Reference> sizes(GemmProblem problem) {
        return List.of(Reference.number(problem.m()), Reference.number(problem.n()), Reference.number(problem.k()));
    }

    /** What {@code OUT_PARAMETERS} stands for. */
    static List<Reference> outputs(GemmProblem problem, Epilogue epilogue) {
        List<Reference> list = new ArrayList<>();
        add(list, problem.indexOfC(), problem.c());
        if (problem.beta() != 0) {
            add(list, GemmProblem.ADDED, problem.added());
            list.add(Reference.number(problem.beta()));
        }
        list.add(Reference.number(problem.alpha()));
        return Reference.withEpilogue(list, epilogue);
    }

    /** A pointer to an operand with its offset, leading dimension and stride. */
    static void add(List<Reference> list, int operand, GemmMatrix matrix) {
        list.addAll(List.of(Reference.operand(operand), Reference.number(matrix.offset()), Reference.number(matrix.leading()),
                Reference.number(matrix.stride())));
    }

    /** Inputs, these, outputs and the prologues' operands, the order of arguments of every kernel that reads a and b. */
    static List<Reference> arguments(GemmProblem problem, Prologues prologues, Epilogue epilogue, Reference... more) {
        List<Reference> list = inputs(problem);
        list.addAll(List.of(more));
        list.addAll(outputs(problem, epilogue));
        list.addAll(Reference.ofPrologues(prologues));
        return list;
    }

    /** The launch that adds slices of sums in order and finishes c; its kernel is in {@code gemm_join_slices.cl}. */
    static PlannedLaunch join(GemmProblem problem, KernelText text, Reference partial, int slices, Epilogue epilogue) {
        List<Reference> arguments = new ArrayList<>(List.of(partial, Reference.number(problem.m()), Reference.number(problem.n()),
                Reference.number(problem.batch()), Reference.number(slices)));
        arguments.addAll(outputs(problem, epilogue));
        return new PlannedLaunch("join slices", text, "gemm_join_slices", Grid.covering(elements(problem), 64), arguments);
    }

    static Support takesScalar(Epilogue epilogue) {
        return Support.unless(EpilogueText.scalarObstacle(epilogue));
    }

    static Support takesVectors(Epilogue epilogue, GemmProblem problem) {
        return Support.unless(EpilogueText.vectorObstacle(epilogue, elements(problem), problem.n()));
    }

    static Support takesScalar(Prologue prologue, int operand) {
        return Support.when(operand == GemmProblem.A || operand == GemmProblem.B, "only a and b can have prologues")
                .and(Support.unless(PrologueText.scalarObstacle(prologue)));
    }

    static Support takesVectors(Prologue prologue, int operand, GemmProblem problem) {
        long elements = operand == GemmProblem.A ? elementsA(problem) : elementsB(problem);
        long row = operand == GemmProblem.A ? problem.columnsA() : problem.columnsB();
        return takesScalar(prologue, operand).and(Support.unless(PrologueText.vectorObstacle(prologue, elements, row)));
    }

    private static long elements(GemmProblem problem) {
        return (long) problem.batch() * problem.m() * problem.n();
    }

    private static long elementsA(GemmProblem problem) {
        return (long) problem.productsOfA() * problem.m() * problem.k();
    }

    private static long elementsB(GemmProblem problem) {
        return (long) problem.productsOfB() * problem.k() * problem.n();
    }
}
