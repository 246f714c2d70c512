package dev.quern.layers.train;

import dev.quern.runtime.HostTensor;
import java.util.List;
import java.util.Map;

/** Judges a model's outputs batch by batch. */
public interface Meter {
    /**
     * Adds a batch.
     *
     * @param counted the rows, from the first, that count; the others are padding
     * @param feeds   the batch's tensors by name, {@code [batch, ...]}
     * @param outputs what {@link Task#outputs} emitted, by name
     */
    void add(int counted, Map<String, HostTensor> feeds, Map<String, HostTensor> outputs);

    /** The measures of all that was added, the one to look at first. */
    List<Metric> metrics();
}
