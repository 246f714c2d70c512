package dev.quern.graph.fuse;

import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.Node;
import dev.quern.graph.ir.NodeOutput;
import dev.quern.graph.lower.Storage;
import dev.quern.graph.lower.Work;
import dev.quern.graph.op.Assign;
import dev.quern.graph.op.Parameter;
import dev.quern.kernels.Problem;
import dev.quern.kernels.copy.CopyProblem;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.Expr;
import dev.quern.kernels.pointwise.PointwiseProblem;
import dev.quern.kernels.select.Selector;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Groups stored pointwise nodes into kernels: nodes of one shape that share work become one part, and every assignment of the
 * step joins one launch at its end, which updates the state in place.
 */
final class PointwiseRegions {
    private final Graph graph;
    private final Stored stored;
    private final Selector selector;
    private final Set<String> apart;
    private final List<Decision> decisions;
    private final UnitGraph units;
    private final Profit profit;
    private final Map<String, NodeOutput> oldValues = new LinkedHashMap<>();
    private final Set<Node> outputs = new HashSet<>();

    PointwiseRegions(FusionContext context, Stored stored, List<Region> anchors) {
        this.graph = context.graph();
        this.stored = stored;
        this.selector = context.selector();
        this.apart = context.apart();
        this.decisions = context.decisions();
        this.units = new UnitGraph(graph, anchors, stored);
        this.profit = context.profit();
        graph.outputs().values().forEach(value -> outputs.add(Storage.of(value).node()));
        for (Node node : graph.nodes()) {
            if (node.op() instanceof Parameter parameter) {
                oldValues.put(parameter.path(), node.output(0));
            }
        }
    }

    List<Region> form() {
        List<List<PointwisePart>> updates = updates();
        List<Region> regions = new ArrayList<>();
        for (List<List<Node>> launch : new PointwiseCells(stored, units, this::part, profit, apart, decisions).launches()) {
            List<PointwisePart> parts = launch.stream().map(cell -> part(cell, new LinkedHashSet<>(cell))).toList();
            regions.add(region(launch.getLast().getLast().name(), parts));
        }
        for (int i = 0; i < updates.size(); i++) {
            regions.add(region(i == 0 ? "update" : "update_" + (i + 1), updates.get(i)));
        }
        return regions;
    }

    private PointwisePart part(List<Node> roots, Set<Node> own) {
        PointwisePart part = new PointwisePart(roots.getFirst().output(0).shape(), own, stored::isInlined);
        roots.stream().filter(root -> isReadOutside(root, own)).forEach(part::result);
        return part;
    }

    /** Whether a root must reach memory: everything but what only its own part reads. */
    private boolean isReadOutside(Node root, Set<Node> own) {
        return root.op() instanceof Assign || units.isNeededByAnchors(root) || outputs.contains(root)
                || stored.readers(root).stream().anyMatch(reader -> !own.contains(reader));
    }

    // ---- the update ----------------------------------------------------------------------------------------------

    private List<List<PointwisePart>> updates() {
        List<Node> assigns = new ArrayList<>(graph.assignments());
        List<Node> early = new ArrayList<>();
        settleConflicts(assigns, early);
        List<List<PointwisePart>> launches = new ArrayList<>(launches(early));
        launches.addAll(launches(assigns));
        if (assigns.size() > 1) {
            decisions.add(new Decision(true, assigns.size() + " assignments into one update",
                    "independent of each other, in place on the state", profit.savedLaunches(assigns.size() - 1)));
        }
        return launches;
    }

    /**
     * Makes sure that no assignment changes what another one of its launch still reads: such a reader moves to a launch
     * before, or what it reads is stored beforehand.
     */
    private void settleConflicts(List<Node> assigns, List<Node> early) {
        Set<NodeOutput> changed = new LinkedHashSet<>();
        assigns.forEach(assign -> changed.add(target(assign)));
        for (List<Node> cell : updateCells(assigns)) {
            PointwisePart part = part(cell, new LinkedHashSet<>(cell));
            for (Node assign : cell) {
                PointwisePart alone = part(List.of(assign), Set.of(assign));
                Set<NodeOutput> reads = new LinkedHashSet<>(alone.inputs().stream().map(Storage::of).toList());
                reads.retainAll(changed);
                boolean clash = reads.stream().anyMatch(value -> part.reads(value, false)
                        || cell.stream().noneMatch(mate -> target(mate).equals(value)));
                if (!clash) {
                    continue;
                }
                boolean watched = assigns.stream().anyMatch(other -> other != assign
                        && stored.leaves(other).contains(target(assign)));
                Node source = assign.input(0).node();
                if (!watched && !alone.reads(target(assign), false)) {
                    early.add(assign);
                    decisions.add(new Decision(false, assign.name() + " into the update",
                            "it reads what the update changes; it runs before", profit.savedLaunches(1)));
                } else if (stored.isInlined(source)) {
                    stored.store(source);
                    decisions.add(new Decision(false, source.name() + " into " + assign.name(),
                            "it reads what the update changes; its value is stored before", profit.saved(source)));
                } else {
                    throw new IllegalStateException(assign.place() + ": reads what the update changes, and nothing was put "
                            + "between them");
                }
            }
        }
        assigns.removeAll(early);
    }

