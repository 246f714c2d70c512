package dev.quern.layers.train;

import dev.quern.graph.plan.Plan;
import dev.quern.layers.data.BatchLoader;
import dev.quern.layers.data.Feed;
import dev.quern.runtime.HostTensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/** Fills training batches straight into a plan's inputs. Borrows the plan and the loader. */
public final class Feeder {
    private final Plan plan;
    private final BatchLoader loader;
    private final List<String> names;
    private final boolean[] fed;
    private final MemorySegment[] rows;
    private final List<MemorySegment> batch;

    /**
     * A feeder.
     *
     * @param task   what the plan was compiled from
     * @param graph  its training step
     * @param plan   the compiled step
     * @param size   samples a step
     * @param loader fills batches of that size
     */
    public Feeder(Task task, ModelGraph graph, Plan plan, int size, BatchLoader loader) {
        List<Feed> feeds = task.feeds();
        this.plan = plan;
        this.loader = loader;
        this.names = feeds.stream().map(Feed::name).toList();
        this.fed = new boolean[feeds.size()];
        this.rows = new MemorySegment[feeds.size()];
        this.batch = Arrays.asList(rows);
        for (int i = 0; i < rows.length; i++) {
            Feed feed = feeds.get(i);
            fed[i] = graph.inputs().contains(feed.name());
            if (!fed[i]) {
                // The step does not look at it, but samples are copied whole.
                rows[i] = HostTensor.zeros(feed.dtype(), feed.batchShape(size)).memory();
            }
        }
    }

    /** Fills a batch; epochs and batches count from 0. Allocates only when the epoch changes. */
    public void fill(long epoch, int number) {
        for (int i = 0; i < rows.length; i++) {
            if (fed[i]) {
                rows[i] = plan.input(names.get(i));
            }
        }
        loader.fillTraining(epoch, number, batch);
    }
}
