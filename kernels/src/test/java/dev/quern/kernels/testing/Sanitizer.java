package dev.quern.kernels.testing;

import dev.quern.runtime.Device;
import dev.quern.runtime.testing.TestDevices;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What finds reads and writes outside of buffers and data races while kernels run, and writes each to a file: Oclgrind, an OpenCL
 * platform that interprets kernels, or the emulated CUDA device, which compiles them so that each access tells of itself.
 */
public final class Sanitizer {
    private final String name;
    private final Path log;
    private long seen;

    private Sanitizer(String name, Path log) {
        this.name = name;
        this.log = log;
        this.seen = size(log);
    }

    /** The device that tests with the tag {@code oclgrind} run on: the one that {@code quern.test.devices} names, else Oclgrind's. */
    public static Device device() {
        String named = System.getProperty("quern.test.devices", "");
        return TestDevices.shared(named.isEmpty() ? "opencl:0" : named);
    }

    /** What watches this device, if anything does. */
    public static Optional<Sanitizer> of(Device device) {
        if (device.info().platform().contains("Oclgrind")) {
            return Optional.of(logging("Oclgrind", "OCLGRIND_LOG", "OCLGRIND_DATA_RACES"));
        }
        if (device.info().name().startsWith("emulated and checked")) {
            return Optional.of(logging("emulated CUDA device", "QUERN_EMULATED_REPORT", "QUERN_EMULATED_CHECK"));
        }
        return Optional.empty();
    }

    private static Sanitizer logging(String name, String file, String enabled) {
        String log = System.getenv(file);
        if (log == null || !"1".equals(System.getenv(enabled))) {
            throw new AssertionError(name + " runs without " + file + " or " + enabled + "=1: its findings would be lost");
        }
        return new Sanitizer(name, Path.of(log));
    }

    /** What was found since the last call, after the finder's name; empty if nothing was. */
    public String news() {
        long size = size(log);
        if (size == seen) {
            return "";
        }
        try {
            byte[] all = Files.readAllBytes(log);
            String text = new String(all, (int) seen, (int) (size - seen), StandardCharsets.UTF_8).strip();
            seen = size;
            return name + ": " + text;
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
