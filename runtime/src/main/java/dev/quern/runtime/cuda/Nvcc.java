package dev.quern.runtime.cuda;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import dev.quern.runtime.DeviceException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The compiler driver {@code nvcc}, run as a process with a private folder for its files. */
final class Nvcc implements CudaCompiler {
    private static final Logger LOG = LoggerFactory.getLogger(Nvcc.class);
    private static final Pattern VERSION = Pattern.compile("release (\\d+\\.\\d+), V([\\d.]+)");
    private static final int MINUTES = 10;
    private static final String SOURCE = "program.cu";
    private static final String OUTPUT = "program.out";
    private static final String LOG_FILE = "log.txt";

    private final Path command;
    private final String name;

    private Nvcc(Path command, String name) {
        this.command = command;
        this.name = name;
    }

    /** The first {@code nvcc} of a search path that can be run. */
    static Optional<Nvcc> find(String searchPath) {
        String file = NativeLibrary.windows() ? "nvcc.exe" : "nvcc";
        for (String folder : searchPath.split(File.pathSeparator)) {
            Path command = Path.of(folder).resolve(file);
            if (!folder.isEmpty() && Files.isExecutable(command)) {
                return version(command).map(version -> new Nvcc(command, "nvcc " + version));
            }
        }
        return Optional.empty();
    }

    private static Optional<String> version(Path command) {
        try {
            Run run = inFolder(folder -> run(folder, List.of(command.toString(), "--version")));
            Matcher matcher = VERSION.matcher(run.log);
            if (run.status == 0 && matcher.find()) {
                return Optional.of(matcher.group(2));
            }
            LOG.debug("{} does not tell its version: {}", command, run.log);
        } catch (IOException e) {
            LOG.debug("{} cannot be run", command, e);
        }
        return Optional.empty();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public byte[] image(String source, String program, String arch) throws CudaCompileFailure {
        return compile(source, program, "--cubin", arch);
    }

    @Override
    public byte[] ptx(String source, String program, String arch) throws CudaCompileFailure {
        return compile(source, program, "--ptx", CudaCompiler.virtual(arch));
    }

    private byte[] compile(String source, String program, String form, String target) throws CudaCompileFailure {
        List<String> line = new ArrayList<>(List.of(command.toString(), form, "--gpu-architecture=" + target));
        line.addAll(CudaSource.OPTIONS);
        line.addAll(List.of("-o", OUTPUT, SOURCE));
        try {
            Run run = inFolder(folder -> {
                Files.writeString(folder.resolve(SOURCE), source);
                return run(folder, line);
            });
            if (run.status != 0) {
                throw new CudaCompileFailure(run.log);
            }
            return run.output;
        } catch (IOException e) {
            throw new DeviceException(name + " could not be run for " + program + ": " + e.getMessage(), e);
        }
    }

    /** What a process left: its status, what it printed and the file that it made, empty if none. */
    private record Run(int status, String log, byte[] output) {
    }

    @FunctionalInterface
    private interface Work {
        Run in(Path folder) throws IOException;
    }

    /** In a new folder that nobody else can enter, which is removed with all that is in it. */
    private static Run inFolder(Work work) throws IOException {
        Path folder = Files.createTempDirectory("quern-nvcc");
        try {
            return work.in(folder);
        } finally {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    private static Run run(Path folder, List<String> line) throws IOException {
        Path log = folder.resolve(LOG_FILE);
        ProcessBuilder builder = new ProcessBuilder(line).directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(log.toFile());
        // nvcc's own steps leave their files here instead of in the folder that everybody shares.
        builder.environment().put(NativeLibrary.windows() ? "TMP" : "TMPDIR", folder.toString());
        Process process = builder.start();
        try {
            process.getOutputStream().close();
            if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
                throw new IOException(line.getFirst() + " did not end within " + MINUTES + " minutes");
            }
            Path output = folder.resolve(OUTPUT);
            return new Run(process.exitValue(), Files.readString(log, StandardCharsets.UTF_8),
                    Files.exists(output) ? Files.readAllBytes(output) : new byte[0]);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for " + line.getFirst(), e);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }
}
