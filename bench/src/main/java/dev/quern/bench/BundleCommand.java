package dev.quern.bench;

import dev.quern.bench.bundle.Bundle;
import dev.quern.bench.result.Environment;
import dev.quern.examples.command.OutputFile;
import dev.quern.examples.command.UsageException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code quern bundle}: what a machine with a GPU needs to check and measure Quern, in one archive. */
@Command(name = "bundle", mixinStandardHelpOptions = true, usageHelpAutoWidth = true,
        description = {"Pack Quern, its tests and a Java runtime for a Linux machine that has an NVIDIA driver but no Java, Maven "
            + "or network.",
            "Unpack it there and run quern-gpu/run.sh; or, in a checkout, leave it where it is and run bench/gpu/run.sh."})
final class BundleCommand implements Runnable {
    private static final double MIB = 1 << 20;

    @Spec
    private CommandSpec spec;

    @Option(names = "--output", paramLabel = "FILE",
            description = "The archive. By default bench/target/quern-bundle.tar.gz, where bench/gpu/run.sh looks for it.")
    private Optional<Path> output;

    @Option(names = "--golden", paramLabel = "DIR", description = "Take these golden cases along.")
    private Optional<Path> golden;

    @Option(names = "--data", paramLabel = "DIR", description = "Take these MNIST files along, to train LeNet.")
    private Optional<Path> mnist;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        if (!System.getProperty("os.name").equals("Linux")) {
            throw new UsageException("the bundle takes along the Java and the native libraries of this machine: make it on Linux");
        }
        golden.ifPresent(folder -> requireFolder("--golden", folder));
        mnist.ifPresent(folder -> requireFolder("--data", folder));
        Path home = BenchCommand.home().toAbsolutePath().normalize();
        Path archive = OutputFile.require("--output", output.orElse(home.resolve("bench/target/quern-bundle.tar.gz"))).path();
        Map<String, String> facts = new LinkedHashMap<>(Environment.ofMachine(home).facts());
        new Bundle(home, golden, mnist, facts).write(archive);
        out.println(String.format(Locale.ROOT, "bundle: %s, %.1f MiB", archive, size(archive) / MIB));
    }

    private static void requireFolder(String option, Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new UsageException(option + " " + folder + ": there is no such folder");
        }
    }

    private static long size(Path archive) {
        try {
            return Files.size(archive);
        } catch (IOException e) {
            throw new UsageException(archive + " cannot be read: " + e.getMessage());
        }
    }
}
