package dev.quern.bench.recurrent;

import dev.quern.bench.suite.Suite;
import dev.quern.kernels.recurrent.RecurrentCell;
import java.util.List;

/**
 * The suite {@code recurrent}: a layer forward and the gradients of its input and weights, cases named CELL/T,N,I,H for steps,
 * batch, features and hidden size. Three LSTMs that read rows of images, words and long sentences; rows of DeepBench with
 * fewer steps, so that two cores take less than a tenth of a second; and what a GRU and a plain network make of them.
 */
public final class RecurrentSuite {
    private RecurrentSuite() {
    }

    /** The suite. */
    public static Suite suite() {
        return new Suite("recurrent", List.of(
                new RecurrentCase(RecurrentCell.LSTM, 28, 64, 28, 128),
                new RecurrentCase(RecurrentCell.LSTM, 25, 64, 256, 256),
                new RecurrentCase(RecurrentCell.LSTM, 50, 16, 512, 512),
                // DeepBench's LSTM 256,16,150 and 512,128,25, GRU 512,32,1 and 2816,32,1500, plain 1760,16,50.
                new RecurrentCase(RecurrentCell.LSTM, 50, 16, 256, 256),
                new RecurrentCase(RecurrentCell.LSTM, 5, 128, 512, 512),
                new RecurrentCase(RecurrentCell.GRU, 1, 32, 512, 512),
                new RecurrentCase(RecurrentCell.GRU, 2, 32, 1024, 1024),
                new RecurrentCase(RecurrentCell.GRU, 25, 64, 256, 256),
                new RecurrentCase(RecurrentCell.RNN, 10, 16, 1760, 1760),
                new RecurrentCase(RecurrentCell.RNN, 28, 64, 28, 128)));
    }
}
