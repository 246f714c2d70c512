package dev.quern.bench.train;

import dev.quern.bench.suite.Suite;
import dev.quern.examples.LeNet;
import dev.quern.examples.Mlp;
import dev.quern.examples.RowSequence;
import dev.quern.examples.Vgg;
import java.util.List;

/** The suite {@code train}: whole steps of the example models, cases named MODEL/bBATCH. */
public final class TrainSuite {
    private TrainSuite() {
    }

    /** The suite. */
    public static Suite suite() {
        return new Suite("train", List.of(new TrainCase(new LeNet(), 64), new TrainCase(new Mlp(), 128),
                new TrainCase(RowSequence.lstm(), 64), new TrainCase(new Vgg(11), 32)));
    }
}