    private NodeOutput target(Node assign) {
        NodeOutput old = oldValues.get(((Assign) assign.op()).path());
        return old == null ? assign.output(0) : old;
    }

    /** Assignments of one shape that share a tensor of that shape become one part. */
    private List<List<Node>> updateCells(List<Node> assigns) {
        List<List<Node>> cells = new ArrayList<>();
        // For each tensor, the cells that read or change it element by element.
        Map<NodeOutput, TreeSet<Integer>> touching = new HashMap<>();
        for (Node assign : assigns) {
            PointwisePart alone = part(List.of(assign), Set.of(assign));
            Shape shape = assign.output(0).shape();
            Set<NodeOutput> wanted = new LinkedHashSet<>(alone.inputs().stream().map(Storage::of).toList());
            wanted.add(target(assign));
            wanted.removeIf(value -> value.shape().elements() != shape.elements());
            TreeSet<Integer> candidates = new TreeSet<>();
            wanted.forEach(value -> candidates.addAll(touching.getOrDefault(value, new TreeSet<>())));
            int home = candidates.stream().filter(cell -> cells.get(cell).getFirst().output(0).shape().equals(shape)).findFirst()
                    .orElse(cells.size());
            if (home == cells.size()) {
                cells.add(new ArrayList<>());
            }
            cells.get(home).add(assign);
            wanted.stream().filter(value -> value.equals(target(assign)) || alone.reads(value, true))
                    .forEach(value -> touching.computeIfAbsent(value, _ -> new TreeSet<>()).add(home));
        }
        return cells;
    }

    private List<List<PointwisePart>> launches(List<Node> assigns) {
        List<List<PointwisePart>> launches = new ArrayList<>();
        int arguments = 0;
        for (List<Node> cell : updateCells(assigns)) {
            PointwisePart part = part(cell, new LinkedHashSet<>(cell));
            int more = part.inputs().size() + part.outputs().size();
            if (launches.isEmpty() || arguments + more > Profit.UPDATE_ARGUMENTS) {
                launches.add(new ArrayList<>());
                arguments = 0;
            }
            arguments += more;
            launches.getLast().add(part);
        }
        return launches;
    }

    // ---- both ----------------------------------------------------------------------------------------------------

    private Region region(String name, List<PointwisePart> parts) {
        List<NodeOutput> inputs = new ArrayList<>();
        List<NodeOutput> outputs = new ArrayList<>();
        Set<Node> nodes = new TreeSet<>(Comparator.comparingInt(Node::id));
        for (PointwisePart part : parts) {
            inputs.addAll(part.inputs());
            outputs.addAll(part.outputs());
            nodes.addAll(part.nodes());
        }
        Problem problem = problem(parts);
        return new Region(name, new ArrayList<>(nodes), new Work(problem, inputs, outputs), Epilogue.none(), List.of(),
                selector.choose(name, problem, Epilogue.none()));
    }

    /** What computes parts; a single one that only puts elements elsewhere is a copy. */
    private static Problem problem(List<PointwisePart> parts) {
        PointwiseProblem.Part part = parts.getFirst().part();
        if (parts.size() == 1 && part.results().equals(List.of(new Expr.Input(0))) && part.inputs().size() == 1) {
            PointwiseProblem.Input input = part.inputs().getFirst();
            NodeOutput value = parts.getFirst().inputs().getFirst();
            if (input.draw().isEmpty() && input.dtype() == part.types().getFirst()) {
                return CopyProblem.view(input.dtype(), part.shape(), value.shape().elements(), input.offset(), input.strides());
            }
        }
        return new PointwiseProblem(parts.stream().map(PointwisePart::part).toList());
    }
}
