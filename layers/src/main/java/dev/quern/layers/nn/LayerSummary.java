package dev.quern.layers.nn;

import dev.quern.runtime.Shape;

/**
 * One row of a model's summary.
 *
 * @param path       the layer's path: {@code 3}
 * @param layer      what it is: {@code Conv2d(6, 16, kernel=5x5)}
 * @param output     its output's shape, batch included
 * @param parameters how many numbers it declared, those of inner layers not counted again
 * @param flops      multiplications and additions of its convolutions, matrix products, attention and recurrences, those of inner
 *                   layers not counted again; what is done to elements one by one does not count
 * @param leaf       whether it has no inner layers
 */
public record LayerSummary(String path, String layer, Shape output, long parameters, long flops, boolean leaf) {
}
