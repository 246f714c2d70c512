package dev.quern.bench.train;

import dev.quern.bench.suite.Suite;
import dev.quern.examples.LeNet;
import java.util.List;

/** The suite {@code train}: whole steps of the example models, cases named MODEL/bBATCH. */
public final class TrainSuite {
    private TrainSuite() {
    }

    /** The suite. */
    public static Suite suite() {
        return new Suite("train", List.of(new TrainCase(new LeNet(), 64)));
    }
}
