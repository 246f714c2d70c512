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
import java.util.stream.IntStream;

/**
 * Telling classes apart: samples {@link Dataset#INPUT} with labels {@link Dataset#LABELS}, cross-entropy in training,
 * accuracy and cross-entropy (without label smoothing) in evaluation.
 *
 * @param model          the classifier
 * @param labelSmoothing the share of each target spread over all classes in training, in [0, 1)
 * @param metadata       what a checkpoint has to carry besides tensors
 */
public record Classification(Model model, double labelSmoothing, Map<String, String> metadata) implements Task {
    /** Metadata of a checkpoint: the classes' names, one a line, in the order of their labels. */
    public static final String CLASSES = "classes";
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

    /** This with names for the classes, which checkpoints carry. */
    public Classification withClassNames(List<String> names) {
        if (names.size() != model.classes()) {
            throw new IllegalArgumentException(names.size() + " names for the " + model.classes() + " classes of " + model.name());
        }
        TreeMap<String, String> carried = new TreeMap<>(metadata);
        carried.put(CLASSES, String.join("\n", names));
        return withMetadata(carried);
    }

    /** The classes' names; empty where they are only numbers. */
    public List<String> classNames() {
        return classNames(metadata);
    }

    /** What the classes are called in tables: their names, or their numbers where they have none. */
    public List<String> labels() {
        return classNames().isEmpty() ? IntStream.range(0, model.classes()).mapToObj(Integer::toString).toList() : classNames();
    }

    /** The classes' names that a checkpoint carries; empty where they are only numbers. */
    public static List<String> classNames(Map<String, String> metadata) {
        return metadata.containsKey(CLASSES) ? List.of(metadata.get(CLASSES).split("\n")) : List.of();
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
