package dev.quern.kernels.gemm;

import dev.quern.kernels.HostStorage;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.HostEpilogue;
import dev.quern.kernels.expr.Prologues;
import dev.quern.runtime.HostArguments;
import java.util.ArrayList;
import java.util.List;

/** The end of every sum on the host device: factor, what is added, epilogue, store. */
final class HostStore {
    private HostStore() {
    }

    /** The problem's operands, the epilogue's and the prologues'. */
    static List<Reference> arguments(GemmProblem problem, Prologues prologues, Epilogue epilogue) {
        List<Reference> own = new ArrayList<>();
        for (int i = 0; i < problem.operands().size(); i++) {
            own.add(Reference.operand(i));
        }
        List<Reference> all = new ArrayList<>(Reference.withEpilogue(own, epilogue));
        all.addAll(Reference.ofPrologues(prologues));
        return all;
    }

    /** The position among these of the epilogue's first operand. */
    static int firstOfEpilogue(GemmProblem problem) {
        return problem.indexOfC() + 1;
    }

    /**
     * Finishes and stores {@code count} neighbouring elements of a row of c.
     *
     * @param sums    the sums; overwritten
     * @param addends scratch of the same length
     */
    static void row(GemmProblem problem, HostArguments arguments, HostEpilogue finish, int product, int row, int column,
            float[] sums, int count, float[] addends) {
        float alpha = problem.alpha();
        if (alpha != 1) {
            for (int j = 0; j < count; j++) {
                sums[j] *= alpha;
            }
        }
        if (problem.beta() != 0) {
            float beta = problem.beta();
            GemmMatrix added = problem.added();
            HostStorage.load(arguments.memory(GemmProblem.ADDED), added.dtype(), at(added, product, row, column), addends, 0, count);
            for (int j = 0; j < count; j++) {
                sums[j] = Math.fma(beta, addends[j], sums[j]);
            }
        }
        long element = ((long) product * problem.m() + row) * problem.n() + column;
        finish.apply(sums, 0, count, element, arguments, firstOfEpilogue(problem));
        HostStorage.store(arguments.memory(problem.indexOfC()), problem.c().dtype(), at(problem.c(), product, row, column), sums, 0,
                count);
    }

    private static long at(GemmMatrix matrix, int product, int row, int column) {
        return matrix.offset() + (long) product * matrix.stride() + (long) row * matrix.leading() + column;
    }
}
