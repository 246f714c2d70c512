package dev.quern.kernels.normalize;

/** What is done to a normalised value per channel: nothing, times a weight, or times a weight plus a bias. */
public enum Affine {
    /** The normalised value itself. */
    NONE,
    /** Times the channel's weight. */
    WEIGHT,
    /** Times the channel's weight, plus its bias. */
    WEIGHT_AND_BIAS;

    /** Whether there is a weight. */
    public boolean weight() {
        return this != NONE;
    }

    /** Whether there is a bias. */
    public boolean bias() {
        return this == WEIGHT_AND_BIAS;
    }

    /** How keys spell it, with a space in front; empty for weight and bias, the usual case. */
    String suffix() {
        return switch (this) {
            case NONE -> " plain";
            case WEIGHT -> " weight";
            case WEIGHT_AND_BIAS -> "";
        };
    }
}
