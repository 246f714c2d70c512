package dev.quern.examples.command;

import dev.quern.layers.train.Metric;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a model must reach when it is trained with seed 1: the table of docs/models.md in code.
 *
 * @param model   the model or program
 * @param bar     the measure after the last epoch, and what it must at least or at most be
 * @param data    what it is trained on
 * @param options what the documented command says besides: fewer samples or epochs than the model's own, where those take long
 */
record QualityBar(String model, Metric bar, Data data, List<String> options) {
    /** The measure of {@code gan}: the classes that {@code lenet}, trained on the same data, finds among its samples. */
    static final String CLASSES = "classes";

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
            of("linear-regression", Metric.lower("mse", 2e-4), Data.BUILT_IN),
            of("softmax-regression", Metric.higher("accuracy", 0.90), Data.MNIST),
            of("mlp", Metric.higher("accuracy", 0.95), Data.MNIST),
            of("lenet", Metric.higher("accuracy", 0.970), Data.MNIST),
            of("lenet-classic", Metric.higher("accuracy", 0.955), Data.MNIST),
            of("kmeans", Metric.higher("purity", 0.55), Data.MNIST),
            of("vae", Metric.lower("negative_elbo", 115), Data.MNIST),
            of("resnet-digits", Metric.higher("accuracy", 0.980), Data.MNIST),
            of("rnn", Metric.higher("accuracy", 0.92), Data.MNIST),
            of("gru", Metric.higher("accuracy", 0.95), Data.MNIST),
            of("lstm", Metric.higher("accuracy", 0.95), Data.MNIST),
            of("bilstm", Metric.higher("accuracy", 0.95), Data.MNIST),
            of("gan", Metric.higher(CLASSES, 8), Data.MNIST),
            of("seq2seq", Metric.higher("exact_match", 0.99), Data.BUILT_IN),
            of("transformer", Metric.higher("exact_match", 0.99), Data.BUILT_IN),
            of("dqn", Metric.higher("mean_return", 195), Data.BUILT_IN),
            of("char-lm", Metric.lower("nats", 1.75), Data.TINYSHAKESPEARE),
            of("char-lm-gru", Metric.lower("nats", 1.75), Data.TINYSHAKESPEARE, "--epochs", "2"),
            of("gpt", Metric.lower("nats", 1.75), Data.TINYSHAKESPEARE),
            of("cifar-cnn", Metric.higher("accuracy", 0.90), Data.BUILT_IN, "--epochs", "2"),
            learns("alexnet", 0.30),
            learns("vgg11", 0.50),
            learns("vgg13", 0.50),
            learns("vgg16", 0.50),
            learns("vgg19", 0.30),
            learns("vgg11-bn", 0.70),
            learns("vgg13-bn", 0.70),
            learns("vgg16-bn", 0.70),
            learns("vgg19-bn", 0.70),
            learns("nin", 0.30),
            learns("googlenet", 0.30, 3),
            learns("googlenet-aux", 0.30),
            learns("resnet18", 0.70),
            learns("resnet34", 0.70),
            learns("resnet50", 0.30));

    /** That a large network learns in 160 steps on coloured digits, where chance is 0.1. */
    private static QualityBar learns(String model, double accuracy) {
        return learns(model, accuracy, 2);
    }

    /** The same in 80 steps an epoch. */
    private static QualityBar learns(String model, double accuracy, int epochs) {
        return of(model, Metric.higher("accuracy", accuracy), Data.BUILT_IN, "--limit", "2560", "--epochs", Integer.toString(epochs));
    }

    /** By the model's own recipe, or with other options. */
    static QualityBar of(String model, Metric bar, Data data, String... options) {
        return new QualityBar(model, bar, data, List.of(options));
    }

    /** The command that trains it, without where and on which files. */
    List<String> command() {
        List<String> words = new ArrayList<>(List.of("train", model));
        words.addAll(options);
        words.addAll(List.of("--seed", "1"));
        return words;
    }

    /** Whether a measure reaches the bar; what is no number does not. */
    boolean holds(double measured) {
        return bar.better() == Metric.Better.HIGHER ? measured >= bar.value() : measured <= bar.value();
    }

    /** {@code accuracy at least 0.97}. */
    String text() {
        return bar.name() + (bar.better() == Metric.Better.HIGHER ? " at least " : " at most ") + bar.value();
    }
}
