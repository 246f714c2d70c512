package dev.quern.graph.fuse;

import dev.quern.graph.ir.Node;
import dev.quern.graph.ir.NodeOutput;
import dev.quern.graph.lower.Storage;
import dev.quern.graph.lower.Work;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.select.Choice;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The nodes that one kernel computes.
 *
 * @param name           what pins and traces call it: its anchor's name, or its last node's
 * @param nodes          the nodes, in order
 * @param work           the problem and its operands; with an epilogue, the output is the epilogue's result
 * @param epilogue       what rides on the result
 * @param epilogueInputs the values that the epilogue reads
 * @param choice         the variant, and why
 */
public record Region(String name, List<Node> nodes, Work work, Epilogue epilogue, List<NodeOutput> epilogueInputs,
        Choice<?> choice) {
    public Region {
        nodes = List.copyOf(nodes);
        epilogueInputs = List.copyOf(epilogueInputs);
    }

    /** The stored values that it reads, each once. */
    public Set<NodeOutput> reads() {
        Set<NodeOutput> reads = new LinkedHashSet<>();
        work.inputs().forEach(input -> reads.add(Storage.of(input)));
        epilogueInputs.forEach(input -> reads.add(Storage.of(input)));
        return reads;
    }

    /** The stored values that it writes. */
    public List<NodeOutput> writes() {
        return new ArrayList<>(new LinkedHashSet<>(work.outputs().stream().map(Storage::of).toList()));
    }
}
