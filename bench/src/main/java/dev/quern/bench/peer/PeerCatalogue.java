package dev.quern.bench.peer;

import dev.quern.runtime.QuernException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** The peers by name: how each is started, or why it is absent and how to get it. */
public final class PeerCatalogue {
    private static final String BUILD = "absent; to get it: mvn -q -Ppeers -DskipTests package";
    private static final String PYTHON_SOURCE = "torch_peer.py";

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

    /** Every name and what it stands for. */
    public Map<String, String> names() {
        Map<String, String> names = new TreeMap<>();
        names.put("openblas", "OpenBLAS through JavaCPP");
        names.put("pytorch", "PyTorch through DJL");
        names.put("pytorch-python", "PyTorch in Python, where python3 has torch");
        return names;
    }

    /** Looks for a peer. */
    public Found find(String name) {
        return switch (name) {
            case "openblas" -> java(name, "openblas-");
            case "pytorch" -> java(name, "pytorch-engine-");
            case "pytorch-python" -> python();
            default -> throw new QuernException("no peer is named " + name + "; there are " + names().keySet());
        };
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

    private Found python() {
        try {
            Process probe = new ProcessBuilder("python3", "-c", "import torch").redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
            if (!probe.waitFor(60, TimeUnit.SECONDS)) {
                probe.destroyForcibly();
                return new Found.Absent("absent: python3 did not import torch within a minute");
            }
            return probe.exitValue() == 0 ? new Found.Present(List.of("python3", "-u", "-c", pythonSource()))
                    : new Found.Absent("absent: python3 has no torch (Debian: apt install python3-torch)");
        } catch (IOException e) {
            return new Found.Absent("absent: there is no python3");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while looking for python3", e);
        }
    }

    private static String pythonSource() throws IOException {
        try (InputStream source = PeerCatalogue.class.getResourceAsStream(PYTHON_SOURCE)) {
            if (source == null) {
                throw new IllegalStateException(PYTHON_SOURCE + " is missing beside " + PeerCatalogue.class.getName());
            }
            return new String(source.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
