package dev.quern.bench.peer;

import dev.quern.runtime.QuernException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The peers by name: how each is started, or why it is absent and how to get it. */
public final class PeerCatalogue {
    private static final String BUILD = "absent; to get it: mvn -q -Ppeers -DskipTests package";
    private static final String PYTHON_SOURCE = "torch_peer.py";
    private static final int IMPORT_SECONDS = 60;

    private static final String CLBLAST = "libclblast.so.1";
    private static final List<String> SYSTEM_LIBRARIES = List.of("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu",
            "/usr/lib64", "/usr/lib", "/usr/local/lib");

    private final Path javaPeers;

    /**
     * The peers of an installation.
     *
     * @param home the folder of the sources, where {@code bench/peers/target/lib} is once the peers are built
     */
    public PeerCatalogue(Path home) {
        this.javaPeers = home.resolve("bench").resolve("peers").resolve("target").resolve("lib");
    }

    /** A peer as it was found. */
    public sealed interface Found {
        /** It can be started with this command. */
        record Present(List<String> command) implements Found {
        }

        /** It cannot, for this reason. */
        record Absent(String reason) implements Found {
        }
    }

    /**
     * Looks for a peer.
     *
     * @throws QuernException if there is no peer of that name; the message lists those there are
     */
    public Found find(String name) {
        return switch (name) {
            case "openblas" -> java(name, "openblas-");
            case "pytorch" -> java(name, "pytorch-engine-");
            case "pytorch-python" -> python("cpu", "import torch", "no python3 with torch (Debian: apt install python3-torch)");
            case "pytorch-cuda", "pytorch-compile", "pytorch-graph" -> python(name.substring("pytorch-".length()),
                    "import torch, sys; sys.exit(not torch.cuda.is_available())", "no python3 with a torch that sees a CUDA device");
            case "clblast" -> clblast();
            case "onnxruntime" -> java(name, "onnxruntime-");
            default -> throw new QuernException("no peer is named " + name + "; there are openblas, clblast, pytorch, "
                    + "pytorch-python, pytorch-cuda, pytorch-compile, pytorch-graph, onnxruntime");
        };
    }

    /** A library of the system's: looked for where the system looks, loaded by the child alone. */
    private static Found clblast() {
        String paths = System.getenv().getOrDefault("LD_LIBRARY_PATH", "");
        boolean there = Stream.concat(Arrays.stream(paths.split(":")), SYSTEM_LIBRARIES.stream()).filter(path -> !path.isEmpty())
                .anyMatch(path -> Files.exists(Path.of(path, CLBLAST)));
        if (!there) {
            return new Found.Absent("absent: no " + CLBLAST + " (Debian: apt install libclblast1)");
        }
        return new Found.Present(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"), PeerServer.class.getName(),
                "clblast"));
    }

    private Found java(String name, String jar) {
        File[] jars = javaPeers.toFile().listFiles((_, file) -> file.startsWith(jar));
        if (jars == null || jars.length == 0) {
            return new Found.Absent(BUILD);
        }
        return new Found.Present(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
                // Extracted natives stay beside the build instead of in the user's home.
                "-Dorg.bytedeco.javacpp.cachedir=" + javaPeers.resolveSibling("javacpp"),
                "-DDJL_CACHE_DIR=" + javaPeers.resolveSibling("djl"),
                "-cp", javaPeers.resolve("*") + File.pathSeparator + System.getProperty("java.class.path"),
                PeerServer.class.getName(), name));
    }

    /**
     * The python on the path may be one without the system's packages, so the system's own is asked too.
     *
     * @param mode  what the script is told
     * @param probe a program that succeeds where the peer can run
     * @param lack  what is missing where it fails
     */
    private static Found python(String mode, String probe, String lack) {
        for (String python : List.of("python3", "/usr/bin/python3")) {
            if (succeeds(python, probe)) {
                return new Found.Present(List.of(python, "-u", "-c", pythonSource(), mode));
            }
        }
        return new Found.Absent("absent: " + lack);
    }

    private static boolean succeeds(String python, String program) {
        try {
            Process probe = new ProcessBuilder(python, "-c", program).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
            if (!probe.waitFor(IMPORT_SECONDS, TimeUnit.SECONDS)) {
                probe.destroyForcibly();
                return false;
            }
            return probe.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while looking for python3", e);
        }
    }

    private static String pythonSource() {
        try (InputStream source = PeerCatalogue.class.getResourceAsStream(PYTHON_SOURCE)) {
            if (source == null) {
                throw new IllegalStateException(PYTHON_SOURCE + " is missing beside " + PeerCatalogue.class.getName());
            }
            return new String(source.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
