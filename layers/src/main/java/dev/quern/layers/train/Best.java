package dev.quern.layers.train;

/**
 * The best evaluation of a training run so far.
 *
 * @param epoch the epoch after which it was, from 1
 * @param value the headline metric's value
 */
public record Best(int epoch, double value) {
}
