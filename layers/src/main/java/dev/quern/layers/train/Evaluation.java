package dev.quern.layers.train;

/**
 * How well a model does on a data set.
 *
 * @param samples  how many samples were counted
 * @param correct  how many of them the model gave the right class the largest logit
 * @param loss     the mean cross-entropy, without label smoothing
 * @param seconds  wall clock
 */
public record Evaluation(int samples, int correct, double loss, double seconds) {
    /** The share of correct samples, 0 to 1. */
    public double accuracy() {
        return (double) correct / samples;
    }
}
