package dev.quern.graph.testing;

import dev.quern.runtime.HostTensor;
import java.util.Optional;

/** Compares tensors in root-mean-square terms; NaN or infinity where none is expected never passes. */
public final class Closeness {
    private Closeness() {
    }

    /** What is wrong with a tensor, if anything. */
    public static Optional<String> difference(HostTensor actual, HostTensor expected, double relative, double floor) {
        if (actual.dtype() != expected.dtype() || !actual.shape().equals(expected.shape())) {
            return Optional.of("is " + actual + ", expected " + expected);
        }
        double error = 0;
        double scale = 0;
        long count = expected.shape().elements();
        for (long i = 0; i < count; i++) {
            double a = actual.get(i);
            double e = expected.get(i);
            if (Double.isFinite(e) ? !Double.isFinite(a) : Double.compare(a, e) != 0) {
                return Optional.of("element " + i + " is " + a + ", expected " + e);
            }
            if (Double.isFinite(e)) {
                error += (a - e) * (a - e);
                scale += e * e;
            }
        }
        double rms = Math.sqrt(error / Math.max(1, count));
        double bound = Math.max(floor, relative * Math.sqrt(scale / Math.max(1, count)));
        return rms <= bound ? Optional.empty() : Optional.of("differs by " + rms + ", allowed is " + bound);
    }
}
