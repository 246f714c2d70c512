package dev.quern.layers.optim;

/**
 * How long training will be, which some schedules need to know.
 *
 * @param steps         steps in all, at least 1
 * @param stepsPerEpoch steps an epoch, at least 1
 */
public record Horizon(long steps, long stepsPerEpoch) {
    public Horizon {
        if (steps < 1 || stepsPerEpoch < 1) {
            throw new IllegalArgumentException(steps + " steps, " + stepsPerEpoch + " an epoch: both must be at least 1");
        }
    }
}
