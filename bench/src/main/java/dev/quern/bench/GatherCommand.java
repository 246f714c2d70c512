package dev.quern.bench;

import dev.quern.bench.result.Gathering;
import dev.quern.examples.command.OutputFile;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code quern bench gather}: one file from several. */
@Command(name = "gather", mixinStandardHelpOptions = true,
        description = "Join JSON files of one machine (results, probes, training reports) into one result file.")
final class GatherCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "The files; at least one is of quern bench --json.")
    private List<Path> files;

    @Option(names = "--output", required = true, paramLabel = "FILE", description = "The joined file.")
    private Path output;

    @Override
    public void run() {
        OutputFile target = OutputFile.require("--output", output);
        target.write(Gathering.of(files));
        spec.commandLine().getOut().println("results: " + target.path());
    }
}
