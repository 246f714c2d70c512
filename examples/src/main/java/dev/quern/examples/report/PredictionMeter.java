package dev.quern.examples.report;

import dev.quern.layers.data.Dataset;
import dev.quern.layers.train.Classification;
import dev.quern.layers.train.ClassificationMeter;
import dev.quern.layers.train.Meter;
import dev.quern.layers.train.Metric;
import dev.quern.runtime.HostTensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/** Judges a classifier and keeps a few samples with what was said of them: the first ones, and the mistakes that it was surest of. */
public final class PredictionMeter implements Meter {
    private static final int KEPT = 12;

    /**
     * What was said of a sample.
     *
     * @param sample      the sample's numbers
     * @param label       its class
     * @param predicted   the likeliest class
     * @param probability what the model gave to the likeliest, in [0, 1]
     */
    record Prediction(float[] sample, int label, int predicted, double probability) {
    }

    private final ClassificationMeter counted = new ClassificationMeter(Dataset.LABELS, Classification.LOGITS);
    private final List<Prediction> first = new ArrayList<>();
    private final PriorityQueue<Prediction> mistakes = new PriorityQueue<>(Comparator.comparingDouble(Prediction::probability));

    @Override
    public void add(int rows, Map<String, HostTensor> feeds, Map<String, HostTensor> outputs) {
        counted.add(rows, feeds, outputs);
        HostTensor logits = outputs.get(Classification.LOGITS);
        int classes = logits.shape().extent(1);
        for (int row = 0; row < rows; row++) {
            int label = (int) feeds.get(Dataset.LABELS).get(row);
            long at = (long) row * classes;
            int best = 0;
            for (int each = 1; each < classes; each++) {
                best = logits.get(at + each) > logits.get(at + best) ? each : best;
            }
            double sum = 0;
            for (int each = 0; each < classes; each++) {
                sum += Math.exp(logits.get(at + each) - logits.get(at + best));
            }
            double probability = 1 / sum;
            boolean early = first.size() < KEPT;
            boolean wrong = best != label && (mistakes.size() < KEPT || mistakes.peek().probability < probability);
            if (early || wrong) {
                Prediction prediction = new Prediction(sample(feeds.get(Dataset.INPUT), row), label, best, probability);
                if (early) {
                    first.add(prediction);
                }
                if (wrong) {
                    mistakes.add(prediction);
                    if (mistakes.size() > KEPT) {
                        mistakes.remove();
                    }
                }
            }
        }
    }

    private static float[] sample(HostTensor batch, int row) {
        int length = (int) (batch.shape().elements() / batch.shape().extent(0));
        float[] numbers = new float[length];
        for (int i = 0; i < length; i++) {
            numbers[i] = (float) batch.get((long) row * length + i);
        }
        return numbers;
    }

    @Override
    public List<Metric> metrics() {
        return counted.metrics();
    }

    /** The counts behind the measures. */
    ClassificationMeter counted() {
        return counted;
    }

    /** The first samples. */
    List<Prediction> first() {
        return first;
    }

    /** Samples that were taken for another class, those that the model was surest of first. */
    List<Prediction> mistakes() {
        return mistakes.stream().sorted(Comparator.comparingDouble(Prediction::probability).reversed()).toList();
    }
}
