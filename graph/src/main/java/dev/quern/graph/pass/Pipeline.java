package dev.quern.graph.pass;

import dev.quern.graph.ir.Fold;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.Rewrite;
import dev.quern.graph.ir.Verifier;
import dev.quern.runtime.QuernException;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/**
 * A list of passes, run in order with the verifier after each.
 *
 * @param passes the passes
 */
public record Pipeline(List<Pass> passes) {
    private static final String INPUT = "input";
    // What the folds do is done wherever a node is emitted, by users and passes alike, so that most graphs arrive folded; as passes
    // they do it for what gradients and updates have made possible since, and each can be looked at by itself. Composites are expanded
    // by the emitter's methods, so that every op of a graph is one that a kernel family takes.
    private static final Pipeline STANDARD = new Pipeline(List.of(
            new Pass("remove-stops", Rewrite::removeStops),
            new Pass("canonicalise", graph -> Rewrite.fold(graph, Fold.MOVES)),
            new Pass("fold-constants", graph -> Rewrite.fold(graph, Fold.CONSTANTS)),
            new Pass("algebra", graph -> Rewrite.fold(graph, Fold.ALGEBRA)),
            new Pass("merge-equal-nodes", graph -> Rewrite.fold(graph, Fold.EQUAL_NODES)),
            new Pass("sink-transposes", TransposeSinking::run),
            new Pass("remove-dead", Rewrite::removeDead),
            new Pass("keep-old-values", Rewrite::keepOldValues)));

    public Pipeline {
        passes = List.copyOf(passes);
    }

    /** What the compiler runs. */
    public static Pipeline standard() {
        return STANDARD;
    }

    /**
     * Runs the passes.
     *
     * @param graph the graph
     * @param watch sees the graph after each pass
     */
    public Graph run(Graph graph, BiConsumer<Pass, Graph> watch) {
        Graph current = graph;
        Verifier.verify(current);
        for (Pass pass : passes) {
            current = pass.rewrite().apply(current);
            Verifier.verify(current);
            watch.accept(pass, current);
        }
        return current;
    }

    /**
     * The graph as it is after a pass, for dumps; {@code input} is the graph itself.
     *
     * @throws QuernException if there is no such pass; the message lists those there are
     */
    public Graph after(Graph graph, String name) {
        if (name.equals(INPUT)) {
            return graph;
        }
        if (passes.stream().noneMatch(pass -> pass.name().equals(name))) {
            throw new QuernException("there is no such pass; there are " + INPUT + ", "
                    + passes.stream().map(Pass::name).collect(Collectors.joining(", ")));
        }
        Graph current = graph;
        for (Pass pass : passes) {
            current = pass.rewrite().apply(current);
            if (pass.name().equals(name)) {
                break;
            }
        }
        return current;
    }
}
