package dev.quern.graph.plan;

import dev.quern.graph.fuse.Fuser;
import dev.quern.graph.fuse.Region;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.Node;
import dev.quern.graph.ir.NodeOutput;
import dev.quern.graph.lower.Storage;
import dev.quern.graph.op.Assign;
import dev.quern.graph.op.Parameter;
import dev.quern.kernels.Cost;
import dev.quern.kernels.KernelBinding;
import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.Problem;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.Prologues;
import dev.quern.kernels.select.Choice;
import dev.quern.runtime.Device;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Launch;
import dev.quern.runtime.Recording;
import dev.quern.runtime.Slice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Turns regions into a plan: orders them, plans their memory, compiles their kernels and binds their arguments. */
public final class Binder {
    private final Graph graph;
    private final Fuser.Result fusion;
    private final Device device;
    private final State state;
    private final boolean guarded;
    private final boolean checkFinite;

    /**
     * A binder.
     *
     * @param graph   the graph
     * @param fusion  its regions
     * @param device  the device to run on
     * @param state   where the graph's parameters are; those that it lacks are declared, as zeros
     * @param guarded     whether every slot gets a fenced buffer of its own
     * @param checkFinite whether a step stops at the first tensor that is not finite
     */
    public Binder(Graph graph, Fuser.Result fusion, Device device, State state, boolean guarded, boolean checkFinite) {
        this.graph = graph;
        this.fusion = fusion;
        this.device = device;
        this.state = state;
        this.guarded = guarded;
        this.checkFinite = checkFinite;
    }

    /** The plan. */
    public Plan bind() {
        Blueprint best = Blueprint.of(graph, fusion, device.info());
        for (Node node : graph.nodes()) {
            if (node.op() instanceof Parameter parameter) {
                state.declare(parameter.path(), parameter.type());
            } else if (node.op() instanceof Assign assign) {
                state.declare(assign.path(), assign.type());
            }
        }
        PlanMemory memory = PlanMemory.allocate(graph.name(), device, best.buffers(), best.layout(), guarded);
        try {
            return record(best, memory);
        } catch (RuntimeException e) {
            memory.close();
            throw e;
        }
    }

    /** How a region's variant solves its problem. */
    static KernelPlan kernel(Region region, DeviceInfo info) {
        return kernel(region.choice(), region.work().problem(), info, region.prologues(), region.epilogue());
    }

    @SuppressWarnings("unchecked") // a region's choice was made for its problem
    private static <P extends Problem> KernelPlan kernel(Choice<P> choice, Problem problem, DeviceInfo info,
            Prologues prologues, Epilogue epilogue) {
        return choice.variant().plan((P) problem, info, choice.parameters(), prologues, epilogue);
    }

    private Plan record(Blueprint candidate, PlanMemory memory) {
        Slices slices = new Slices(candidate.buffers(), memory);
        List<Launch> launches = new ArrayList<>();
        List<Integer> firstLaunches = new ArrayList<>();
        for (int step = 0; step < candidate.order().size(); step++) {
            Region region = candidate.order().get(step);
            firstLaunches.add(launches.size());
            KernelBinding binding = new KernelBinding(region.work().operands().stream().map(slices::of).toList(),
                    region.epilogueTensors().stream().map(slices::of).toList(),
                    candidate.buffers().workspaces(step).stream().map(memory::temporary).toList(), slices.ofPrologues(region));
            launches.addAll(binding.launches(region.name(), candidate.kernels().get(step), device));
        }
        Map<String, Plan.Output> outputs = new HashMap<>();
        graph.outputs().forEach((name, value) -> outputs.put(name, new Plan.Output(value.type(), slices.of(value))));
        List<PlanStep> steps = steps(candidate, firstLaunches);
        Recording recording = device.record(launches);
        try {
            return new Plan(graph, device, memory, recording, candidate.buffers(), outputs, candidate.explanation(), steps,
                    candidate.statistics(), () -> RegionRun.of(candidate.order(), steps, launches, slices::of, device), checkFinite);
        } catch (RuntimeException e) {
            recording.close();
            throw e;
        }
    }

    private static List<PlanStep> steps(Blueprint candidate, List<Integer> firstLaunches) {
        List<PlanStep> steps = new ArrayList<>();
        for (int step = 0; step < candidate.order().size(); step++) {
            Region region = candidate.order().get(step);
            List<PlanStep.PlanLaunch> launches = new ArrayList<>();
            for (KernelPlan.PlannedLaunch launch : candidate.kernels().get(step).launches()) {
                launches.add(new PlanStep.PlanLaunch(firstLaunches.get(step) + launches.size(), launch.role(), launch.source(),
                        launch.entry(), launch.grid()));
            }
            List<PlanStep.PlanNode> nodes = region.nodes().stream()
                    .map(node -> new PlanStep.PlanNode(node.name(), node.op().label(), node.source().text())).toList();
            Problem problem = region.work().problem();
            double epilogueBytes = region.epilogue().operands().stream()
                    .mapToDouble(operand -> (double) operand.count() * operand.dtype().bytes()).sum()
                    + region.kept().stream().mapToDouble(value -> value.type().bytes()).sum();
            steps.add(new PlanStep(region.name(), nodes, problem.family(), problem.key(), region.choice().variant().name(),
                    region.choice().parameters(), region.choice().reason(), problem.cost().plus(new Cost(0, epilogueBytes)), launches));
        }
        return steps;
    }

    /** The slice of each stored value, made once. */
    private final class Slices {
        private final Buffers buffers;
        private final PlanMemory memory;
        private final Map<NodeOutput, Slice> known = new HashMap<>();

        private Slices(Buffers buffers, PlanMemory memory) {
            this.buffers = buffers;
            this.memory = memory;
        }

        private Slice of(NodeOutput value) {
            return known.computeIfAbsent(Storage.of(value), this::make);
        }

        private Map<Integer, List<Slice>> ofPrologues(Region region) {
            Map<Integer, List<Slice>> prologues = new HashMap<>();
            region.prologueInputs().forEach((operand, inputs) -> prologues.put(operand, inputs.stream().map(this::of).toList()));
            return prologues;
        }

        private Slice make(NodeOutput owner) {
            return switch (buffers.home(owner)) {
                case Home.InState(String path) -> state.slice(path);
                case Home.InInputs(long offset) -> memory.input(offset, owner.type().bytes());
                case Home.InOutputs(int slot) -> memory.output(slot);
                case Home.InTemporaries(int slot) -> memory.temporary(slot);
            };
        }
    }
}
