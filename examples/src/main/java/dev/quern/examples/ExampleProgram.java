package dev.quern.examples;

import dev.quern.layers.train.Metric;
import dev.quern.runtime.Device;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Something that {@code quern train} runs whose loop is its own: there are no batches of samples, or nothing is descended. */
public interface ExampleProgram {
    /** The name that commands know it by. */
    String name();

    /** One line about it, with its source. */
    String description();

    /** Whether it reads the user's data. */
    boolean readsData();

    /**
     * What it runs with.
     *
     * @param device  where
     * @param seed    decides all that is drawn at random
     * @param data    the user's data, if the program reads any
     * @param out     where lines about its progress go
     * @param stopped whether the user wants it to end
     */
    record Surroundings(Device device, long seed, Optional<Path> data, PrintWriter out, BooleanSupplier stopped) {
    }

    /**
     * Runs it.
     *
     * @return what came of it, the measure to look at first
     */
    List<Metric> run(Surroundings surroundings);
}
