package dev.quern.examples;

import dev.quern.layers.data.Split;
import dev.quern.layers.nn.Model;
import dev.quern.layers.train.TrainOptions;
import dev.quern.runtime.QuernException;
import java.nio.file.Path;

/** A model that {@code quern} can train: the network, how to train it well, and what on. */
public interface ExampleModel {
    /** The network with its name. */
    Model model();

    /** One line about it, with its source. */
    String description();

    /** How to train it unless the user says otherwise. */
    TrainOptions recipe();

    /** The data that comes with Quern and needs no files. */
    Split builtInData();

    /**
     * The user's data.
     *
     * @param folder a folder with the files that this model reads
     * @throws QuernException if a file is missing or damaged
     */
    Split data(Path folder);
}
