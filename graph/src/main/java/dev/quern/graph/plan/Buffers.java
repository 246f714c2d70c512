package dev.quern.graph.plan;

import dev.quern.graph.fuse.Region;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.Node;
import dev.quern.graph.ir.NodeOutput;
import dev.quern.graph.lower.Storage;
import dev.quern.graph.op.Assign;
import dev.quern.graph.op.Input;
import dev.quern.graph.op.Parameter;
import dev.quern.graph.op.StepScalar;
import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.pointwise.PointwiseProblem;
import dev.quern.kernels.pointwise.PointwiseProblem.Part;
import dev.quern.runtime.DType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Gives every stored value a home, and every temporary a lifetime. A pointwise result may take over the slot of an input that
 * its kernel reads in the result's own order and nothing reads later.
 */
final class Buffers {
    private final Map<NodeOutput, Home> homes = new LinkedHashMap<>();
    private final Map<NodeOutput, String> inputNames = new LinkedHashMap<>();
    private final List<NodeOutput> outputs = new ArrayList<>();
    private final List<Lifetime> lifetimes = new ArrayList<>();
    private final List<List<Integer>> workspaces = new ArrayList<>();
    private final Set<NodeOutput> inPlace = new HashSet<>();
    private final long inputBytes;

    /**
     * Works out homes and lifetimes.
     *
     * @param graph     the graph
     * @param order     its regions in their order of execution
     * @param plans     the kernel plan of each
     * @param alignment what offsets are multiples of
     */
    Buffers(Graph graph, List<Region> order, List<KernelPlan> plans, long alignment) {
        long offset = 0;
        for (Node node : graph.nodes()) {
            switch (node.op()) {
                case Parameter op -> homes.put(node.output(0), new Home.InState(op.path()));
                case Assign op -> homes.put(node.output(0), new Home.InState(op.path()));
                case StepScalar op -> {
                    homes.put(node.output(0), new Home.InInputs(offset));
                    inputNames.put(node.output(0), op.name());
                    offset += alignment;
                }
                case Input op -> {
                    homes.put(node.output(0), new Home.InInputs(offset));
                    inputNames.put(node.output(0), op.name());
                    offset += Math.ceilDiv(Math.max(1, op.type().bytes()), alignment) * alignment;
                }
                default -> {
                }
            }
        }
        inputBytes = offset;
        for (NodeOutput value : graph.outputs().values()) {
            NodeOutput owner = Storage.of(value);
            if (!homes.containsKey(owner)) {
                homes.put(owner, new Home.InOutputs(outputs.size()));
                outputs.add(owner);
            }
        }
        place(order, plans);
    }

    private void place(List<Region> order, List<KernelPlan> plans) {
        Map<NodeOutput, Integer> lastReads = new LinkedHashMap<>();
        for (int step = 0; step < order.size(); step++) {
            for (NodeOutput value : order.get(step).reads()) {
                lastReads.put(value, step);
            }
        }
        for (int step = 0; step < order.size(); step++) {
            Region region = order.get(step);
            Set<Integer> takenOver = new HashSet<>();
            for (NodeOutput value : region.writes()) {
                if (homes.containsKey(value)) {
                    continue;
                }
                int last = Math.max(step, lastReads.getOrDefault(value, step));
                int donor = donor(region, value, step, lastReads, takenOver);
                if (donor >= 0) {
                    Lifetime merged = lifetimes.get(donor);
                    lifetimes.set(donor, new Lifetime(merged.label(), merged.bytes(), merged.first(), last));
                    homes.put(value, new Home.InTemporaries(donor));
                    inPlace.add(value);
                    takenOver.add(donor);
                } else {
                    homes.put(value, new Home.InTemporaries(lifetimes.size()));
                    lifetimes.add(new Lifetime(value.node().place(), Math.max(1, value.type().bytes()), step, last));
                }
            }
            List<Integer> slots = new ArrayList<>();
            for (long bytes : plans.get(step).workspaces()) {
                slots.add(lifetimes.size());
                lifetimes.add(new Lifetime(region.name() + " workspace", Math.max(1, bytes), step, step));
            }
            workspaces.add(slots);
        }
    }

    /** The slot of an input that a result may take over, or -1. */
    private int donor(Region region, NodeOutput value, int step, Map<NodeOutput, Integer> lastReads, Set<Integer> takenOver) {
        if (!(region.work().problem() instanceof PointwiseProblem problem)) {
            return -1;
        }
        int output = 0;
        int input = 0;
        for (Part part : problem.parts()) {
            boolean mine = false;
            for (int r = 0; r < part.results().size(); r++) {
                mine |= region.work().outputs().get(output++).equals(value);
            }
            if (mine) {
                for (int i = 0; i < part.inputs().size(); i++) {
                    NodeOutput owner = Storage.of(region.work().inputs().get(input + i));
                    boolean once = region.work().inputs().stream().filter(v -> Storage.of(v).equals(owner)).count() == 1;
                    boolean inOrder = part.inputs().get(i).dtype() == DType.F32 && part.inputs().get(i).isContiguous(part.shape());
                    if (once && inOrder && lastReads.get(owner) == step && owner.type().bytes() == value.type().bytes()
                            && homes.get(owner) instanceof Home.InTemporaries(int slot) && !takenOver.contains(slot)) {
                        return slot;
                    }
                }
            }
            input += part.inputs().size();
        }
        return -1;
    }

    /** Where a value's bytes are; the value may be a reshaped one. */
    Home home(NodeOutput value) {
        return homes.get(Storage.of(value));
    }

    /** Whether a value took over the slot of what it was computed from. */
    boolean isInPlace(NodeOutput value) {
        return inPlace.contains(value);
    }

    /** The values that have a home in the inputs' block, with their names. */
    Map<NodeOutput, String> inputs() {
        return inputNames;
    }

    /** The length of the inputs' block. */
    long inputBytes() {
        return inputBytes;
    }

    /** The values that have a slot of their own among the outputs. */
    List<NodeOutput> outputs() {
        return outputs;
    }

    /** The lifetimes of the temporaries, workspaces included. */
    List<Lifetime> lifetimes() {
        return lifetimes;
    }

    /** The temporaries that a step's kernel uses as workspaces. */
    List<Integer> workspaces(int step) {
        return workspaces.get(step);
    }
}
