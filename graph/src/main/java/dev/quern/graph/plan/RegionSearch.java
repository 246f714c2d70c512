package dev.quern.graph.plan;

import dev.quern.graph.plan.PlanStep.PlanNode;
import dev.quern.runtime.QuernException;
import java.util.List;
import java.util.function.Predicate;

/** Finds the regions of a plan by what a user calls them: a region, a node, a layer, the number that {@code explain} gives. */
public final class RegionSearch {
    private static final int MOST_SHOWN = 12;

    private RegionSearch() {
    }

    /**
     * The regions that a name means: one of that name, else those with a node of that name, else those with a node of that layer, else,
     * for {@code #7}, the seventh.
     *
     * @throws QuernException if there is none; the message lists the regions
     */
    public static List<PlanStep> find(List<PlanStep> steps, String name) {
        List<Predicate<PlanStep>> meanings = List.of(step -> step.region().equals(name),
                step -> step.nodes().stream().anyMatch(node -> node.name().equals(name)),
                step -> step.nodes().stream().map(PlanNode::layer).anyMatch(name::equals),
                step -> name.equals("#" + (steps.indexOf(step) + 1)));
        for (Predicate<PlanStep> meaning : meanings) {
            List<PlanStep> found = steps.stream().filter(meaning).toList();
            if (!found.isEmpty()) {
                return found;
            }
        }
        throw new QuernException("no region, node or layer is called " + name + ", nor is it the number of a region (#1 to #" + steps.size()
                + "); the regions are " + names(steps));
    }

    /**
     * The only region that a name means.
     *
     * @throws QuernException if there is none or several; the message lists them
     */
    public static PlanStep findOne(List<PlanStep> steps, String name) {
        List<PlanStep> found = find(steps, name);
        if (found.size() > 1) {
            throw new QuernException(name + " means " + found.size() + " regions: " + names(found) + "; name one of them");
        }
        return found.getFirst();
    }

    /** The regions with a node of a line of the user's program, such as {@code LeNet.java:25}. */
    public static List<PlanStep> ofLine(List<PlanStep> steps, String line) {
        List<PlanStep> found = steps.stream().filter(step -> step.nodes().stream().anyMatch(node -> node.source().equals(line))).toList();
        if (found.isEmpty()) {
            List<String> lines = steps.stream().flatMap(step -> step.nodes().stream()).map(PlanNode::source).distinct().sorted().toList();
            throw new QuernException("no region comes from line " + line + "; they come from "
                    + String.join(", ", lines.subList(0, Math.min(MOST_SHOWN, lines.size()))) + (lines.size() > MOST_SHOWN ? " …" : ""));
        }
        return found;
    }

    private static String names(List<PlanStep> steps) {
        return String.join(", ", steps.stream().limit(MOST_SHOWN).map(PlanStep::region).toList())
                + (steps.size() > MOST_SHOWN ? " and " + (steps.size() - MOST_SHOWN) + " more (explain shows all)" : "");
    }
}
