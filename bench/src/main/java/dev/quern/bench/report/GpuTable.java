package dev.quern.bench.report;

import dev.quern.bench.result.ResultReader;
import dev.quern.bench.result.ResultReader.Best;
import dev.quern.runtime.QuernException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The README's table of what was measured on GPUs, made from the files in {@code bench/results}. */
public final class GpuTable {
    private static final String NONE = "No GPU has been measured yet: `bench/gpu/run.sh` does it where there is one.\n";
    private static final String HEAD = """
            | GPU | date | case | variant | median ms | GFLOP/s | of ceiling | times as fast as |
            |---|---|---|---|---|---|---|---|
            """;

    private GpuTable() {
    }

    /**
     * The table as Markdown, or a sentence that says that there is none.
     *
     * @param folder a folder of result files, which may not exist
     * @throws QuernException if one of them cannot be read
     */
    public static String of(Path folder) {
        if (!Files.isDirectory(folder)) {
            return NONE;
        }
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> results = files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
            return results.isEmpty() ? NONE : HEAD + results.stream().map(GpuTable::lines).collect(Collectors.joining());
        } catch (IOException e) {
            throw new QuernException(folder + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static String lines(Path file) {
        ResultReader.Recorded recorded = ResultReader.read(file);
        Map<String, String> facts = recorded.environment().facts();
        String where = "| " + facts.get("device") + " | " + facts.get("date").substring(0, "2000-01-01".length()) + " | ";
        return recorded.best().stream().map(best -> where + line(best)).collect(Collectors.joining());
    }

    private static String line(Best best) {
        String peers = best.speedups().entrySet().stream()
                .map(peer -> String.format(Locale.ROOT, "%s %.2f", peer.getKey(), peer.getValue())).collect(Collectors.joining(", "));
        return String.format(Locale.ROOT, "%s %s %s | `%s` | %.4g | %.0f | %s | %s |%n", best.suite(), best.name(), best.pass(),
                best.variant(), best.millis(), best.gflops(),
                best.share().isPresent() ? String.format(Locale.ROOT, "%.0f%%", 100 * best.share().getAsDouble()) : "", peers)
                .replace(System.lineSeparator(), "\n");
    }
}
