package dev.quern.graph.fuse;

import dev.quern.graph.ir.Node;
import dev.quern.graph.ir.NodeOutput;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which kernel feeds which, while kernels are being formed: anchors' regions and groups of stored pointwise nodes. Answers
 * whether two groups can become one without a cycle.
 */
final class UnitGraph {
    /** Nodes that become one kernel, and the producers of what it reads. Two are equal only if they are the same. */
    private static final class Group {
        private final Set<Node> nodes = new LinkedHashSet<>();
        private final Set<Node> feeders = new LinkedHashSet<>();
    }

    private final Stored stored;
    private final Map<Node, Region> anchorOf = new HashMap<>();
    private final Set<Node> neededByAnchors = new HashSet<>();
    private final Map<Node, Group> groups = new HashMap<>();

    UnitGraph(List<Region> anchors, Stored stored) {
        this.stored = stored;
        for (Region region : anchors) {
            region.writes().forEach(value -> anchorOf.put(value.node(), region));
            region.reads().forEach(value -> neededByAnchors.add(value.node()));
        }
    }

    /** Whether an anchor's region reads a node. */
    boolean isNeededByAnchors(Node node) {
        return neededByAnchors.contains(node);
    }

    private Group group(Node root) {
        return groups.computeIfAbsent(root, alone -> {
            Group group = new Group();
            group.nodes.add(alone);
            stored.leaves(alone).forEach(leaf -> group.feeders.add(leaf.node()));
            return group;
        });
    }

    /** Makes one group of two. */
    void join(Node one, Node other) {
        Group group = group(one);
        Group more = group(other);
        if (group != more) {
            group.nodes.addAll(more.nodes);
            group.feeders.addAll(more.feeders);
            more.nodes.forEach(node -> groups.put(node, group));
        }
    }

    /** Whether a kernel of one group reads what the other computes. */
    boolean feeds(Node one, Node other) {
        return group(other).feeders.stream().anyMatch(group(one).nodes::contains);
    }

    /**
     * Whether a kernel outside of both groups lies on a way from one to the other, as far as can be told by looking at
     * {@link Profit#UNITS_SEARCHED} kernels; beyond, the answer is yes.
     */
    boolean wouldCycle(Node one, Node other) {
        Group first = group(one);
        Group second = group(other);
        Set<Object> seen = new HashSet<>(List.of(first, second));
        List<Node> open = new ArrayList<>();
        for (Group group : first == second ? List.of(first) : List.of(first, second)) {
            for (Node feeder : group.feeders) {
                if (!first.nodes.contains(feeder) && !second.nodes.contains(feeder)) {
                    open.add(feeder);
                }
            }
        }
        while (!open.isEmpty()) {
            if (seen.size() > Profit.UNITS_SEARCHED) {
                return true;
            }
            Node node = open.removeLast();
            Region anchor = anchorOf.get(node);
            if (anchor != null) {
                if (seen.add(node)) {
                    anchor.reads().forEach(value -> open.add(value.node()));
                }
            } else if (stored.isFree(node)) {
                Group group = group(node);
                if (group == first || group == second) {
                    return true;
                }
                if (seen.add(group)) {
                    open.addAll(group.feeders);
                }
            }
        }
        return false;
    }
}
