package dev.quern.layers.train;

import java.util.List;

/**
 * How well a model does on samples.
 *
 * @param samples how many samples were counted
 * @param metrics the measures, the one to look at first
 * @param seconds wall clock
 */
public record Evaluation(int samples, List<Metric> metrics, double seconds) {
    public Evaluation {
        metrics = List.copyOf(metrics);
        if (metrics.isEmpty()) {
            throw new IllegalArgumentException("an evaluation without a metric");
        }
    }

    /** The measure to look at: the first. */
    public Metric headline() {
        return metrics.getFirst();
    }

    /**
     * A measure by name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public double metric(String name) {
        return metrics.stream().filter(metric -> metric.name().equals(name)).findFirst().orElseThrow(
                () -> new IllegalArgumentException("no metric is named " + name + "; there are " + metrics)).value();
    }
}
