package dev.quern.layers.train;

import java.util.List;
import java.util.Optional;

/**
 * What came of training.
 *
 * @param parameters    numbers that were trained
 * @param epochs        one an epoch finished in this run
 * @param stepLosses    one a step of this run
 * @param test          the evaluation after the last epoch
 * @param stepMsMedian  the median wall-clock milliseconds of this run's steps after the first (of the first where it is the
 *                      only one; 0 without steps)
 * @param interrupted   whether {@link Trainer#stop()} ended it early
 * @param best          the best epoch's evaluation, of this run or of those it resumed; empty if no epoch ended
 * @param outOfPatience whether it ended before the last epoch because too many went by without a best one
 */
public record TrainingResult(long parameters, List<TrainingEvent.Epoch> epochs, float[] stepLosses, Evaluation test,
        double stepMsMedian, boolean interrupted, Optional<Best> best, boolean outOfPatience) {
}
