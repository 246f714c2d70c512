package dev.quern.runtime.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * The emulated CUDA device, a driver library that runs kernels on the processor ({@code runtime/src/test/cuda-emulated}). The system's
 * loader finds it at a process's start, so that it takes a process of its own to see it: {@link #child}.
 */
public final class EmulatedCuda {
    private static final Path SOURCES = Path.of("src", "test", "cuda-emulated");
    private static final Path BUILT = Path.of("target", "cuda-emulated");

    private EmulatedCuda() {
    }

    /**
     * A process that sees the device, with more environment variables. Built first where it is not; where it cannot be, the test is
     * aborted with the reason, or fails if {@code QUERN_REQUIRE} names {@code cuda}.
     */
    public static ChildJvm child(Map<String, String> more) throws IOException, InterruptedException {
        Optional<String> absence = build();
        if (absence.isPresent()) {
            if (TestDevices.required().contains("cuda")) {
                Assertions.fail("QUERN_REQUIRE names cuda: " + absence.get());
            }
            Assumptions.abort(absence.get());
        }
        Map<String, String> environment = new HashMap<>(more);
        environment.put("LD_LIBRARY_PATH", BUILT.toAbsolutePath().toString());
        environment.put("CUDA_VISIBLE_DEVICES", "0");
        return new ChildJvm(List.of("--enable-native-access=ALL-UNNAMED", "--illegal-native-access=deny", "-Dquern.cache=off"), environment);
    }

    /** Why it is not there; empty if it is. */
    private static Optional<String> build() throws IOException, InterruptedException {
        if (!System.getProperty("os.name").equals("Linux")) {
            return Optional.of("the emulated CUDA device needs Linux");
        }
        if (!Files.exists(SOURCES)) {
            return Optional.of("the emulated CUDA device's sources are not in " + SOURCES.toAbsolutePath());
        }
        Process build = new ProcessBuilder("sh", SOURCES.resolve("build.sh").toString(), BUILT.toString()).redirectErrorStream(true)
                .start();
        String said = new String(build.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (build.waitFor() != 0) {
            Assertions.fail(said);
        }
        return Files.exists(BUILT.resolve("built")) ? Optional.empty() : Optional.of(said);
    }
}
