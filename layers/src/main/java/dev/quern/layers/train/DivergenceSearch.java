package dev.quern.layers.train;

import dev.quern.graph.compile.Compiler;
import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.State;
import dev.quern.layers.data.BatchLoader;
import dev.quern.layers.optim.Horizon;
import dev.quern.runtime.QuernException;
import java.util.Optional;

/**
 * Finds out where a number that is not finite came from. Steps are functions of the state and their number, so they are run again
 * from a snapshot, looking at the state after each, until it or a loss is not finite; that step is then run node by node.
 *
 * @param task    what was trained
 * @param graph   its training step
 * @param plan    the compiled step
 * @param state   what it trains; it is left as it was when the search ended
 * @param options how it was trained
 * @param loader  its batches
 * @param horizon how long training was to be
 */
record DivergenceSearch(Task task, ModelGraph graph, Plan plan, State state, TrainOptions options, BatchLoader loader, Horizon horizon) {
    /**
     * Searches from a snapshot on.
     *
     * @param from a state in which all is finite
     * @param last the step in which a loss was found not to be finite, from 0
     * @return the first node with such an element and the user's line; empty if the search did not find it
     */
    Optional<String> from(Snapshot from, long last) {
        from.restore(state);
        try (StepRunner runner = new StepRunner(task, graph, plan, options, loader, horizon)) {
            Snapshot before = from;
            for (long step = from.step(); step <= last; step++) {
                runner.run(step);
                Snapshot after = Snapshot.of(state, step + 1);
                if (runner.firstNotFinite() >= 0 || !after.isFinite()) {
                    return inStep(before, step);
                }
                before = after;
            }
            return Optional.empty();
        }
    }

    private Optional<String> inStep(Snapshot before, long step) {
        before.restore(state);
        try (Plan checked = Compiler.compile(graph.graph(), state.device(), state, options.compile().withCheckFinite(true));
                StepRunner runner = new StepRunner(task, graph, checked, options, loader, horizon)) {
            runner.run(step);
            return Optional.empty();
        } catch (QuernException e) {
            return Optional.of("at step " + (step % horizon.stepsPerEpoch() + 1) + " of epoch " + (step / horizon.stepsPerEpoch() + 1)
                    + ", " + e.getMessage());
        }
    }
}
