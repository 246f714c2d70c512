package dev.quern.graph.fuse;

import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.Node;
import dev.quern.graph.ir.NodeOutput;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which kernel feeds which, while kernels are being formed: anchors' regions and groups of stored pointwise nodes. Answers
 * whether two groups can become one without a cycle.
 */
final class UnitGraph {
    /** Nodes that become one kernel, and the producers of what it reads. */
    private static final class Unit {
        private final List<Node> nodes = new ArrayList<>();
        private final List<Node> feeders = new ArrayList<>();
        /** The last search that came by. */
        private long seen;
    }

    private final Stored stored;
    /** By node: the kernel that stores its value, as far as it is known already. */
    private final Unit[] units;
    private final boolean[] neededByAnchors;
    private long searches;

    UnitGraph(Graph graph, List<Region> anchors, Stored stored) {
        this.stored = stored;
        this.units = new Unit[graph.nodes().size()];
        this.neededByAnchors = new boolean[units.length];
        for (Region region : anchors) {
            Unit unit = new Unit();
            region.writes().forEach(value -> units[value.node().id()] = unit);
            for (NodeOutput value : region.reads()) {
                unit.feeders.add(value.node());
                neededByAnchors[value.node().id()] = true;
            }
        }
    }

    /** Whether an anchor's region reads a node. */
    boolean isNeededByAnchors(Node node) {
        return neededByAnchors[node.id()];
    }

    /** The kernel that stores a node; null for what no kernel does. */
    private Unit unit(Node node) {
        Unit known = units[node.id()];
        if (known == null && stored.isFree(node)) {
            known = new Unit();
            known.nodes.add(node);
            for (NodeOutput leaf : stored.leaves(node)) {
                known.feeders.add(leaf.node());
            }
            units[node.id()] = known;
        }
        return known;
    }

    /** Makes one group of two. */
    void join(Node one, Node other) {
        Unit unit = unit(one);
        Unit more = unit(other);
        if (unit != more) {
            unit.nodes.addAll(more.nodes);
            Set<Node> known = new HashSet<>(unit.feeders);
            more.feeders.stream().filter(known::add).forEach(unit.feeders::add);
            more.nodes.forEach(node -> units[node.id()] = unit);
        }
    }

    /** Whether a kernel of one group reads what the other computes. */
    boolean feeds(Node one, Node other) {
        Unit unit = unit(one);
        return unit(other).feeders.stream().anyMatch(feeder -> units[feeder.id()] == unit);
    }

    /**
     * Whether a kernel outside of both groups lies on a way from one to the other, as far as can be told by looking at
     * {@link Profit#UNITS_SEARCHED} kernels; beyond, the answer is yes.
     */
    boolean wouldCycle(Node one, Node other) {
        Unit first = unit(one);
        Unit second = unit(other);
        searches++;
        int seen = 0;
        List<Unit> open = new ArrayList<>();
        for (Unit unit : first == second ? List.of(first) : List.of(first, second)) {
            for (Node feeder : unit.feeders) {
                Unit before = unit(feeder);
                if (before != null && before != first && before != second && before.seen != searches) {
                    before.seen = searches;
                    open.add(before);
                }
            }
        }
        while (!open.isEmpty()) {
            if (++seen > Profit.UNITS_SEARCHED) {
                return true;
            }
            for (Node feeder : open.removeLast().feeders) {
                Unit before = unit(feeder);
                if (before == first || before == second) {
                    return true;
                }
                if (before != null && before.seen != searches) {
                    before.seen = searches;
                    open.add(before);
                }
            }
        }
        return false;
    }
}
