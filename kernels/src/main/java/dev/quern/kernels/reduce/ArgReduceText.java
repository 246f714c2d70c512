package dev.quern.kernels.reduce;

import dev.quern.kernels.KernelResource;
import dev.quern.kernels.StorageText;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.KernelText;
import java.util.Map;

/** Puts the storage type and the comparison in front of a kernel file that looks for places of extremes. */
final class ArgReduceText {
    private ArgReduceText() {
    }

    static KernelText of(ArgReduceProblem problem, String rung, String file, Dialect dialect, Map<String, ?> defines,
            int... widths) {
        String past = "#define PAST(a, b) ((a) " + (problem.largest() ? ">" : "<") + " (b))\n#define SHORT_OF(a, b) ((a) "
                + (problem.largest() ? "<=" : ">=") + " (b))\n";
        return KernelText.of("arg-reduce/" + rung, dialect,
                StorageText.defineGlobal("X", problem.dtype(), widths) + past + KernelResource.text(ArgReduceText.class, file))
                .with(defines);
    }
}
