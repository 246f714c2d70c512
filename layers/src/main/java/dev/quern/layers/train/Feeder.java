package dev.quern.layers.train;

import dev.quern.graph.plan.Plan;
import dev.quern.layers.data.BatchLoader;
import dev.quern.layers.data.Feed;
import dev.quern.layers.data.Prefetcher;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Gives a plan its training batches, each filled while the step before it runs. Borrows the plan.
 */
public final class Feeder implements AutoCloseable {
    private final Plan plan;
    private final Prefetcher prefetcher;
    private final List<String> names;
    /** Whether the step looks at a feed; samples are copied whole. */
    private final boolean[] fed;

    /**
     * A feeder.
     *
     * @param task   what the plan was compiled from
     * @param graph  its training step
     * @param plan   the compiled step
     * @param size   samples a step
     * @param loader says what the batches of that size hold
     */
    public Feeder(Task task, ModelGraph graph, Plan plan, int size, BatchLoader loader) {
        List<Feed> feeds = task.feeds();
        this.plan = plan;
        this.prefetcher = new Prefetcher(loader.twin(), feeds, size);
        this.names = feeds.stream().map(Feed::name).toList();
        this.fed = new boolean[feeds.size()];
        for (int i = 0; i < fed.length; i++) {
            fed[i] = graph.inputs().contains(names.get(i));
        }
    }

    /** Gives the plan a batch; epochs and batches count from 0. Allocates only when the epoch changes. */
    public void fill(long epoch, int number) {
        List<MemorySegment> batch = prefetcher.take(epoch, number);
        for (int i = 0; i < fed.length; i++) {
            if (fed[i]) {
                plan.input(names.get(i)).copyFrom(batch.get(i));
            }
        }
    }

    /** Ends the thread that fills batches. */
    @Override
    public void close() {
        prefetcher.close();
    }
}
