package dev.quern.layers.train;

import dev.quern.runtime.HostTensor;
import java.util.List;
import java.util.Map;

/** Compares one number a row with its target. */
public final class RegressionMeter implements Meter {
    private final String targets;
    private final String predictions;
    private long rows;
    private double squares;
    private double sum;
    private double sumOfSquares;

    /**
     * A meter.
     *
     * @param targets     the feed with the targets, F32 [batch, 1]
     * @param predictions the output with the predictions, F32 [batch, 1]
     */
    public RegressionMeter(String targets, String predictions) {
        this.targets = targets;
        this.predictions = predictions;
    }

    @Override
    public void add(int counted, Map<String, HostTensor> feeds, Map<String, HostTensor> outputs) {
        for (int row = 0; row < counted; row++) {
            double target = feeds.get(targets).get(row);
            double difference = outputs.get(predictions).get(row) - target;
            squares += difference * difference;
            sum += target;
            sumOfSquares += target * target;
        }
        rows += counted;
    }

    /** {@code mse}, the mean of squared differences, then {@code r2}, the explained share of the targets' variance. */
    @Override
    public List<Metric> metrics() {
        double variance = sumOfSquares - sum * sum / rows;
        return List.of(Metric.lower("mse", squares / rows), Metric.higher("r2", 1 - squares / variance));
    }
}
