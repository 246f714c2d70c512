package dev.quern.graph.compile;

import dev.quern.graph.ir.Graph;
import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.State;
import dev.quern.runtime.Device;
import dev.quern.runtime.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Plans of one model for whatever shapes its inputs have: compiled when shapes are first seen, kept until others were used more
 * recently. All share one {@link State}, so that parameters exist once; each has an arena of its own, which is what the capacity
 * bounds.
 *
 * <p>Like plans, not for use by several threads at a time.
 */
public final class PlanCache implements AutoCloseable {
    private final int capacity;
    private final Device device;
    private final State state;
    private final CompileOptions options;
    private final Function<SortedMap<String, Shape>, Graph> graphs;
    /** In the order of their last use. */
    private final LinkedHashMap<SortedMap<String, Shape>, Plan> plans = new LinkedHashMap<>(16, 0.75f, true);
    private boolean closed;

    /**
     * An empty cache.
     *
     * @param capacity the most plans that are open at a time, at least 1
     * @param device   where they run
     * @param state    their parameters; borrowed
     * @param options  how they are compiled
     * @param graphs   the model's graph for inputs of these shapes, by name
     */
    public PlanCache(int capacity, Device device, State state, CompileOptions options,
            Function<SortedMap<String, Shape>, Graph> graphs) {
        if (capacity < 1) {
            throw new IllegalArgumentException("a cache holds at least 1 plan, not " + capacity);
        }
        this.capacity = capacity;
        this.device = device;
        this.state = state;
        this.options = options;
        this.graphs = graphs;
    }

    /**
     * The plan for inputs of these shapes. It belongs to the cache and is open until {@code capacity} other shapes were asked for, so
     * at least until the next call.
     *
     * @throws dev.quern.runtime.QuernException if it cannot be compiled; the cache is as it was then, but that the plan used longest
     *                                          ago may be gone
     */
    public Plan plan(Map<String, Shape> shapes) {
        if (closed) {
            throw new IllegalStateException("the cache of plans is closed");
        }
        SortedMap<String, Shape> key = new TreeMap<>(shapes);
        Plan known = plans.get(key);
        if (known != null) {
            return known;
        }
        Graph graph = graphs.apply(key);
        // Before the new one is compiled: memory for capacity + 1 arenas may not be there.
        if (plans.size() == capacity) {
            plans.pollFirstEntry().getValue().close();
        }
        Plan plan = Compiler.compile(graph, device, state, options);
        plans.put(key, plan);
        return plan;
    }

    /** How many plans are open. */
    public int size() {
        return plans.size();
    }

    /** Closes every plan; twice is once. */
    @Override
    public void close() {
        closed = true;
        plans.values().forEach(Plan::close);
        plans.clear();
    }
}
