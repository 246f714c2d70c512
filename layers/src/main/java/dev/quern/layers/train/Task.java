package dev.quern.layers.train;

import dev.quern.graph.op.Value;
import dev.quern.layers.data.Feed;
import dev.quern.layers.nn.LayerContext;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * A model with what it is for: the tensors of a batch, what training makes small, and how results are judged. It holds no
 * tensors and can be built into any number of graphs.
 */
public interface Task {
    /** The model's name, which checkpoints carry. */
    String name();

    /** What a batch consists of; samples must have the same feeds. */
    List<Feed> feeds();

    /**
     * Emits the model for training.
     *
     * @param context where layers are built
     * @param batch   the batch
     * @return one objective or more; each trained parameter serves exactly one
     */
    List<Objective> objectives(LayerContext context, Batch batch);

    /**
     * Emits the model for evaluation.
     *
     * @param context where layers are built, under the same paths as in training
     * @param batch   the batch
     * @return what the meter looks at, by name
     */
    SortedMap<String, Value> outputs(LayerContext context, Batch batch);

    /** A new meter of one evaluation. */
    Meter meter();

    /** What a checkpoint has to carry besides tensors so that the model can be used without its data: a vocabulary. */
    default Map<String, String> metadata() {
        return Map.of();
    }
}
