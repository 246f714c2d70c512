package dev.quern.layers.data;

import java.util.function.UnaryOperator;

/**
 * Data to train on, and data to test on that training never sees.
 *
 * @param <S> the kind of samples
 */
public record Split<S extends Samples>(S train, S test) {
    public Split {
        if (!train.feeds().equals(test.feeds())) {
            throw new IllegalArgumentException(train.name() + " has " + train.feeds() + ", but " + test.name() + " has "
                    + test.feeds());
        }
    }

    /** The training samples changed; the test samples stay. */
    public Split<S> training(UnaryOperator<S> change) {
        return new Split<>(change.apply(train), test);
    }

    /** At most this many training samples; the test samples stay. */
    public Split<Samples> limit(int samples) {
        return new Split<>(train.limit(samples), test);
    }

    /** At most this many test samples; the training samples stay. */
    public Split<Samples> limitTest(int samples) {
        return new Split<>(train, test.limit(samples));
    }
}
