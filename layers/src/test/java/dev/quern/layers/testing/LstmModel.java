package dev.quern.layers.testing;

import dev.quern.layers.nn.Dense;
import dev.quern.layers.nn.Model;
import dev.quern.layers.nn.Recurrent;
import dev.quern.layers.nn.Sequential;
import dev.quern.runtime.Shape;
import java.util.List;

/** A small recurrent model of these tests. */
public final class LstmModel {
    private LstmModel() {
    }

    /** An LSTM that reads 9 rows of 12 numbers and tells 10 classes by its last state; parameters below lstm and fc. */
    public static Model model() {
        return new Model("lstm", Shape.of(9, 12), 10, new Sequential(List.of(
                new Sequential.Member("lstm", Recurrent.lstm(12, 16).withBatchFirst().onlyLastState()),
                new Sequential.Member("fc", Dense.of(16, 10)))));
    }
}
