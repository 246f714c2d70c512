package dev.quern.kernels.recurrent;

import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.KernelResource;
import dev.quern.kernels.Operand;
import dev.quern.kernels.Role;
import dev.quern.runtime.DType;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.KernelText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What the OpenCL rungs of both passes share: the definitions that say which operands there are, and those operands. */
final class RecurrentText {
    private RecurrentText() {
    }

    /**
     * The text of a rung: the macros OPERANDS, which declares a parameter for each operand, and ARGUMENTS, which names
     * them, in front of these files. Without restrict: inlined functions with it make intrinsics that Oclgrind does not know.
     *
     * @param defines definitions besides LSTM, GRU, REVERSE, BIAS, INITIAL, LENGTHS, TRAINING, WITH_DY, WITH_DHN and WITH_DCN, each 0 or 1, GATES
     *                and SAVED
     */
    static KernelText of(RecurrentProblem problem, String rung, Dialect dialect, String front, Map<String, Integer> defines,
            String... files) {
        RecurrentGeometry g = problem.geometry();
        StringBuilder text = new StringBuilder("#define OPERANDS ").append(problem.operands().stream()
                .map(RecurrentText::parameter).collect(Collectors.joining(", "))).append("\n#define ARGUMENTS ")
                .append(problem.operands().stream().map(Operand::name).collect(Collectors.joining(", "))).append('\n')
                .append(front);
        for (String file : files) {
            text.append(KernelResource.text(RecurrentText.class, file));
        }
        Map<String, Object> all = new TreeMap<>(defines);
        all.put("LSTM", flag(g.lstm()));
        all.put("GRU", flag(g.gru()));
        all.put("GATES", g.cell().gates());
        all.put("SAVED", g.cell().saved());
        all.put("REVERSE", flag(g.reverse()));
        all.put("BIAS", flag(g.bias()));
        all.put("INITIAL", flag(g.initial()));
        all.put("LENGTHS", flag(g.lengths()));
        switch (problem) {
            case RecurrentForwardProblem forward -> all.put("TRAINING", flag(forward.training()));
            case RecurrentBackwardProblem backward -> all.putAll(Map.of("WITH_DY", flag(backward.incoming().sequence()), "WITH_DHN",
                    flag(backward.incoming().state()), "WITH_DCN", flag(backward.incoming().cell())));
        }
        return KernelText.of(problem.family() + "/" + rung, dialect, text.toString()).with(all);
    }

    private static String parameter(Operand operand) {
        return "Q_GLOBAL " + (operand.role() == Role.INPUT ? "const " : "") + (operand.dtype() == DType.I32 ? "int" : "float")
                + "* " + operand.name();
    }

    private static int flag(boolean value) {
        return value ? 1 : 0;
    }

    /** The problem's operands, in order, with more arguments behind them. */
    static List<Reference> arguments(RecurrentProblem problem, Reference... more) {
        List<Reference> all = new ArrayList<>();
        for (int i = 0; i < problem.operands().size(); i++) {
            all.add(Reference.operand(i));
        }
        all.addAll(List.of(more));
        return all;
    }
}
