package dev.quern.examples.command;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.quern.runtime.QuernException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

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
        List<String> arguments = new ArrayList<>(List.of("train", bar.model(), "--seed", "1", "--device", device));
        found.ifPresent(folder -> arguments.addAll(List.of("--data", folder.toString())));
        out.println("quern " + String.join(" ", arguments));
        try {
            Path json = Files.createTempFile("quern-verify", ".json");
            try {
                arguments.addAll(List.of("--json", json.toString()));
                Main main = new Main();
                int code = main.run(out, err, arguments.toArray(String[]::new));
                main.interrupts().commandIsOver();
                return code == 0 ? Optional.of(read(json, "test_" + bar.bar().name())) : Optional.empty();
            } finally {
                Files.deleteIfExists(json);
            }
        } catch (IOException e) {
            throw new QuernException("the result of training " + bar.model() + " cannot be kept or read: " + e.getMessage(), e);
        }
    }

    /** A number of the object; NaN where it is null. */
    private static double read(Path json, String name) throws IOException {
        try (JsonParser parser = new JsonFactory().createParser(json.toFile())) {
            while (parser.nextToken() != null) {
                if (parser.currentToken() == JsonToken.FIELD_NAME && parser.currentName().equals(name)) {
                    return parser.nextToken() == JsonToken.VALUE_NULL ? Double.NaN : parser.getDoubleValue();
                }
            }
        }
        throw new IOException("it has no " + name);
    }
}
