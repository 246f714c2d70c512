package dev.quern.graph.fuse;

import dev.quern.graph.ir.Node;
import dev.quern.graph.ir.NodeOutput;
import dev.quern.graph.lower.Storage;
import dev.quern.graph.op.Assign;
import dev.quern.graph.op.FusionKind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;

/**
 * Groups stored pointwise nodes into cells, which become one part of a kernel each: nodes of one shape that share work. Small
 * cells that do not depend on each other then become parts of one launch.
 */
final class PointwiseCells {
    private final Stored stored;
    private final UnitGraph units;
    private final BiFunction<List<Node>, Set<Node>, PointwisePart> parts;
    private final Profit profit;
    private final Set<String> apart;
    private final List<Decision> decisions;
    private final List<Cell> cells = new ArrayList<>();
    /** The cells that compute a node, and that read a value element by element. */
    private final Map<Node, Cell> homes = new HashMap<>();
    private final Map<NodeOutput, List<Cell>> readers = new HashMap<>();

    /** Nodes of one shape, in order. */
    private static final class Cell {
        private final int number;
        private final List<Node> nodes = new ArrayList<>();
        /** How many terms the expression of each node has. */
        private final Map<Node, Integer> sizes = new LinkedHashMap<>();

        private Cell(int number) {
            this.number = number;
        }

        private int size() {
            return sizes.values().stream().mapToInt(Integer::intValue).sum();
        }

        private String name() {
            return nodes.getFirst().name();
        }
    }

    /**
     * Groups the roots that are no assignments.
     *
     * @param parts makes a part of nodes that compute each other's values where they can
     */
    PointwiseCells(Stored stored, UnitGraph units, BiFunction<List<Node>, Set<Node>, PointwisePart> parts, Profit profit,
            Set<String> apart, List<Decision> decisions) {
        this.stored = stored;
        this.units = units;
        this.parts = parts;
        this.profit = profit;
        this.apart = apart;
        this.decisions = decisions;
        for (Node root : stored.roots()) {
            if (!(root.op() instanceof Assign)) {
                place(root);
            }
        }
    }

    private PointwisePart part(List<Node> nodes) {
        return parts.apply(nodes, new LinkedHashSet<>(nodes));
    }

    private void place(Node root) {
        Cell home = null;
        List<NodeOutput> shared = new ArrayList<>();
        if (!isMoved(root)) {
            PointwisePart alone = part(List.of(root));
            TreeSet<Cell> candidates = new TreeSet<>(Comparator.comparingInt((Cell cell) -> cell.number));
            for (NodeOutput input : new LinkedHashSet<>(alone.inputs().stream().map(Storage::of).toList())) {
                if (alone.reads(input, true)) {
                    if (homes.containsKey(input.node())) {
                        candidates.add(homes.get(input.node()));
                    }
                    if (input.shape().elements() == root.output(0).shape().elements()) {
                        shared.add(input);
                        List<Cell> known = readers.getOrDefault(input, List.of());
                        candidates.addAll(known.subList(Math.max(0, known.size() - Profit.SHARED_LAUNCHES), known.size()));
                    }
                }
            }
            home = candidates.stream().skip(Math.max(0, candidates.size() - Profit.SHARED_LAUNCHES))
                    .filter(cell -> joins(cell, root)).findFirst().orElse(null);
        }
        if (home == null) {
            home = new Cell(cells.size());
            cells.add(home);
        } else {
            units.join(home.nodes.getFirst(), root);
        }
        home.sizes.put(root, stored.size(root, home.sizes));
        home.nodes.add(root);
        if (!isMoved(root)) {
            homes.put(root, home);
            for (NodeOutput value : shared) {
                List<Cell> known = readers.computeIfAbsent(value, _ -> new ArrayList<>());
                if (known.isEmpty() || known.getLast() != home) {
                    known.add(home);
                }
            }
        }
    }

