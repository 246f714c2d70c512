package dev.quern.bench.result;

import dev.quern.bench.measure.Samples;
import dev.quern.graph.json.JsonTree;
import dev.quern.runtime.QuernException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** Reads result files. */
public final class ResultReader {
    private ResultReader() {
    }

    /**
     * What a result file holds, as far as comparisons need it.
     *
     * @param environment where it was measured
     * @param rows        its rows
     * @param best        those of its rows that variant selection chooses and that have a time
     */
    public record Recorded(Environment environment, List<RecordedRow> rows, List<Best> best) {
    }

    /**
     * What selection chooses for a case.
     *
     * @param suite    the suite
     * @param name     the case
     * @param pass     the case's pass
     * @param variant  the variant
     * @param millis   its median
     * @param gflops   10^9 operations a second at the median
     * @param share    the share of the ceiling, where that was measured
     * @param speedups how many times as fast as each peer, by the medians
     */
    public record Best(String suite, String name, String pass, String variant, double millis, double gflops, OptionalDouble share,
            Map<String, Double> speedups) {
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
        List<Best> best = new ArrayList<>();
        for (Object one : (List<Object>) file.get("rows")) {
            Map<String, Object> row = (Map<String, Object>) one;
            rows.add(row(row));
            if (Boolean.TRUE.equals(row.get("best")) && row.get("median_ms") instanceof Double) {
                best.add(best(row));
            }
        }
        return new Recorded(new Environment(facts), rows, best);
    }

    private static Best best(Map<String, Object> row) throws IOException {
        double millis = (Double) row.get("median_ms");
        Map<String, Double> speedups = new LinkedHashMap<>();
        ((Map<?, ?>) row.get("peers")).forEach((peer, timing) ->
                speedups.put((String) peer, (Double) ((Map<?, ?>) timing).get("median_ms") / millis));
        return new Best(text(row, "suite"), text(row, "case"), text(row, "pass"), text(row, "variant"), millis,
                (Double) row.getOrDefault("gflops", 0.0),
                row.get("share") instanceof Double share ? OptionalDouble.of(share) : OptionalDouble.empty(), speedups);
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
