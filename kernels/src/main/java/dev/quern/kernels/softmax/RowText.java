package dev.quern.kernels.softmax;

import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.KernelResource;
import dev.quern.kernels.Problem;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.KernelText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Finds the kernel files of this folder: {@code <family>_<rung>.cl} with what they need in front. */
final class RowText {
    private RowText() {
    }

    /** The kernel's and the file's name for a family. */
    static String entry(Problem problem) {
        return problem.family().replace('-', '_');
    }

    /** The program of a rung. */
    static KernelText of(Problem problem, String rung, Dialect dialect, String front, Map<String, ?> defines) {
        String text = front + KernelResource.text(RowText.class, entry(problem) + "_" + rung + ".cl");
        return KernelText.of(problem.family() + "/" + rung, dialect, text).with(defines);
    }

    /** A file of functions that kernels share. */
    static String shared(String file) {
        return KernelResource.text(RowText.class, file);
    }

    /** The problem's operands, in order, with more arguments behind them. */
    static List<Reference> arguments(Problem problem, Reference... more) {
        List<Reference> all = new ArrayList<>();
        for (int i = 0; i < problem.operands().size(); i++) {
            all.add(Reference.operand(i));
        }
        all.addAll(List.of(more));
        return all;
    }
}
