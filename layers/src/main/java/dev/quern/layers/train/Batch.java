package dev.quern.layers.train;

import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.Value;
import dev.quern.layers.data.Feed;
import dev.quern.runtime.QuernException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The tensors of a batch inside a graph. One that a task does not ask for becomes no input of the graph. */
public final class Batch {
    private final GraphBuilder graph;
    private final List<Feed> feeds;
    private final int size;
    private final Map<String, Value> values = new LinkedHashMap<>();

    Batch(GraphBuilder graph, List<Feed> feeds, int size) {
        this.graph = graph;
        this.feeds = feeds;
        this.size = size;
    }

    /** The names of the tensors that were asked for so far. */
    Set<String> asked() {
        return Set.copyOf(values.keySet());
    }

    /** The number of samples. */
    public int size() {
        return size;
    }

    /**
     * A tensor of the batch, {@code [batch, sample shape...]}.
     *
     * @param name the feed's
     */
    public Value value(String name) {
        return values.computeIfAbsent(name, asked -> {
            Feed feed = feeds.stream().filter(each -> each.name().equals(asked)).findFirst()
                    .orElseThrow(() -> new QuernException("no feed is named " + asked + "; a batch holds " + feeds));
            return graph.input(asked, feed.dtype(), feed.batchShape(size));
        });
    }
}
