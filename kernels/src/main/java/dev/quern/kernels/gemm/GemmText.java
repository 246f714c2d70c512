package dev.quern.kernels.gemm;

import dev.quern.kernels.KernelResource;
import dev.quern.kernels.Support;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.EpilogueText;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.KernelText;
import java.util.Map;

/** Puts an epilogue in front of a kernel file. */
final class GemmText {
    private GemmText() {
    }

    /** The program {@code gemm/<rung>} of the file {@code gemm_<rung>.cl}; the epilogue also in these vector widths. */
    static KernelText of(String rung, Dialect dialect, GemmProblem problem, Epilogue epilogue, Map<String, ?> defines,
            int... widths) {
        String text = EpilogueText.render(epilogue, elements(problem), problem.n(), widths)
                + KernelResource.text(GemmText.class, "gemm_" + rung + ".cl");
        return KernelText.of("gemm/" + rung, dialect, text).with(defines);
    }

    static Support takesScalar(Epilogue epilogue) {
        return Support.unless(EpilogueText.scalarObstacle(epilogue));
    }

    static Support takesVectors(Epilogue epilogue, GemmProblem problem) {
        return Support.unless(EpilogueText.vectorObstacle(epilogue, elements(problem), problem.n()));
    }

    private static long elements(GemmProblem problem) {
        return (long) problem.batch() * problem.m() * problem.n();
    }
}
