package dev.quern.graph.fuse;

import dev.quern.graph.ir.NodeOutput;
import dev.quern.graph.lower.Storage;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The anchors' regions while they change, in the order of the graph, and which of them a value comes from. */
final class RegionFlow {
    /** Nodes looked at for a way from a kernel to a value; beyond, there is said to be one. */
    private static final int SEARCHED = 8 * Profit.UNITS_SEARCHED;

    private final List<Region> regions;
    private final Map<NodeOutput, Integer> writers = new HashMap<>();
    private final Map<NodeOutput, Integer> firstReaders = new HashMap<>();

    RegionFlow(List<Region> anchors) {
        this.regions = new ArrayList<>(anchors);
        for (int i = 0; i < regions.size(); i++) {
            int number = i;
            regions.get(i).writes().forEach(value -> writers.put(value, number));
            regions.get(i).reads().forEach(value -> firstReaders.putIfAbsent(value, number));
        }
    }

    /** The regions as they are. */
    List<Region> regions() {
        return regions;
    }

    /** The number of the region that stores a value; -1 for values that none does. */
    int writer(NodeOutput stored) {
        return writers.getOrDefault(stored, -1);
    }

    /** The number of the first region that reads a stored value, or {@code none}. */
    int firstReader(NodeOutput stored, int none) {
        return firstReaders.getOrDefault(stored, none);
    }

    /** Changes a region, which may write more than before. */
    void set(int number, Region region) {
        regions.set(number, region);
        region.writes().forEach(value -> writers.put(value, number));
    }

    /** Whether one of some stored values is there only after a region has run. */
    boolean followFrom(Collection<NodeOutput> values, int region) {
        BitSet seen = new BitSet();
        List<NodeOutput> open = new ArrayList<>(values);
        int steps = 0;
        while (!open.isEmpty()) {
            NodeOutput each = open.removeLast();
            int writer = writer(each);
            if (writer == region || ++steps > SEARCHED) {
                return true;
            }
            if (seen.get(each.node().id())) {
                continue;
            }
            seen.set(each.node().id());
            if (writer >= 0) {
                open.addAll(regions.get(writer).reads());
            } else {
                each.node().inputs().forEach(input -> open.add(Storage.of(input)));
            }
        }
        return false;
    }
}