    private boolean joins(Cell cell, Node root) {
        Node first = cell.nodes.getFirst();
        if (!first.output(0).shape().equals(root.output(0).shape())) {
            return false;
        }
        String what = root.name() + " beside " + cell.name();
        if (apart.contains(root.name()) || cell.nodes.stream().anyMatch(node -> apart.contains(node.name()))) {
            return refused(what, "it is to stay apart");
        }
        int size = stored.size(root, cell.sizes);
        if (size >= Profit.EXPRESSION_SIZE || cell.size() + size > Profit.KERNEL_SIZE) {
            return refused(what, "the kernel would grow past " + Profit.EXPRESSION_SIZE + " terms a result or "
                    + Profit.KERNEL_SIZE + " in all");
        }
        List<Node> together = new ArrayList<>(cell.nodes);
        together.add(root);
        PointwisePart merged = part(together);
        if (together.stream().anyMatch(node -> merged.reads(node.output(0), false) || merged.reads(node.output(0), true))) {
            return refused(what, "one reads the other in another order");
        }
        if (arguments(merged) > Profit.KERNEL_ARGUMENTS) {
            return refused(what, "more than " + Profit.KERNEL_ARGUMENTS + " arguments");
        }
        if (units.wouldCycle(first, root)) {
            return refused(what, "a kernel between them reads the one and feeds the other");
        }
        decisions.add(new Decision(true, what, "same shape, shared reads", profit.savedLaunches(1)));
        return true;
    }

    private boolean refused(String what, String reason) {
        decisions.add(new Decision(false, what, reason, profit.savedLaunches(1)));
        return false;
    }

    /** Whether a node is a view of integers: they keep their bits only where nothing computes on them in F32. */
    private static boolean isMoved(Node node) {
        return node.op().fusionKind() == FusionKind.VIEW && !node.types().getFirst().dtype().floating();
    }

    private static int arguments(PointwisePart part) {
        return part.inputs().size() + part.outputs().size();
    }

    /** The nodes of each cell, by launch: small cells that do not depend on each other share one. */
    List<List<List<Node>>> launches() {
        List<List<List<Node>>> launches = new ArrayList<>();
        List<Shared> open = new ArrayList<>();
        for (Cell cell : cells) {
            PointwisePart part = part(cell.nodes);
            if (!isSmall(cell, part)) {
                launches.add(List.of(cell.nodes));
                continue;
            }
            Shared home = open.reversed().stream().limit(Profit.SHARED_LAUNCHES).filter(shared -> goesWith(shared, cell, part))
                    .findFirst().orElse(null);
            if (home == null) {
                home = new Shared();
                open.add(home);
                launches.add(home.cells);
            } else {
                decisions.add(new Decision(true, cell.name() + " into the launch of " + home.name(),
                        "both are small and neither depends on the other", profit.savedLaunches(1)));
                units.join(home.first(), cell.nodes.getFirst());
            }
            home.cells.add(cell.nodes);
            home.arguments += arguments(part);
            home.size += cell.size();
        }
        return launches;
    }

    /** A launch that may take in more. */
    private static final class Shared {
        private final List<List<Node>> cells = new ArrayList<>();
        private int arguments;
        private int size;

        private Node first() {
            return cells.getFirst().getFirst();
        }

        private String name() {
            return first().name();
        }
    }

    private boolean isSmall(Cell cell, PointwisePart part) {
        long bytes = part.inputs().stream().mapToLong(value -> value.type().bytes()).sum()
                + part.outputs().stream().mapToLong(value -> value.type().bytes()).sum();
        return profit.isSmall(bytes) && cell.nodes.stream().noneMatch(node -> isMoved(node) || apart.contains(node.name()));
    }

    private boolean goesWith(Shared shared, Cell cell, PointwisePart part) {
        Node one = shared.first();
        Node other = cell.nodes.getFirst();
        return shared.arguments + arguments(part) <= Profit.KERNEL_ARGUMENTS && shared.size + cell.size() <= Profit.KERNEL_SIZE
                && !units.feeds(one, other) && !units.feeds(other, one) && !units.wouldCycle(one, other);
    }
}
