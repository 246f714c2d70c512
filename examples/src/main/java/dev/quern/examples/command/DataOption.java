package dev.quern.examples.command;

import dev.quern.examples.ExampleModel;
import dev.quern.layers.data.Samples;
import dev.quern.layers.data.Split;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The option {@code --data}, the same for every command that reads data. */
final class DataOption {
    @Option(names = "--data", paramLabel = "PATH",
            description = "The folder with the model's data (lenet: MNIST's four files, plain or .gz), or a file (char-lm: a text). "
                    + "By default a built-in set, which needs no files.")
    private Optional<Path> folder;

    /** What the user named. */
    Optional<Path> folder() {
        return folder;
    }

    /** The data for a model. */
    Split<? extends Samples> read(ExampleModel model) {
        return folder.isPresent() ? model.data(folder.get()) : model.builtInData();
    }
}
