package dev.quern.graph.fuse;

import dev.quern.graph.ir.Node;
import dev.quern.graph.ir.NodeOutput;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which kernel feeds which, while kernels are being formed: anchors' regions and groups of stored pointwise nodes. Answers
 * whether two groups can become one without a cycle.
 */
final class UnitGraph {
    private final Stored stored;
    private final Map<Node, Region> anchorOf = new HashMap<>();
    private final Set<Node> neededByAnchors = new HashSet<>();
    /** A group's nodes, by any of its nodes. */
    private final Map<Node, List<Node>> groups = new HashMap<>();

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

    private List<Node> group(Node root) {
        return groups.computeIfAbsent(root, alone -> new ArrayList<>(List.of(alone)));
    }

    /** Makes one group of two. */
    void join(Node one, Node other) {
        List<Node> group = group(one);
        List<Node> more = group(other);
        if (group != more) {
            group.addAll(more);
            more.forEach(node -> groups.put(node, group));
        }
    }

    /** Whether a kernel outside of both groups lies on a way from one to the other. */
    boolean wouldCycle(Node one, Node other) {
        Set<Node> merged = new HashSet<>(group(one));
        merged.addAll(group(other));
        Set<Node> seen = new HashSet<>();
        List<Node> open = new ArrayList<>();
        for (Node node : merged) {
            for (NodeOutput leaf : stored.leaves(node)) {
                if (!merged.contains(leaf.node()) && seen.add(leaf.node())) {
                    open.add(leaf.node());
                }
            }
        }
        while (!open.isEmpty()) {
            for (Node feeder : feeders(open.removeLast())) {
                if (merged.contains(feeder)) {
                    return true;
                }
                if (seen.add(feeder)) {
                    open.add(feeder);
                }
            }
        }
        return false;
    }

    /** The producers of what a node's kernel reads. */
    private List<Node> feeders(Node node) {
        List<Node> feeders = new ArrayList<>();
        Region anchor = anchorOf.get(node);
        if (anchor != null) {
            anchor.reads().forEach(value -> feeders.add(value.node()));
        } else if (stored.isFree(node)) {
            for (Node mate : group(node)) {
                stored.leaves(mate).forEach(value -> feeders.add(value.node()));
            }
        }
        return feeders;
    }
}
