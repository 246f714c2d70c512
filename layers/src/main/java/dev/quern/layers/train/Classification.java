package dev.quern.layers.train;

import dev.quern.graph.op.Value;
import dev.quern.layers.data.Dataset;
import dev.quern.layers.data.Feed;
import dev.quern.layers.nn.LayerContext;
import dev.quern.layers.nn.Loss;
import dev.quern.layers.nn.Model;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Telling classes apart: samples {@link Dataset#INPUT} with labels {@link Dataset#LABELS}, cross-entropy in training,
 * accuracy and cross-entropy (without label smoothing) in evaluation.
 *
 * @param model          the classifier
 * @param labelSmoothing the share of each target spread over all classes in training, in [0, 1)
 * @param metadata       what a checkpoint has to carry besides tensors
 */
public record Classification(Model model, double labelSmoothing, Map<String, String> metadata) implements Task {
    /** The evaluation output, F32 [batch, classes]. */
    public static final String LOGITS = "logits";

    public Classification {
        Loss.crossEntropy(labelSmoothing);
        metadata = Map.copyOf(metadata);
    }

    /** Without metadata. */
    public Classification(Model model, double labelSmoothing) {
        this(model, labelSmoothing, Map.of());
    }

    /** Without label smoothing. */
    public static Classification of(Model model) {
        return new Classification(model, 0);
    }

    /** This with something for checkpoints to carry. */
    public Classification withMetadata(Map<String, String> carried) {
        return new Classification(model, labelSmoothing, carried);
    }

    @Override
    public String name() {
        return model.name();
    }

    @Override
    public List<Feed> feeds() {
        return Dataset.feeds(model.sampleShape(), model.classes());
    }

    @Override
    public List<Objective> objectives(LayerContext context, Batch batch) {
        Value logits = model.build(context, batch.value(Dataset.INPUT));
        return List.of(Objective.of(Loss.crossEntropy(labelSmoothing).build(context.graph(), logits, batch.value(Dataset.LABELS))));
    }

    @Override
    public SortedMap<String, Value> outputs(LayerContext context, Batch batch) {
        TreeMap<String, Value> outputs = new TreeMap<>();
        outputs.put(LOGITS, model.build(context, batch.value(Dataset.INPUT)));
        return outputs;
    }

    @Override
    public Meter meter() {
        return new ClassificationMeter(Dataset.LABELS, LOGITS);
    }
}
