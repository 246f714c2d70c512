package dev.quern.bench;

import dev.quern.examples.command.Terminal;
import java.util.Optional;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows what a search tries, where a person is watching. */
final class TrialLine implements AutoCloseable {
    private static final int UPDATE_MILLIS = 100;

    private final Optional<ProgressBar> bar;

    TrialLine(int number, int cases, String name) {
        bar = Terminal.isWatched() ? Optional.of(new ProgressBarBuilder().setTaskName("case " + number + "/" + cases + " " + name).setInitialMax(-1)
                .setStyle(ProgressBarStyle.UNICODE_BLOCK).setUpdateIntervalMillis(UPDATE_MILLIS).setUnit(" tried", 1)
                .setConsumer(new ConsoleProgressBarConsumer(System.err)).clearDisplayOnFinish().build()) : Optional.empty();
    }

    void trying(String candidate) {
        bar.ifPresent(shown -> shown.step().setExtraMessage(" " + candidate));
    }

    @Override
    public void close() {
        bar.ifPresent(ProgressBar::close);
    }
}
