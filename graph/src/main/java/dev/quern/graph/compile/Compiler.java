package dev.quern.graph.compile;

import dev.quern.graph.fuse.Fuser;
import dev.quern.graph.fuse.Region;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.pass.Pipeline;
import dev.quern.graph.plan.Binder;
import dev.quern.graph.plan.Blueprint;
import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.State;
import dev.quern.kernels.select.Families;
import dev.quern.kernels.select.Pins;
import dev.quern.kernels.select.Selector;
import dev.quern.kernels.tune.Tuning;
import dev.quern.runtime.Device;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.QuernException;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Compiles a graph to a plan: passes, fusion with the choice of variants, scheduling, memory planning, binding. */
public final class Compiler {
    private static final Logger LOG = LoggerFactory.getLogger(Compiler.class);

    private static final int NEAREST_SHOWN = 5;

    private Compiler() {
    }

    /**
     * Compiles a graph.
     *
     * @param graph   the graph
     * @param device  the device to run on
     * @param state   where its parameters are; those that it lacks are declared, as zeros
     * @param options how to compile
     * @throws QuernException if a pin cannot be honoured, a node has no kernel on the device or the memory does not suffice
     */
    public static Plan compile(Graph graph, Device device, State state, CompileOptions options) {
        if (state.device() != device) {
            throw new IllegalArgumentException("the state is on " + state.device().info().id() + ", not on "
                    + device.info().id() + " where the plan is to run");
        }
        long start = System.nanoTime();
        Fused fused = fuse(graph, device.info(), options);
        Plan plan = new Binder(fused.graph(), fused.fusion(), device, state, options.guarded(), options.checkFinite()).bind();
        LOG.debug("{}: {} launches, compiled in {} ms", graph.name(), plan.statistics().launches(),
                (System.nanoTime() - start) / 1_000_000);
        return plan;
    }

    /**
     * What a graph would be compiled to: nothing is allocated and no kernel is built, so it also answers for devices that are not
     * there and for models that are too large for those that are.
     *
     * @throws QuernException as {@link #compile} does
     */
    public static Blueprint blueprint(Graph graph, DeviceInfo device, CompileOptions options) {
        Fused fused = fuse(graph, device, options);
        return Blueprint.of(fused.graph(), fused.fusion(), device);
    }

    /** A rewritten graph and its regions. */
    private record Fused(Graph graph, Fuser.Result fusion) {
    }

    private static Fused fuse(Graph graph, DeviceInfo device, CompileOptions options) {
        Graph rewritten = Pipeline.standard().run(graph, (pass, result) ->
                LOG.debug("{}: {} nodes after {}", graph.name(), result.nodes().size(), pass.name()));
        Selector selector = new Selector(Families.load(), device, options.pins(), Tuning.of(device));
        requireNodes(rewritten, options.apart());
        Fuser.Result fusion = Fuser.fuse(rewritten, selector, options.fusion(), options.apart());
        requirePinsUsed(rewritten, options.pins(), fusion.regions());
        return new Fused(rewritten, fusion);
    }

    private static void requireNodes(Graph graph, Set<String> apart) {
        Set<String> names = new TreeSet<>();
        graph.nodes().forEach(node -> names.add(node.name()));
        for (String name : new TreeSet<>(apart)) {
            if (!names.contains(name)) {
                throw new QuernException("graph " + graph.name() + " has no node " + name + " to keep apart; "
                        + near(names, name));
            }
        }
    }

    /** A pin that concerns nothing is a mistake of the user's, not something to pass over. */
    private static void requirePinsUsed(Graph graph, Pins pins, List<Region> regions) {
        Set<String> names = new TreeSet<>();
        Set<String> families = new TreeSet<>();
        for (Region region : regions) {
            names.add(region.name());
            families.add(region.work().problem().family());
        }
        for (String pinned : new TreeSet<>(pins.variants().keySet())) {
            if (names.contains(pinned) || families.contains(pinned)) {
                continue;
            }
            String hint = regions.stream().filter(region -> region.nodes().stream().anyMatch(n -> n.name().equals(pinned)))
                    .findFirst().map(region -> "it is fused into " + region.name() + "; pin that, or compile without fusion")
                    .orElse("its families are " + families + " and, of regions, " + near(names, pinned));
            throw new QuernException("pin " + pinned + " of graph " + graph.name() + ": concerns nothing; " + hint);
        }
    }

    /** The names that begin most like one that does not exist. */
    private static String near(Set<String> names, String wanted) {
        List<String> nearest = names.stream().sorted(Comparator.comparingInt((String name) -> -common(name, wanted))
                .thenComparing(Comparator.naturalOrder())).limit(NEAREST_SHOWN).toList();
        return (names.size() > NEAREST_SHOWN ? "the nearest of its " + names.size() + " names are " : "its names are ") + nearest
                + (names.size() > NEAREST_SHOWN ? "; explain shows all" : "");
    }

    private static int common(String one, String other) {
        int length = 0;
        while (length < Math.min(one.length(), other.length()) && one.charAt(length) == other.charAt(length)) {
            length++;
        }
        return length;
    }
}
