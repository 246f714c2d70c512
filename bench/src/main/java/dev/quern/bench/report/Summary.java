package dev.quern.bench.report;

import dev.quern.bench.suite.Row;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * A pass of a suite in a few numbers: geometric means over the cases, of the variant that selection chooses.
 *
 * @param suite the suite
 * @param pass  the pass
 * @param cases how many cases
 * @param share of the ceiling; empty where there is none
 * @param peers by name, how many times as fast as that peer
 */
public record Summary(String suite, String pass, int cases, OptionalDouble share, Map<String, Against> peers) {
    /**
     * A comparison with a peer.
     *
     * @param mean  the geometric mean of the speedups
     * @param least the least speedup
     * @param cases how many cases the peer took part in
     */
    public record Against(double mean, double least, int cases) {
    }

    /** A summary for each pass of each suite. */
    public static List<Summary> of(List<Row> rows) {
        Map<List<String>, List<Row>> groups = new LinkedHashMap<>();
        for (CaseResult result : CaseResult.of(rows)) {
            Optional<Row> chosen = result.chosen();
            chosen.ifPresent(row -> groups.computeIfAbsent(List.of(row.suite(), row.pass()), _ -> new ArrayList<>()).add(row));
        }
        List<Summary> summaries = new ArrayList<>();
        groups.forEach((key, its) -> summaries.add(of(key.get(0), key.get(1), its)));
        return summaries;
    }

    private static Summary of(String suite, String pass, List<Row> rows) {
        DoubleSummaryStatistics shares = new DoubleSummaryStatistics();
        rows.forEach(row -> row.share().ifPresent(share -> shares.accept(Math.log(share))));
        Map<String, DoubleSummaryStatistics> speedups = new TreeMap<>();
        for (Row row : rows) {
            row.peers().keySet().forEach(peer -> row.speedup(peer).ifPresent(speedup ->
                    speedups.computeIfAbsent(peer, _ -> new DoubleSummaryStatistics()).accept(Math.log(speedup))));
        }
        Map<String, Against> peers = new LinkedHashMap<>();
        speedups.forEach((peer, logs) ->
                peers.put(peer, new Against(Math.exp(logs.getAverage()), Math.exp(logs.getMin()), (int) logs.getCount())));
        return new Summary(suite, pass, rows.size(),
                shares.getCount() == 0 ? OptionalDouble.empty() : OptionalDouble.of(Math.exp(shares.getAverage())), peers);
    }
}
