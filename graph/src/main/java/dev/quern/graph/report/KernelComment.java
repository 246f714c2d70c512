package dev.quern.graph.report;

import dev.quern.graph.plan.PlanStep;
import dev.quern.graph.plan.PlanStep.PlanLaunch;
import dev.quern.graph.plan.PlanStep.PlanNode;
import dev.quern.runtime.ProgramSource;
import java.util.List;

/**
 * What leads from a kernel's text back to the user's lines: a comment for the head of a file. It is put there when a text is written
 * out and is no part of the program, for regions with equal texts share one, and a line that moves must not have it compiled again.
 */
public final class KernelComment {
    private KernelComment() {
    }

    /** The regions of a plan that run a program, with their nodes and lines. */
    public static String of(ProgramSource program, List<PlanStep> steps) {
        StringBuilder text = new StringBuilder("// Program ").append(program.name()).append(", run by\n");
        for (int i = 0; i < steps.size(); i++) {
            PlanStep step = steps.get(i);
            for (PlanLaunch launch : step.launches()) {
                if (launch.source().equals(program)) {
                    text.append("//   region ").append(i + 1).append(' ').append(step.region()).append(", launch ").append(launch.index() + 1)
                            .append(' ').append(launch.role()).append(": ").append(oneLine(step.problem())).append(" by ").append(step.variant())
                            .append(step.parameters().values().isEmpty() ? "" : " " + step.parameters()).append('\n');
                    for (PlanNode node : step.nodes()) {
                        text.append("//     node ").append(node.name()).append(' ').append(node.op()).append(" (").append(node.source())
                                .append(")\n");
                    }
                }
            }
        }
        return text.toString();
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\s+", " ").replace("\\", "/");
    }
}
