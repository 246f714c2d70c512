package dev.quern.examples.command;

import dev.quern.layers.train.Evaluation;
import dev.quern.layers.train.TrainingEvent;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.stream.Collectors;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Shows training while it goes on: a bar for the epoch at hand where a person is watching, and a line for each epoch that
 * is done.
 */
final class TrainingView implements AutoCloseable {
    private static final int UPDATE_MILLIS = 100;
    private static final long UPDATE_NANOS = UPDATE_MILLIS * 1_000_000L;

    private final PrintWriter out;
    private final boolean watched;
    private final int epochs;
    private final int steps;
    private Bar bar = new Bar.None();
    private long lastMessage;

    /** The bar of the epoch at hand. */
    private sealed interface Bar {
        record None() implements Bar {
        }

        record Shown(ProgressBar bar) implements Bar {
        }
    }

    /** Redraws its own line, which the epoch's result takes over. */
    private static final class OneLine extends ConsoleProgressBarConsumer {
        OneLine() {
            super(System.err);
        }

        @Override
        public void close() {
            System.err.flush();
        }
    }

    /**
     * A view.
     *
     * @param out     where the lines go
     * @param watched whether to show a bar besides, on the terminal
     * @param epochs  the number of epochs
     * @param steps   the steps of an epoch
     */
    TrainingView(PrintWriter out, boolean watched, int epochs, int steps) {
        this.out = out;
        this.watched = watched;
        this.epochs = epochs;
        this.steps = steps;
    }

    /** A step is done; epochs and steps count from 1. */
    void step(int epoch, int stepInEpoch, double loss) {
        if (watched && bar instanceof Bar.None) {
            bar = new Bar.Shown(new ProgressBarBuilder().setTaskName(title(epoch)).setInitialMax(steps)
                    .setStyle(ProgressBarStyle.UNICODE_BLOCK).setUpdateIntervalMillis(UPDATE_MILLIS).setUnit(" steps", 1)
                    .setConsumer(new OneLine()).clearDisplayOnFinish().build());
        }
        if (bar instanceof Bar.Shown(ProgressBar shown)) {
            shown.stepTo(stepInEpoch);
            long now = System.nanoTime();
            if (now - lastMessage > UPDATE_NANOS) {
                lastMessage = now;
                shown.setExtraMessage(String.format(Locale.ROOT, " loss %.4f", loss));
            }
        }
    }

    /** An epoch is done and evaluated. */
    void epochEnds(TrainingEvent.Epoch epoch, Evaluation evaluation) {
        close();
        String losses = epoch.losses().entrySet().stream().map(loss -> String.format(Locale.ROOT, "%s %.4f", loss.getKey(), loss.getValue()))
                .collect(Collectors.joining("  "));
        out.println(String.format(Locale.ROOT, "%s  %s  test %s  %6.2f s  %,8.0f samples/s", title(epoch.epoch()), losses,
                Measures.text(evaluation.headline()), epoch.seconds(), epoch.samplesPerSecond()));
    }

    private String title(int epoch) {
        int digits = String.valueOf(epochs).length();
        return String.format(Locale.ROOT, "epoch %" + digits + "d/%d", epoch, epochs);
    }

    /** Takes the bar away. */
    @Override
    public void close() {
        if (bar instanceof Bar.Shown(ProgressBar shown)) {
            shown.close();
        }
        bar = new Bar.None();
    }
}
