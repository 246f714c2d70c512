package dev.quern.layers.text;

import dev.quern.graph.op.Value;
import dev.quern.layers.data.Feed;
import dev.quern.layers.nn.LayerContext;
import dev.quern.layers.nn.Loss;
import dev.quern.layers.train.Batch;
import dev.quern.layers.train.Meter;
import dev.quern.layers.train.Objective;
import dev.quern.layers.train.Task;
import dev.quern.runtime.QuernException;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Predicting each next character of a text: the mean cross-entropy in training, nats a character in evaluation. Every window
 * begins without a memory of what was before it.
 *
 * @param name       the model's name
 * @param vocabulary the characters it knows, which checkpoints carry
 * @param length     characters of a window
 * @param network    what predicts them
 */
public record LanguageModel(String name, Vocabulary vocabulary, int length, CharacterNetwork network) implements Task {
    /** The key of the vocabulary in a checkpoint's metadata. */
    public static final String VOCABULARY = "vocabulary";
    /** The evaluation output, F32 [batch, length, vocabulary]. */
    public static final String LOGITS = "logits";

    @Override
    public List<Feed> feeds() {
        return TextWindows.feeds(vocabulary, length);
    }

    @Override
    public List<Objective> objectives(LayerContext context, Batch batch) {
        Value rows = context.graph().reshape(logits(context, batch.value(TextWindows.TOKENS)), -1, vocabulary.size());
        Value targets = context.graph().reshape(batch.value(TextWindows.TARGETS), -1);
        return List.of(Objective.of(Loss.crossEntropy(0).build(context.graph(), rows, targets)));
    }

    @Override
    public SortedMap<String, Value> outputs(LayerContext context, Batch batch) {
        return new TreeMap<>(Map.of(LOGITS, logits(context, batch.value(TextWindows.TOKENS))));
    }

    private Value logits(LayerContext context, Value tokens) {
        Value logits = network.build(context, tokens);
        if (logits.shape().rank() != 3 || logits.shape().extent(2) != vocabulary.size()) {
            throw new QuernException("model " + name + ": output " + logits.shape() + ", expected [N, T, " + vocabulary.size() + "]");
        }
        return logits;
    }

    @Override
    public Meter meter() {
        return new LanguageMeter();
    }

    @Override
    public Map<String, String> metadata() {
        return Map.of(VOCABULARY, vocabulary.characters());
    }
}
