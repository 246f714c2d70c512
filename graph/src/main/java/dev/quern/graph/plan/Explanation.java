package dev.quern.graph.plan;

import dev.quern.graph.fuse.Decision;
import dev.quern.kernels.select.Choice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a plan does and why, as data: from the user's line to nodes, regions, kernels and memory, and back.
 *
 * @param graph          the graph's name
 * @param device         the device's id and name
 * @param hash           equal for plans that do the same work in the same way
 * @param temporaryBytes bytes of the temporaries' arena
 * @param boundBytes     the most bytes of temporaries in use at one step
 * @param inputBytes     bytes of the inputs
 * @param strategy       how the arena was laid out
 * @param regions        the regions in their order of execution
 * @param decisions      what was fused and what was not, and why
 */
public record Explanation(String graph, String device, String hash, long temporaryBytes, long boundBytes, long inputBytes,
        String strategy, List<ExplainedRegion> regions, List<Decision> decisions) {
    public Explanation {
        regions = List.copyOf(regions);
        decisions = List.copyOf(decisions);
    }

    /**
     * A region.
     *
     * @param step      its nodes, kernels and cost
     * @param epilogue  what rides on its result, as text; empty where nothing does
     * @param others    the variants that were not chosen, and why
     * @param reads     the stored values that it reads
     * @param writes    the stored values that it writes
     * @param workspace bytes of the temporaries that its launches share
     */
    public record ExplainedRegion(PlanStep step, String epilogue, List<Choice.Refusal> others, List<StoredValue> reads,
            List<StoredValue> writes, long workspace) {
        public ExplainedRegion {
            others = List.copyOf(others);
            reads = List.copyOf(reads);
            writes = List.copyOf(writes);
        }
    }

    /**
     * A value that has memory.
     *
     * @param name    its node's name
     * @param type    its type, for example {@code F32[64, 10]}
     * @param bytes   its length
     * @param place   where it lies: {@code state}, {@code input+256}, {@code output0}, {@code +4096}
     * @param inPlace whether it took over the memory of what it was computed from
     */
    public record StoredValue(String name, String type, long bytes, String place, boolean inPlace) {
    }

    /** Which regions each of the user's lines became part of, in the order of first use. */
    public Map<String, List<String>> regionsByLine() {
        Map<String, List<String>> regionsOf = new LinkedHashMap<>();
        for (ExplainedRegion region : regions) {
            for (PlanStep.PlanNode node : region.step().nodes()) {
                List<String> known = regionsOf.computeIfAbsent(node.source(), _ -> new ArrayList<>());
                if (!known.contains(region.step().region())) {
                    known.add(region.step().region());
                }
            }
        }
        return regionsOf;
    }
}
