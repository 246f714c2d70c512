package dev.quern.layers.train;

import dev.quern.runtime.QuernException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Writes one line an epoch to a file of comma-separated values: {@code epoch,step,LOSS...,learning_rate,seconds,samples_per_second,
 * test_METRIC...}. Each line is on the disk when the epoch is done. Training that is resumed goes on behind the lines of the epochs
 * before; without that the file begins anew.
 */
public final class CsvLog implements TrainingListener {
    private final Path path;
    private TrainingEvent.Epoch epoch;
    private long step;
    private double rate;
    private boolean headed;

    private CsvLog(Path path) {
        this.path = path;
    }

    /**
     * A log in a file.
     *
     * @param path where; its folder must exist
     */
    public static CsvLog to(Path path) {
        return new CsvLog(path);
    }

    @Override
    public void on(TrainingEvent event) {
        switch (event) {
            case TrainingEvent.Started started -> begin(started.firstEpoch());
            case TrainingEvent.Step done -> {
                step = done.step();
                rate = done.learningRate();
            }
            case TrainingEvent.Epoch done -> epoch = done;
            case TrainingEvent.Evaluated evaluated -> add(evaluated.evaluation().metrics());
            case TrainingEvent.Saved _ -> {
                // Not a measure.
            }
        }
    }

    private void begin(int firstEpoch) {
        List<String> kept = new ArrayList<>();
        if (firstEpoch > 1 && Files.exists(path)) {
            List<String> lines = read();
            for (int i = 0; i < lines.size(); i++) {
                if (i == 0 || epochOf(lines.get(i)) < firstEpoch) {
                    kept.add(lines.get(i));
                }
            }
        }
        headed = !kept.isEmpty();
        write(kept, StandardOpenOption.TRUNCATE_EXISTING);
    }

    private int epochOf(String line) {
        try {
            return Integer.parseInt(line.substring(0, Math.max(0, line.indexOf(','))));
        } catch (NumberFormatException e) {
            throw new QuernException(path + ": line '" + line + "' does not begin with an epoch; it is no log of training, name another file", e);
        }
    }

    private void add(List<Metric> metrics) {
        List<String> lines = new ArrayList<>();
        if (!headed) {
            headed = true;
            lines.add(Stream.of(Stream.of("epoch", "step"), epoch.losses().keySet().stream(),
                    Stream.of("learning_rate", "seconds", "samples_per_second"), metrics.stream().map(metric -> "test_" + metric.name()))
                    .flatMap(part -> part).collect(Collectors.joining(",")));
        }
        lines.add(Stream.of(Stream.of((long) epoch.epoch(), step), epoch.losses().values().stream(),
                Stream.of(rate, epoch.seconds(), epoch.samplesPerSecond()), metrics.stream().map(Metric::value))
                .flatMap(part -> part).map(String::valueOf).collect(Collectors.joining(",")));
        write(lines, StandardOpenOption.APPEND);
    }

    private List<String> read() {
        try {
            return Files.readAllLines(path);
        } catch (IOException e) {
            throw new QuernException(path + ": the log cannot be read: " + e.getMessage(), e);
        }
    }

    private void write(List<String> lines, StandardOpenOption how) {
        try {
            Files.write(path, lines, StandardOpenOption.CREATE, StandardOpenOption.WRITE, how);
        } catch (IOException e) {
            throw new QuernException(path + ": the log cannot be written: " + e.getMessage(), e);
        }
    }
}
