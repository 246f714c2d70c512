package dev.quern.graph.capsule;

import dev.quern.runtime.HostTensor;
import java.util.Locale;

/**
 * How one tensor differs from another of its type.
 *
 * @param bitwise  whether all bits are equal
 * @param largest  the largest difference between two elements; infinite where one is NaN or infinite and the other is not
 * @param index    the first element with the largest difference, in row-major order
 * @param expected that element of the one
 * @param actual   and of the other
 * @param relative the root mean square of all differences over that of the expected elements; NaN or infinite where a difference is
 * @param count    how many elements' values differ
 */
public record Difference(boolean bitwise, double largest, long index, double expected, double actual, double relative, long count) {
    private static final Difference NONE = new Difference(true, 0, 0, 0, 0, 0, 0);

    /**
     * Compares two tensors.
     *
     * @throws IllegalArgumentException if their types differ
     */
    public static Difference between(HostTensor expected, HostTensor actual) {
        if (expected.dtype() != actual.dtype() || !expected.shape().equals(actual.shape())) {
            throw new IllegalArgumentException(expected + " cannot be compared with " + actual);
        }
        if (expected.memory().mismatch(actual.memory()) < 0) {
            return NONE;
        }
        double largest = -1;
        long index = 0;
        long count = 0;
        double squares = 0;
        double size = 0;
        for (long i = 0; i < expected.shape().elements(); i++) {
            double one = expected.get(i);
            double other = actual.get(i);
            double difference = distance(one, other);
            if (difference > largest) {
                largest = difference;
                index = i;
            }
            count += difference > 0 ? 1 : 0;
            squares += difference * difference;
            size += one * one;
        }
        return new Difference(false, largest, index, expected.get(index), actual.get(index), squares == 0 ? 0 : Math.sqrt(squares / size),
                count);
    }

    private static double distance(double one, double other) {
        if (one == other || Double.isNaN(one) && Double.isNaN(other)) {
            return 0;
        }
        double distance = Math.abs(one - other);
        return Double.isFinite(distance) ? distance : Double.POSITIVE_INFINITY;
    }

    /** Whether all bits are equal, or the relative difference is a number and at most this. */
    public boolean within(double tolerance) {
        return bitwise || relative <= tolerance;
    }

    /** For example {@code 3.1e-07 relative, largest 1.2e-06 at element 5: 0.25 and 0.2500012}. */
    @Override
    public String toString() {
        return bitwise ? "bitwise equal" : largest == 0 ? "equal but for the bits of zeros or NaN"
                : String.format(Locale.ROOT, "%.1e relative, largest %.3g at element %d: %s and %s", relative, largest, index,
                        (float) expected, (float) actual);
    }
}
