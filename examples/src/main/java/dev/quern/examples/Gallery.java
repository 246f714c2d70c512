package dev.quern.examples;

import dev.quern.graph.plan.State;
import dev.quern.layers.data.Samples;
import java.util.List;

/** Draws what a model has learned, for reports. */
@FunctionalInterface
public interface Gallery {
    /**
     * Draws pictures.
     *
     * @param state holds the model's parameters, on the device to draw with; nothing is changed
     * @param test  the test samples
     */
    List<Picture> draw(State state, Samples test);
}
