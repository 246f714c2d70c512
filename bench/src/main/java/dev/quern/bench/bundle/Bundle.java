package dev.quern.bench.bundle;

import dev.quern.runtime.QuernException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What goes into the archive:
 *
 * <pre>
 * quern-gpu/run.sh        checks, then measures; prints a short table last
 * quern-gpu/java/         a Java runtime
 * quern-gpu/lib/          the command
 * quern-gpu/test-lib/     the tests and JUnit's console
 * quern-gpu/opencl/       an OpenCL loader, and the name of NVIDIA's OpenCL driver for it
 * quern-gpu/golden/       golden cases, where given
 * quern-gpu/mnist/        images of digits, where given
 * quern-gpu/BUNDLE        what it was made from
 * </pre>
 *
 * @param home   the folder of the sources, built
 * @param golden golden cases to take along
 * @param mnist  MNIST files to take along
 * @param facts  told in {@code BUNDLE}, by name
 */
public record Bundle(Path home, Optional<Path> golden, Optional<Path> mnist, Map<String, String> facts) {
    private static final String ROOT = "quern-gpu";
    private static final String FOREIGN = "-windows-";
    private static final String NVIDIA_OPENCL = "libnvidia-opencl.so.1\n";

    public Bundle {
        facts = Map.copyOf(facts);
    }

    /**
     * Makes the archive, whole or not at all.
     *
     * @param archive a {@code .tar.gz} file in a folder that exists
     * @throws QuernException if something that belongs into it is missing, or it cannot be written
     */
    public void write(Path archive) {
        Path lib = home.resolve("bench/target/quern/lib");
        Path testLib = home.resolve("bench/target/quern/test-lib");
        Path script = home.resolve("bench/gpu/run.sh");
        for (Path needed : List.of(lib, testLib, script)) {
            if (!Files.exists(needed)) {
                throw new QuernException("no " + needed + ": the bundle is made from built sources (./quern bundle builds them)");
            }
        }
        try {
            Path work = Files.createTempDirectory("quern-bundle");
            try {
                Path root = Files.createDirectory(work.resolve(ROOT));
                JavaImage.link(root.resolve("java"));
                List<String> taken = copyJars(lib, root.resolve("lib"), List.of());
                copyJars(testLib, root.resolve("test-lib"), taken);
                Path opencl = Files.createDirectories(root.resolve("opencl"));
                Files.copy(OpenClLoader.find(), opencl.resolve(OpenClLoader.NAME));
                Files.writeString(Files.createDirectory(opencl.resolve("vendors")).resolve("nvidia.icd"), NVIDIA_OPENCL);
                copyFolder(golden, root.resolve("golden"));
                copyFolder(mnist, root.resolve("mnist"));
                Files.copy(script, root.resolve("run.sh"), StandardCopyOption.COPY_ATTRIBUTES);
                Files.writeString(root.resolve("BUNDLE"), new TreeMap<>(facts).entrySet().stream()
                        .map(fact -> fact.getKey() + ": " + fact.getValue() + "\n").collect(Collectors.joining()));
                pack(work, archive);
            } finally {
                delete(work);
            }
        } catch (IOException | UncheckedIOException e) {
            throw new QuernException("the bundle cannot be made: " + e.getMessage(), e);
        }
    }

    /** Copies jars that are not taken yet, but those with natives of another system, and returns their names. */
    private static List<String> copyJars(Path from, Path to, List<String> taken) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            List<Path> jars = files.filter(file -> file.toString().endsWith(".jar"))
                    .filter(file -> !file.getFileName().toString().contains(FOREIGN))
                    .filter(file -> !taken.contains(file.getFileName().toString())).sorted().toList();
            for (Path jar : jars) {
                Files.copy(jar, to.resolve(jar.getFileName()));
            }
            return jars.stream().map(jar -> jar.getFileName().toString()).toList();
        }
    }

    private static void copyFolder(Optional<Path> from, Path to) throws IOException {
        if (from.isEmpty()) {
            return;
        }
        try (Stream<Path> tree = Files.walk(from.get())) {
            for (Path file : (Iterable<Path>) tree::iterator) {
                Files.copy(file, to.resolve(from.get().relativize(file).toString()));
            }
        }
    }

    /** The system's tar keeps what archives for other systems lose: which files are executable. */
    private static void pack(Path work, Path archive) throws IOException {
        Path part = archive.resolveSibling(archive.getFileName() + ".part");
        Process tar;
        try {
            tar = new ProcessBuilder("tar", "-czf", part.toAbsolutePath().toString(), ROOT).directory(work.toFile())
                    .redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new QuernException("no tar to make the archive with: " + e.getMessage(), e);
        }
        try {
            String said = new String(tar.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (tar.waitFor() != 0) {
                throw new QuernException("tar failed on " + archive + ": " + said);
            }
            try {
                Files.move(part, archive, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } catch (AtomicMoveNotSupportedException e) {
                Files.move(part, archive, StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new QuernException("interrupted while making " + archive, e);
        } finally {
            tar.destroyForcibly();
            Files.deleteIfExists(part);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path file : (Iterable<Path>) tree.sorted(Comparator.reverseOrder())::iterator) {
                Files.delete(file);
            }
        }
    }
}
