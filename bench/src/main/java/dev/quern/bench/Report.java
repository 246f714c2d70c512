package dev.quern.bench;

import dev.quern.bench.measure.Timing;
import dev.quern.bench.suite.Row;
import dev.quern.examples.command.Table;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The report on the terminal: notes, each told once, and a table a case. */
final class Report {
    private final PrintWriter out;
    private final Set<String> told = new HashSet<>();

    Report(PrintWriter out) {
        this.out = out;
    }

    void note(String text) {
        if (told.add(text)) {
            out.println(text);
        }
    }

    /** The rows of one case. */
    void print(List<Row> rows) {
        Row first = rows.getFirst();
        Map<String, Double> peers = first.peers();
        List<String> columns = new ArrayList<>(List.of("VARIANT", ">MEDIAN ms", ">MIN", ">10%", ">90%", ">RUNS", ">GFLOP/s", ">GB/s",
                ">ERROR"));
        // How many times as fast as the peer.
        peers.keySet().forEach(peer -> columns.add(">x " + peer));
        Table table = new Table(columns.toArray(String[]::new));
        rows.forEach(row -> table.row(cells(row)));
        out.println();
        out.println(first.suite() + " " + first.name() + " " + first.pass() + " on " + first.device()
                + " (* is what variant selection chooses)");
        table.print(out);
        peers.forEach((peer, millis) -> out.println("peer " + peer + ": median " + number("%.3f", millis) + " ms"));
    }

    private static Object[] cells(Row row) {
        List<Object> cells = new ArrayList<>();
        cells.add(row.variant() + (row.best() ? " *" : ""));
        if (row.timing().isPresent()) {
            Timing timing = row.timing().get();
            cells.addAll(List.of(number("%.3f", timing.median()), number("%.3f", timing.min()), number("%.3f", timing.low()),
                    number("%.3f", timing.high()), timing.runs(), number("%.1f", row.gflops()), row.gigabytes() > 0 ? number("%.1f", row.gigabytes()) : "-"));
            cells.add(number("%.1e", row.error()));
            row.peers().values().forEach(millis -> cells.add(number("%.2f", millis / timing.median())));
        } else {
            cells.addAll(List.of("wrong", "-", "-", "-", 0, "-", "-", number("%.1e", row.error())));
            row.peers().values().forEach(_ -> cells.add("-"));
        }
        return cells.toArray();
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
