package dev.quern.kernels.testing;

import dev.quern.runtime.HostTensor;
import java.util.Locale;
import java.util.Optional;

/** Compares a result with what is expected, in terms of root mean squares, so that NaN never passes for a number. */
final class Comparison {
    /** Below this root mean square, errors are taken as absolute ones. */
    private static final double FLOOR = 1e-6;
    /** How far past the root mean square a single element may be off. */
    private static final double SINGLE = 100;

    private Comparison() {
    }

    /**
     * What is wrong; empty if nothing is. Integer tensors must be equal. Floating ones pass if the root mean square of the
     * error is at most {@code tolerance} times that of the expected values (or 1e-6 if that is more), no single element is
     * off by more than 100 times that, and NaN and infinities are where they are expected.
     */
    static Optional<String> difference(HostTensor expected, HostTensor actual, double tolerance) {
        long count = expected.shape().elements();
        double squares = 0;
        long finite = 0;
        for (long i = 0; i < count; i++) {
            double e = expected.get(i);
            if (Double.isFinite(e)) {
                squares += e * e;
                finite++;
            }
        }
        double limit = expected.dtype().floating() ? Math.max(FLOOR, tolerance * Math.sqrt(squares / Math.max(1, finite))) : 0;
        double errors = 0;
        long wrong = 0;
        long first = -1;
        long worst = -1;
        double worstError = 0;
        for (long i = 0; i < count; i++) {
            double e = expected.get(i);
            double a = actual.get(i);
            boolean alike = Double.isFinite(e) ? Double.isFinite(a) : Double.compare(e, a) == 0;
            double error = alike ? Double.isFinite(e) ? Math.abs(a - e) : 0 : Double.POSITIVE_INFINITY;
            errors += alike ? error * error : 0;
            if (error > SINGLE * limit) {
                wrong++;
                first = first < 0 ? i : first;
            }
            if (error > worstError) {
                worstError = error;
                worst = i;
            }
        }
        double rms = Math.sqrt(errors / Math.max(1, finite));
        if (wrong == 0 && rms <= limit) {
            return Optional.empty();
        }
        long shown = first < 0 ? worst : first;
        return Optional.of(String.format(Locale.ROOT, "element %d is %s, expected %s (%d of %d elements far off, "
                + "rms error %.3g, limit %.3g)", shown, actual.get(shown), expected.get(shown), wrong, count, rms, limit));
    }
}
