package dev.quern.bench.report;

import dev.quern.bench.suite.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The rows of one case.
 *
 * @param suite its suite
 * @param name  its name
 * @param pass  its pass
 * @param rows  a row for each variant, the quickest first
 */
record CaseResult(String suite, String name, String pass, List<Row> rows) {
    private record Key(String suite, String name, String pass) {
    }

    /** The cases of a run, in the order in which they were measured. */
    static List<CaseResult> of(List<Row> rows) {
        Map<Key, List<Row>> cases = new LinkedHashMap<>();
        rows.forEach(row -> cases.computeIfAbsent(new Key(row.suite(), row.name(), row.pass()), _ -> new ArrayList<>()).add(row));
        List<CaseResult> results = new ArrayList<>();
        cases.forEach((key, its) -> results.add(new CaseResult(key.suite, key.name, key.pass, List.copyOf(its))));
        return results;
    }

    /** The row that stands for Quern: the variant that selection chooses, or the quickest where that was not measured. */
    Optional<Row> chosen() {
        return rows.stream().filter(row -> row.best() && row.timing().isPresent()).findFirst()
                .or(() -> rows.stream().filter(row -> row.timing().isPresent()).findFirst());
    }
}
