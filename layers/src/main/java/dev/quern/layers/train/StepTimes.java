package dev.quern.layers.train;

import java.util.Arrays;

/** What each step of a run cost and lost, in arrays that are allocated before the first. */
final class StepTimes {
    private final long[] nanoseconds;
    private final float[] losses;
    private int count;

    StepTimes(int steps) {
        nanoseconds = new long[steps];
        losses = new float[steps];
    }

    void add(long nanos, float loss) {
        nanoseconds[count] = nanos;
        losses[count] = loss;
        count++;
    }

    int count() {
        return count;
    }

    float[] losses() {
        return Arrays.copyOf(losses, count);
    }

    /** The sum of the times from one step on. */
    long nanosecondsSince(int first) {
        long sum = 0;
        for (int step = first; step < count; step++) {
            sum += nanoseconds[step];
        }
        return sum;
    }

    /** The median in milliseconds without the first step, which warms caches, unless there is no other; 0 without steps. */
    double medianMilliseconds() {
        if (count == 0) {
            return 0;
        }
        long[] sorted = Arrays.copyOfRange(nanoseconds, count == 1 ? 0 : 1, count);
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return (sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2.0) * 1e-6;
    }
}
