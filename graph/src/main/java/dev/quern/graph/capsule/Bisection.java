package dev.quern.graph.capsule;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.ir.GraphRecord;
import dev.quern.graph.ir.Node;
import dev.quern.graph.ir.NodeOutput;
import dev.quern.graph.lower.Storage;
import dev.quern.graph.plan.PlanStep;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;

/**
 * Two runs of one graph, value by value: each run is looked at after each of its regions, and the values that both store are compared.
 * What exists only within a kernel of one of them cannot be; it is named where the first difference may lie in it.
 *
 * @param firstHash  the plan of the first run
 * @param secondHash the plan of the second
 * @param leaves     inputs and tensors of the state that already differ before the step
 * @param compared   the values that both store, in topological order
 * @param apart      how many values only one of the two stores
 * @param hidden     for each compared value the nodes between it and the nearest compared values or leaves that it is computed from
 */
public record Bisection(String firstHash, String secondHash, List<Replay.Result> leaves, List<Compared> compared, int apart,
        Map<Compared, List<Node>> hidden) {
    /** A step to run: a capsule, where, and how compiled. */
    public record Run(Capsule capsule, Device device, CompileOptions options) {
    }

    /**
     * A value that both runs store.
     *
     * @param value      the value
     * @param first      the region of the first run that computes it
     * @param second     the region of the second
     * @param difference how the second's differs from the first's
     */
    public record Compared(NodeOutput value, PlanStep first, PlanStep second, Difference difference) {
    }

    /** A value with the region that wrote it. */
    private record Written(NodeOutput value, PlanStep region, HostTensor tensor) {
    }

    /**
     * Runs both and compares.
     *
     * @throws QuernException if they are steps of different graphs, or one cannot be compiled so
     */
    public static Bisection of(Run one, Run other) {
        requireSameGraph(one.capsule(), other.capsule());
        Map<String, Written> seen = new HashMap<>();
        String firstHash = run(one, written -> seen.put(written.value().name(), written));
        List<Compared> compared = new ArrayList<>();
        Set<String> here = new HashSet<>();
        String secondHash = run(other, written -> {
            String name = written.value().name();
            Written first = seen.get(name);
            here.add(name);
            if (first != null && first.value().type().equals(written.value().type())) {
                compared.add(new Compared(first.value(), first.region(), written.region(),
                        Difference.between(first.tensor(), written.tensor())));
            }
        });
        compared.sort(Comparator.comparingInt((Compared each) -> each.value().node().id()).thenComparingInt(each -> each.value().index()));
        int apart = seen.size() + here.size() - 2 * compared.size();
        Set<String> names = new HashSet<>();
        compared.forEach(each -> names.add(each.value().name()));
        Map<Compared, List<Node>> hidden = new HashMap<>();
        compared.forEach(each -> hidden.put(each, hidden(each.value().node(), names)));
        return new Bisection(firstHash, secondHash, leaves(one.capsule(), other.capsule()), compared, apart, hidden);
    }

    private interface Sink {
        void take(Written written);
    }

    private static String run(Run run, Sink sink) {
        try (OpenedStep step = OpenedStep.open(run.capsule(), run.device(), run.options())) {
            step.plan().run(region -> {
                for (NodeOutput value : region.writes()) {
                    sink.take(new Written(value, region.step(), region.read(value)));
                }
            });
            return step.plan().hash();
        }
    }

    private static void requireSameGraph(Capsule one, Capsule other) {
        List<GraphRecord.NodeRecord> first = GraphRecord.of(one.graph()).nodes();
        List<GraphRecord.NodeRecord> second = GraphRecord.of(other.graph()).nodes();
        for (int i = 0; i < Math.max(first.size(), second.size()); i++) {
            String here = i < first.size() ? text(first.get(i)) : "nothing";
            String there = i < second.size() ? text(second.get(i)) : "nothing";
            if (!here.equals(there)) {
                throw new QuernException("these are steps of different graphs: node " + i + " of " + one.graph().name() + " is " + here
                        + ", of " + other.graph().name() + " " + there + "; bisect two plans of one graph");
            }
        }
    }

    /** A node without its user's line, which may have moved. */
    private static String text(GraphRecord.NodeRecord node) {
        return node.name() + " = " + node.op() + " of " + node.inputs().stream().map(input -> input.node() + ":" + input.output()).toList()
                + " " + node.types();
    }

    private static List<Replay.Result> leaves(Capsule one, Capsule other) {
        List<Replay.Result> different = new ArrayList<>();
        SortedMap<String, HostTensor> second = other.leaves();
        one.leaves().forEach((name, tensor) -> {
            HostTensor beside = second.get(name);
            if (beside != null) {
                Difference difference = Difference.between(tensor, beside);
                if (!difference.bitwise()) {
                    different.add(new Replay.Result(name, difference));
                }
            }
        });
        return different;
    }

    /** The nodes that a node is computed from, back to values that are compared. */
    private static List<Node> hidden(Node node, Set<String> compared) {
        TreeSet<Node> found = new TreeSet<>(Comparator.comparingInt(Node::id));
        Deque<Node> open = new ArrayDeque<>(List.of(node));
        while (!open.isEmpty()) {
            for (NodeOutput input : open.pop().inputs()) {
                NodeOutput owner = Storage.of(input);
                boolean leaf = owner.node().inputs().isEmpty();
                if (!leaf && !compared.contains(owner.name()) && found.add(owner.node())) {
                    open.push(owner.node());
                }
            }
        }
        return List.copyOf(found);
    }

    /** The first value in topological order that differs by more than a relative tolerance; with 0, whose bits differ. */
    public Optional<Compared> first(double tolerance) {
        return compared.stream().filter(each -> differs(each, tolerance)).findFirst();
    }

    /** How many values differ by more than a relative tolerance. */
    public long different(double tolerance) {
        return compared.stream().filter(each -> differs(each, tolerance)).count();
    }

    private static boolean differs(Compared each, double tolerance) {
        return tolerance == 0 ? !each.difference().bitwise() : !each.difference().within(tolerance);
    }
}
