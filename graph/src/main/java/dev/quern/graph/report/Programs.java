package dev.quern.graph.report;

import dev.quern.graph.plan.Explanation;
import dev.quern.graph.plan.PlanStep;
import dev.quern.runtime.KernelText;
import dev.quern.runtime.ProgramSource;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The programs of a plan under names of their own: what they are called, and a number where several texts are called so.
 *
 * @param names the name of each program, Java code included
 * @param texts the text behind each name, where it is a text
 */
record Programs(Map<ProgramSource, String> names, Map<String, KernelText> texts) {
    static Programs of(Explanation explanation) {
        Map<ProgramSource, String> names = new LinkedHashMap<>();
        Map<String, KernelText> texts = new LinkedHashMap<>();
        Map<String, Integer> counts = new LinkedHashMap<>();
        for (Explanation.ExplainedRegion region : explanation.regions()) {
            for (PlanStep.PlanLaunch launch : region.step().launches()) {
                ProgramSource source = launch.source();
                if (names.containsKey(source)) {
                    continue;
                }
                int count = counts.merge(source.name(), 1, Integer::sum);
                String name = source.name() + (count == 1 ? "" : "#" + count);
                names.put(source, name);
                if (source instanceof KernelText text) {
                    texts.put(name, text);
                }
            }
        }
        return new Programs(names, texts);
    }

    String name(ProgramSource source) {
        return names.get(source);
    }
}
