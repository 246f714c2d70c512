package dev.quern.graph.fuse;

import dev.quern.graph.ir.Node;
import dev.quern.graph.ir.NodeOutput;
import dev.quern.graph.lower.Storage;
import dev.quern.graph.lower.Work;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.Prologues;
import dev.quern.kernels.select.Choice;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The nodes that one kernel computes.
 *
 * @param name           what pins and traces call it: its anchor's name, or its last node's
 * @param nodes          the nodes, in order
 * @param work           the problem and its operands; with an epilogue, the output is the epilogue's result
 * @param epilogue       what rides on the result
 * @param epilogueInputs the values that the epilogue reads
 * @param choice         the variant, and why
 * @param prologues      what is applied to operands of the problem as they are loaded
 * @param prologueInputs the values that each prologue reads besides its operand
 * @param kept           the values that the epilogue keeps besides its result
 */
public record Region(String name, List<Node> nodes, Work work, Epilogue epilogue, List<NodeOutput> epilogueInputs,
        Choice<?> choice, Prologues prologues, SortedMap<Integer, List<NodeOutput>> prologueInputs, List<NodeOutput> kept) {
    public Region {
        kept = List.copyOf(kept);
        nodes = List.copyOf(nodes);
        epilogueInputs = List.copyOf(epilogueInputs);
        prologueInputs = Collections.unmodifiableSortedMap(new TreeMap<>(prologueInputs));
    }

    /** A region without prologues. */
    public Region(String name, List<Node> nodes, Work work, Epilogue epilogue, List<NodeOutput> epilogueInputs,
            Choice<?> choice) {
        this(name, nodes, work, epilogue, epilogueInputs, choice, Prologues.none(), new TreeMap<>(), List.of());
    }

    /** This with more behind its result: another epilogue, which computes one more node and keeps its value. */
    Region keeping(Node node, Epilogue longer, List<NodeOutput> inputs) {
        List<Node> more = new ArrayList<>(nodes);
        more.add(node);
        List<NodeOutput> values = new ArrayList<>(kept);
        values.add(node.output(0));
        return new Region(name, more, work, longer, inputs, choice, prologues, prologueInputs, values);
    }

    /** The tensors of the epilogue, as kernels take them: what it reads, then what it keeps. */
    public List<NodeOutput> epilogueTensors() {
        List<NodeOutput> tensors = new ArrayList<>(epilogueInputs);
        tensors.addAll(kept);
        return tensors;
    }

    /** The stored values that it reads, each once. */
    public Set<NodeOutput> reads() {
        Set<NodeOutput> reads = new LinkedHashSet<>();
        work.inputs().forEach(input -> reads.add(Storage.of(input)));
        epilogueInputs.forEach(input -> reads.add(Storage.of(input)));
        prologueInputs.values().forEach(inputs -> inputs.forEach(input -> reads.add(Storage.of(input))));
        return reads;
    }

    /** The stored values that it writes. */
    public List<NodeOutput> writes() {
        Set<NodeOutput> writes = new LinkedHashSet<>();
        work.outputs().forEach(output -> writes.add(Storage.of(output)));
        writes.addAll(kept);
        return new ArrayList<>(writes);
    }
}
