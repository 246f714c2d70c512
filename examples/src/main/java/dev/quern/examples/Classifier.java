package dev.quern.examples;

import dev.quern.layers.data.Normalisation;
import dev.quern.layers.nn.Model;
import dev.quern.layers.train.Classification;
import dev.quern.runtime.QuernException;

/** A model that tells classes apart. */
public interface Classifier extends ExampleModel {
    /** The network with its name. */
    Model model();

    /**
     * The network for another number of classes.
     *
     * @throws QuernException if it can tell only its own classes apart
     */
    default Model model(int classes) {
        Model model = model();
        if (classes != model.classes()) {
            throw new QuernException("model " + model.name() + " tells " + model.classes() + " classes apart, not " + classes);
        }
        return model;
    }

    /** How its pixels become numbers. */
    Normalisation normalisation();

    @Override
    default String name() {
        return model().name();
    }

    @Override
    default Classification task() {
        return Classification.of(model()).withMetadata(settings().metadata());
    }
}
