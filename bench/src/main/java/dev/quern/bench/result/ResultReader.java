package dev.quern.bench.result;

import dev.quern.bench.measure.Samples;
import dev.quern.runtime.QuernException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads result files. */
public final class ResultReader {
    private ResultReader() {
    }

    /**
     * What a result file holds, as far as comparisons need it.
     *
     * @param environment where it was measured
     * @param rows        its rows
     */
    public record Recorded(Environment environment, List<RecordedRow> rows) {
    }

    /**
     * Reads a file.
     *
     * @throws QuernException if there is none or it is no result file
     */
    public static Recorded read(Path file) {
        try {
            return read(JsonTree.read(Files.readString(file)));
        } catch (NoSuchFileException e) {
            throw new QuernException(file + ": there is no such file", e);
        } catch (IOException | ClassCastException | NullPointerException e) {
            throw new QuernException(file + " is no result of quern bench --json: " + e.getMessage(), e);
        }
    }

    @SuppressWarnings("unchecked") // what is of another type is reported by read(Path)
    private static Recorded read(Map<String, Object> file) throws IOException {
        if (!(file.get("format") instanceof Double format) || format != ResultWriter.FORMAT) {
            throw new IOException("it has format " + file.get("format") + ", not " + ResultWriter.FORMAT);
        }
        Map<String, String> facts = (Map<String, String>) file.get("environment");
        List<RecordedRow> rows = new ArrayList<>();
        for (Object row : (List<Object>) file.get("rows")) {
            rows.add(row((Map<String, Object>) row));
        }
        return new Recorded(new Environment(facts), rows);
    }

    private static RecordedRow row(Map<String, Object> row) throws IOException {
        String key = String.join(" ", text(row, "suite"), text(row, "case"), text(row, "pass"), text(row, "variant"),
                text(row, "device"));
        Optional<Samples> samples = row.get("blocks_ns") instanceof List<?> blocks ? Optional.of(samples(blocks)) : Optional.empty();
        return new RecordedRow(key, text(row, "sources"), samples);
    }

    private static String text(Map<String, Object> row, String name) throws IOException {
        if (row.get(name) instanceof String text) {
            return text;
        }
        throw new IOException("a row has no " + name);
    }

    private static Samples samples(List<?> blocks) {
        return Samples.of(blocks.stream()
                .map(block -> ((List<?>) block).stream().mapToLong(run -> ((Double) run).longValue()).toArray()).toList());
    }
}
