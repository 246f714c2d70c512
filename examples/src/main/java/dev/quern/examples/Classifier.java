package dev.quern.examples;

import dev.quern.layers.nn.Model;
import dev.quern.layers.train.Classification;

/** A model that tells classes apart. */
interface Classifier extends ExampleModel {
    /** The network with its name. */
    Model model();

    @Override
    default String name() {
        return model().name();
    }

    @Override
    default Classification task() {
        return Classification.of(model()).withMetadata(settings().metadata());
    }
}
