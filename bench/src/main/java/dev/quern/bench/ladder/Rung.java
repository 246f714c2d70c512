package dev.quern.bench.ladder;

import dev.quern.bench.suite.Row;

/**
 * A rung as it was measured.
 *
 * @param row     what it took, or that it was turned away
 * @param summary what it does that the rung below does not, and why that is faster
 */
record Rung(Row row, String summary) {
    String name() {
        return row.variant();
    }

    boolean timed() {
        return row.timing().isPresent();
    }

    double millis() {
        return row.timing().orElseThrow().median();
    }

    /** The rate that counts for it: operations where arithmetic is its ceiling, else bytes. */
    String rate() {
        boolean arithmetic = row.roof().map(roof -> roof.bound().counting()).orElse(row.flops() > row.bytes());
        return arithmetic ? String.format(java.util.Locale.ROOT, "%.1f GFLOP/s", row.gflops())
                : String.format(java.util.Locale.ROOT, "%.1f GB/s", row.gigabytes());
    }
}
