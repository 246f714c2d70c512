package dev.quern.layers.text;

import dev.quern.layers.train.ClassificationMeter;
import dev.quern.layers.train.Evaluation;
import dev.quern.layers.train.Meter;
import dev.quern.layers.train.Metric;
import dev.quern.runtime.HostTensor;
import java.util.List;
import java.util.Map;

/** How well each next character is predicted. */
final class LanguageMeter implements Meter {
    private final ClassificationMeter characters = new ClassificationMeter(TextWindows.TARGETS, LanguageModel.LOGITS);

    @Override
    public void add(int counted, Map<String, HostTensor> feeds, Map<String, HostTensor> outputs) {
        characters.add(counted, feeds, outputs);
    }

    /** {@code nats}, the mean cross-entropy of a character; {@code perplexity}, its exponential; {@code accuracy} of the likeliest. */
    @Override
    public List<Metric> metrics() {
        Evaluation counted = new Evaluation(0, characters.metrics(), 0);
        double nats = counted.metric("loss");
        return List.of(Metric.lower("nats", nats), Metric.lower("perplexity", Math.exp(nats)),
                Metric.higher("accuracy", counted.metric("accuracy")));
    }
}
