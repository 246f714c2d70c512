package dev.quern.examples;

import dev.quern.layers.data.Samples;
import dev.quern.layers.data.Split;
import dev.quern.layers.train.Task;
import dev.quern.layers.train.TrainOptions;
import dev.quern.runtime.QuernException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A model that {@code quern} can train: the network, how to train it well, and what on. */
public interface ExampleModel {
    /** The name that commands know it by. */
    String name();

    /** One line about it, with its source. */
    String description();

    /** The network and what it is for, made for the built-in data. */
    Task task();

    /** The network made for other data: a language model's vocabulary comes from its text. */
    default Task task(Split<? extends Samples> data) {
        return task();
    }

    /** How to train it unless the user says otherwise. */
    TrainOptions recipe();

    /** The data that comes with Quern and needs no files. */
    Split<? extends Samples> builtInData();

    /**
     * The user's data.
     *
     * @param folder a folder with the files that this model reads, or a file
     * @throws QuernException if a file is missing or damaged
     */
    Split<? extends Samples> data(Path folder);

    /** What the user may choose about it. */
    default Settings settings() {
        return Settings.of();
    }

    /**
     * This model with other choices.
     *
     * @param chosen {@link #settings()} with other values
     */
    default ExampleModel with(Settings chosen) {
        return this;
    }

    /**
     * Data as the model of a checkpoint takes them: a text in its vocabulary.
     *
     * @param metadata the checkpoint's
     */
    default Split<? extends Samples> fit(Split<? extends Samples> data, Map<String, String> metadata) {
        return data;
    }

    /** How the names of tensors begin that weights from elsewhere hold and this model has no place for. */
    default List<String> leftOver() {
        return List.of();
    }

    /** This model as large as its authors made it, where it is made for smaller samples. */
    default Optional<ExampleModel> inFullSize() {
        return Optional.empty();
    }

    /** Draws what the model has learned, if there is something to be seen. */
    default Optional<Gallery> gallery() {
        return Optional.empty();
    }
}
