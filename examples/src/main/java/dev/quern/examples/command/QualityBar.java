package dev.quern.examples.command;

import dev.quern.layers.train.Metric;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a model must reach when it is trained as its authors would, with seed 1: the table of docs/models.md in code.
 *
 * @param model the model or program
 * @param bar   the measure after the last epoch, and what it must at least or at most be
 * @param data  what it is trained on
 */
record QualityBar(String model, Metric bar, Data data) {
    /** What a bar is about. */
    enum Data {
        /** The model's own, which need no files. */
        BUILT_IN("built-in data"),
        /** MNIST's four files. */
        MNIST("MNIST's four files"),
        /** A text. */
        TINYSHAKESPEARE("a folder with tinyshakespeare's text");

        private final String description;

        Data(String description) {
            this.description = description;
        }

        /** For messages. */
        String description() {
            return description;
        }

        /** Where the data lie: the folder itself, or one in it that is called after them. */
        Optional<Path> in(Path folder) {
            return List.of(folder, folder.resolve(name().toLowerCase(Locale.ROOT))).stream().filter(this::areIn).findFirst();
        }

        private boolean areIn(Path folder) {
            return switch (this) {
                case BUILT_IN -> false;
                case MNIST -> Files.exists(folder.resolve("train-images-idx3-ubyte")) || Files.exists(folder.resolve("train-images-idx3-ubyte.gz"));
                case TINYSHAKESPEARE -> Files.exists(folder.resolve("input.txt"));
            };
        }
    }

    /** All there are, the quick ones first. Noise alone gives linear regression a squared error of 1e-4, weights wrong by 1e-2 that much more. */
    static final List<QualityBar> ALL = List.of(
            new QualityBar("linear-regression", Metric.lower("mse", 2e-4), Data.BUILT_IN),
            new QualityBar("softmax-regression", Metric.higher("accuracy", 0.90), Data.MNIST),
            new QualityBar("mlp", Metric.higher("accuracy", 0.95), Data.MNIST),
            new QualityBar("lenet", Metric.higher("accuracy", 0.970), Data.MNIST),
            new QualityBar("lenet-classic", Metric.higher("accuracy", 0.955), Data.MNIST),
            new QualityBar("resnet-digits", Metric.higher("accuracy", 0.980), Data.MNIST),
            new QualityBar("gru", Metric.higher("accuracy", 0.95), Data.MNIST),
            new QualityBar("lstm", Metric.higher("accuracy", 0.95), Data.MNIST),
            new QualityBar("bilstm", Metric.higher("accuracy", 0.95), Data.MNIST),
            new QualityBar("seq2seq", Metric.higher("exact_match", 0.99), Data.BUILT_IN),
            new QualityBar("transformer", Metric.higher("exact_match", 0.99), Data.BUILT_IN),
            new QualityBar("dqn", Metric.higher("mean_return", 195), Data.BUILT_IN),
            new QualityBar("char-lm", Metric.lower("nats", 1.75), Data.TINYSHAKESPEARE),
            new QualityBar("gpt", Metric.lower("nats", 1.75), Data.TINYSHAKESPEARE));

    /** Whether a measure reaches the bar; what is no number does not. */
    boolean holds(double measured) {
        return bar.better() == Metric.Better.HIGHER ? measured >= bar.value() : measured <= bar.value();
    }

    /** {@code accuracy at least 0.97}. */
    String text() {
        return bar.name() + (bar.better() == Metric.Better.HIGHER ? " at least " : " at most ") + bar.value();
    }
}
