package dev.quern.bench;

import dev.quern.bench.result.Comparison;
import dev.quern.bench.result.RecordedRow;
import dev.quern.bench.result.ResultReader;
import dev.quern.examples.command.Table;
import dev.quern.examples.command.UsageException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code quern bench compare}: what became faster or slower from one result file to another. */
@Command(name = "compare", mixinStandardHelpOptions = true, usageHelpAutoWidth = true,
        description = {"Compare two files that \"bench --json\" wrote, row by row.",
            "",
            "The interval is where the ratio of the medians would fall if both were measured again, as far as the runs within each "
                + "file tell; what changes between days is not in it."},
        footer = {"", "SAME, FASTER, SLOWER: the whole interval says so. AMBIGUOUS: it does not.",
            "Exit code 1 with --fail-on-slower where a row is SLOWER."})
final class CompareCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "OLD", description = "The file to compare with.")
    private Path old;

    @Parameters(index = "1", paramLabel = "NEW", description = "The file to judge.")
    private Path young;

    @Option(names = "--threshold", paramLabel = "SHARE", defaultValue = "0.03",
            description = "Differences up to this share are of no interest (${DEFAULT-VALUE}).")
    private double threshold;

    @Option(names = "--confidence", paramLabel = "SHARE", defaultValue = "0.99",
            description = "The confidence of the intervals (${DEFAULT-VALUE}).")
    private double confidence;

    @Option(names = "--fail-on-slower", description = "Exit with 1 where a row is SLOWER.")
    private boolean failOnSlower;

    @Override
    public Integer call() {
        if (!(threshold >= 0 && threshold < 1) || !(confidence > 0 && confidence < 1)) {
            throw new UsageException("--threshold must be in [0, 1) and --confidence in (0, 1)");
        }
        PrintWriter out = spec.commandLine().getOut();
        ResultReader.Recorded before = ResultReader.read(old);
        ResultReader.Recorded after = ResultReader.read(young);
        printEnvironments(out, before, after);
        Map<Comparison.Verdict, Integer> counts = new EnumMap<>(Comparison.Verdict.class);
        Table table = new Table("VERDICT", ">NEW/OLD", ">FROM", ">TO", "ROW", "");
        Map<String, RecordedRow> olds = byKey(before);
        int unmatched = 0;
        for (RecordedRow row : after.rows()) {
            Optional<RecordedRow> other = Optional.ofNullable(olds.remove(row.key())).filter(found -> found.samples().isPresent());
            if (other.isEmpty() || row.samples().isEmpty()) {
                unmatched++;
                continue;
            }
            Comparison comparison = Comparison.of(other.get().samples().orElseThrow(), row.samples().orElseThrow(), threshold,
                    confidence);
            counts.merge(comparison.verdict(), 1, Integer::sum);
            table.row(comparison.verdict(), number(comparison.ratio()), number(comparison.interval().low()),
                    number(comparison.interval().high()), row.key(),
                    other.get().sources().equals(row.sources()) ? "" : "other kernels");
        }
        table.print(out);
        out.println();
        out.println(counts.entrySet().stream().map(count -> count.getValue() + " " + count.getKey())
                .collect(Collectors.joining(", ")) + (unmatched + olds.size() == 0 ? ""
                        : "; without a timed row in both files: " + (unmatched + olds.size())));
        if (counts.isEmpty()) {
            throw new UsageException("no row is in both " + old + " and " + young);
        }
        return failOnSlower && counts.containsKey(Comparison.Verdict.SLOWER) ? 1 : 0;
    }

    /** Facts that differ explain differences; those that agree need not be told. */
    private static void printEnvironments(PrintWriter out, ResultReader.Recorded before, ResultReader.Recorded after) {
        after.environment().facts().forEach((name, fact) -> {
            String was = before.environment().facts().getOrDefault(name, "not told");
            if (!was.equals(fact)) {
                out.println(name + ": " + was + " -> " + fact);
            }
        });
    }

    private static Map<String, RecordedRow> byKey(ResultReader.Recorded recorded) {
        Map<String, RecordedRow> rows = new LinkedHashMap<>();
        recorded.rows().forEach(row -> rows.put(row.key(), row));
        return rows;
    }

    private static String number(double ratio) {
        return String.format(Locale.ROOT, "%.3f", ratio);
    }
}
