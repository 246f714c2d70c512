package dev.quern.examples.command;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.quern.runtime.Device;
import dev.quern.runtime.QuernException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Trains models by the command that is documented and compares what comes of it with their bars.
 *
 * @param data   the folder that the user gave
 * @param device as {@code --device} has it
 * @param out    where the lines go
 * @param err    where training says what is wrong
 */
record BarCheck(Optional<Path> data, String device, PrintWriter out, PrintWriter err) {
    /**
     * The bars of a model, or of all.
     *
     * @throws UsageException if there is none; the message lists those there are
     */
    static List<QualityBar> named(String name) {
        List<QualityBar> bars = QualityBar.ALL.stream().filter(bar -> name.equals("all") || bar.model().equals(name)).toList();
        if (bars.isEmpty()) {
            throw new UsageException("--verify " + name + ": no bar is documented for it; there are all, "
                    + QualityBar.ALL.stream().map(QualityBar::model).distinct().collect(Collectors.joining(", ")));
        }
        return bars;
    }

    /** Whether all of them hold. One whose data are not there, or whose training ends early, does not. */
    boolean all(List<QualityBar> bars) {
        List<String> verdicts = new ArrayList<>();
        boolean hold = true;
        for (QualityBar bar : bars) {
            Optional<Path> found = data.flatMap(bar.data()::in);
            if (bar.data() != QualityBar.Data.BUILT_IN && found.isEmpty()) {
                verdicts.add(bar.model() + ": not tried: needs " + bar.data().description() + "; name their folder with --data");
                hold = false;
                continue;
            }
            Optional<Double> measured = train(bar, found);
            boolean holds = measured.filter(bar::holds).isPresent();
            hold &= holds;
            verdicts.add(bar.model() + ": " + (holds ? "holds" : "DOES NOT HOLD") + ": " + bar.text() + ", measured "
                    + measured.map(String::valueOf).orElse("nothing: training ended early"));
            if (measured.isEmpty()) {
                break;
            }
        }
        verdicts.forEach(out::println);
        return hold;
    }

    private Optional<Double> train(QualityBar bar, Optional<Path> found) {
        try {
            Path folder = Files.createTempDirectory("quern-verify");
            try {
                return bar.bar().name().equals(QualityBar.CLASSES) ? classes(bar, found, folder)
                        : run(bar.command(), found, folder.resolve("result.json"), List.of())
                                .map(json -> read(json, "test_" + bar.bar().name()));
            } finally {
                delete(folder);
            }
        } catch (IOException e) {
            throw new QuernException("the result of training " + bar.model() + " cannot be kept: " + e.getMessage(), e);
        }
    }

    /** Trains it and a classifier, which then looks at what it draws. */
    private Optional<Double> classes(QualityBar bar, Optional<Path> found, Path folder) {
        Path drawing = folder.resolve(bar.model());
        Path looking = folder.resolve("lenet");
        boolean trained = run(bar.command(), found, folder.resolve("drawing.json"), List.of("--save", drawing.toString())).isPresent()
                && run(List.of("train", "lenet", "--seed", "1"), found, folder.resolve("looking.json"), List.of("--save", looking.toString()))
                        .isPresent();
        if (!trained) {
            return Optional.empty();
        }
        try (Device opened = DeviceOption.open(device, out)) {
            return Optional.of((double) DrawnClasses.count(drawing, looking, opened, out));
        }
    }

    /** Runs a command of training and returns its result's file, if it came to an end. */
    private Optional<Path> run(List<String> command, Optional<Path> found, Path json, List<String> more) {
        List<String> arguments = new ArrayList<>(command);
        arguments.addAll(List.of("--device", device));
        found.ifPresent(data -> arguments.addAll(List.of("--data", data.toString())));
        out.println("quern " + String.join(" ", arguments));
        arguments.addAll(List.of("--json", json.toString()));
        arguments.addAll(more);
        Main main = new Main();
        int code = main.run(out, err, arguments.toArray(String[]::new));
        main.interrupts().commandIsOver();
        return code == 0 ? Optional.of(json) : Optional.empty();
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    /** A number of the object; NaN where it is null. */
    private static double read(Path json, String name) {
        try (JsonParser parser = new JsonFactory().createParser(json.toFile())) {
            while (parser.nextToken() != null) {
                if (parser.currentToken() == JsonToken.FIELD_NAME && parser.currentName().equals(name)) {
                    return parser.nextToken() == JsonToken.VALUE_NULL ? Double.NaN : parser.getDoubleValue();
                }
            }
        } catch (IOException e) {
            throw new QuernException("the result of training cannot be read: " + e.getMessage(), e);
        }
        throw new QuernException("the result of training has no " + name);
    }
}
