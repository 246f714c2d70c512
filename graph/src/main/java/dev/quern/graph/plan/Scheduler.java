package dev.quern.graph.plan;

import dev.quern.graph.fuse.Region;
import dev.quern.graph.ir.Node;
import dev.quern.graph.ir.NodeOutput;
import dev.quern.graph.op.Assign;
import dev.quern.graph.op.Parameter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntConsumer;

/**
 * Orders regions: producers before readers, and every reader of a tensor of the state before the region that changes it.
 * Among the ready ones it follows the user's program, or frees as much memory as it can; the caller keeps the better.
 */
public final class Scheduler {
    private final List<Region> regions;
    private final List<Set<Integer>> before = new ArrayList<>();
    private final Map<NodeOutput, Integer> producers = new HashMap<>();
    private final Map<NodeOutput, Integer> readers = new HashMap<>();

    /** A scheduler of these regions. */
    public Scheduler(List<Region> regions) {
        this.regions = List.copyOf(regions);
        Map<String, Integer> writers = new HashMap<>();
        for (int i = 0; i < regions.size(); i++) {
            before.add(new TreeSet<>());
            for (NodeOutput value : regions.get(i).writes()) {
                producers.put(value, i);
                if (value.node().op() instanceof Assign assign) {
                    writers.put(assign.path(), i);
                }
            }
            regions.get(i).reads().forEach(value -> readers.merge(value, 1, Integer::sum));
        }
        for (int i = 0; i < regions.size(); i++) {
            for (NodeOutput value : regions.get(i).reads()) {
                Integer producer = producers.get(value);
                if (producer != null && producer != i) {
                    before.get(i).add(producer);
                }
                if (value.node().op() instanceof Parameter parameter) {
                    Integer writer = writers.get(parameter.path());
                    if (writer != null && writer != i) {
                        before.get(writer).add(i);
                    }
                }
            }
        }
    }

    /** The regions as the user's program has them, as far as dependencies allow. */
    public List<Region> inProgramOrder() {
        return order(Comparator.comparingInt(this::position));
    }

    /** The regions in an order that frees memory early. */
    public List<Region> freeingEarly() {
        Map<NodeOutput, Integer> left = new HashMap<>(readers);
        return order(Comparator.comparingLong((Integer i) -> growth(i, left)).thenComparingInt(this::position), i -> {
            for (NodeOutput value : regions.get(i).reads()) {
                left.merge(value, -1, Integer::sum);
            }
        });
    }

    private int position(int region) {
        return regions.get(region).nodes().stream().mapToInt(Node::id).max().orElse(0);
    }

    /** Bytes that running a region adds to what is live. */
    private long growth(int region, Map<NodeOutput, Integer> left) {
        long growth = regions.get(region).writes().stream().mapToLong(value -> value.type().bytes()).sum();
        for (NodeOutput value : regions.get(region).reads()) {
            if (producers.containsKey(value) && left.get(value) == 1) {
                growth -= value.type().bytes();
            }
        }
        return growth;
    }

    private List<Region> order(Comparator<Integer> priority) {
        return order(priority, i -> {
        });
    }

    private List<Region> order(Comparator<Integer> priority, IntConsumer scheduled) {
        List<Set<Integer>> after = new ArrayList<>();
        int[] waiting = new int[regions.size()];
        regions.forEach(region -> after.add(new TreeSet<>()));
        List<Integer> ready = new ArrayList<>();
        for (int i = 0; i < regions.size(); i++) {
            for (int earlier : before.get(i)) {
                after.get(earlier).add(i);
            }
            waiting[i] = before.get(i).size();
            if (waiting[i] == 0) {
                ready.add(i);
            }
        }
        List<Region> order = new ArrayList<>();
        while (!ready.isEmpty()) {
            Integer next = Collections.min(ready, priority.thenComparing(Comparator.naturalOrder()));
            ready.remove(next);
            scheduled.accept(next);
            order.add(regions.get(next));
            for (int later : after.get(next)) {
                if (--waiting[later] == 0) {
                    ready.add(later);
                }
            }
        }
        if (order.size() < regions.size()) {
            List<String> stuck = regions.stream().filter(region -> !order.contains(region)).map(Region::name).toList();
            throw new IllegalStateException(String.join(", ", stuck) + ": each must run before the other");
        }
        return order;
    }
}
