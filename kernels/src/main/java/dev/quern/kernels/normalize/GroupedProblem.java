package dev.quern.kernels.normalize;

import dev.quern.runtime.QuernException;

/** Group norm and its gradient: each sample's channels lie in groups, and a group's elements in a row. */
sealed interface GroupedProblem extends NormProblem permits GroupNormProblem, GroupNormBackwardProblem {
    /** Groups of a sample. */
    int groups();

    /** Whether the mean is subtracted. */
    boolean centred();

    /** Whether weight and bias exist. */
    Affine affine();

    /** How many rows there are. */
    default int rows() {
        return batch() * groups();
    }

    /** Channels of a group. */
    default int perGroup() {
        return channels() / groups();
    }

    /** Elements of a row. */
    default int row() {
        return perGroup() * inner();
    }

    static void check(String what, int batch, int groups, int channels, int inner) {
        if (groups < 1 || channels % groups != 0) {
            throw new QuernException(what + " of [" + batch + ", " + channels + ", " + inner + "]: " + groups
                    + " groups must be at least 1 and divide the " + channels + " channels");
        }
    }
}
