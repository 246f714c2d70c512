package dev.quern.kernels.testing;

import dev.quern.runtime.Device;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Oclgrind's findings. It is an OpenCL platform that interprets kernels and writes each read or write outside a buffer and
 * each data race to the file that the environment variable {@code OCLGRIND_LOG} names.
 */
public final class Sanitizer {
    private final Path log;
    private long seen;

    private Sanitizer(Path log) {
        this.log = log;
        this.seen = size(log);
    }

    /** Oclgrind, if it watches this device. */
    public static Optional<Sanitizer> of(Device device) {
        if (!device.info().platform().contains("Oclgrind")) {
            return Optional.empty();
        }
        String log = System.getenv("OCLGRIND_LOG");
        if (log == null || !"1".equals(System.getenv("OCLGRIND_DATA_RACES"))) {
            throw new AssertionError("Oclgrind runs without OCLGRIND_LOG or OCLGRIND_DATA_RACES=1: its findings would be lost");
        }
        return Optional.of(new Sanitizer(Path.of(log)));
    }

    /** What was found since the last call; empty if nothing was. */
    public String news() {
        long size = size(log);
        if (size == seen) {
            return "";
        }
        try {
            byte[] all = Files.readAllBytes(log);
            String text = new String(all, (int) seen, (int) (size - seen), StandardCharsets.UTF_8).strip();
            seen = size;
            return text;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long size(Path log) {
        try {
            return Files.exists(log) ? Files.size(log) : 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
