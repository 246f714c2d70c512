package dev.quern.layers.data;

/** Data to train on, and data to test on that training never sees. */
public record Split(Dataset train, Dataset test) {
    public Split {
        if (!train.sampleShape().equals(test.sampleShape()) || train.classes() != test.classes()) {
            throw new IllegalArgumentException(train.name() + " has samples " + train.sampleShape() + " of "
                    + train.classes() + " classes, but " + test.name() + " has " + test.sampleShape() + " of "
                    + test.classes());
        }
    }

    /** At most this many training samples; the test samples stay. */
    public Split limit(int samples) {
        return new Split(train.limit(samples), test);
    }
}
