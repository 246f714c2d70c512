package dev.quern.layers.train;

import java.nio.file.Path;
import java.util.SequencedMap;

/** What a trainer tells its listeners. Epochs and steps count from 1; times are wall clock. */
public sealed interface TrainingEvent {
    /**
     * Everything is compiled and training begins.
     *
     * @param parameters    numbers that are trained
     * @param firstEpoch    the epoch that training begins in; past 1 after a resume
     * @param epochs        the last epoch
     * @param stepsPerEpoch steps an epoch
     * @param batch         samples a step
     */
    record Started(long parameters, int firstEpoch, int epochs, int stepsPerEpoch, int batch) implements TrainingEvent {
    }

    /**
     * A step is done.
     *
     * @param epoch        its epoch
     * @param stepInEpoch  its number in the epoch
     * @param step         its number in all
     * @param loss         its batch's loss before the update; of several objectives the first one's
     * @param learningRate the rate it used
     * @param nanoseconds  from the end of the step before until the loss was read
     * @param feeding      of these, handing over batches: the next step's while this one runs, and the first step its own
     * @param launching    of these, until all kernels were launched; what then remains was spent waiting for the losses
     */
    record Step(int epoch, int stepInEpoch, long step, float loss, double learningRate, long nanoseconds, long feeding, long launching)
            implements TrainingEvent {
        /** Nanoseconds spent waiting for the losses. */
        public long waiting() {
            return nanoseconds - feeding - launching;
        }
    }

    /**
     * An epoch's steps are done.
     *
     * @param epoch            its number
     * @param losses           the mean of its steps' losses by objective, the first one first
     * @param seconds          the sum of its steps' times in this run
     * @param samplesPerSecond of those steps
     */
    record Epoch(int epoch, SequencedMap<String, Double> losses, double seconds, double samplesPerSecond)
            implements TrainingEvent {
        /** The first objective's loss. */
        public double loss() {
            return losses.firstEntry().getValue();
        }
    }

    /** The test set was evaluated after an epoch. */
    record Evaluated(int epoch, Evaluation evaluation) implements TrainingEvent {
    }

    /** A checkpoint was written whole. */
    record Saved(Path path, int epoch, long step) implements TrainingEvent {
    }
}
