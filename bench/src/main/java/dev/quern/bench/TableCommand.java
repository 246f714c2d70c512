package dev.quern.bench;

import dev.quern.bench.report.GpuTable;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code quern bench table}: the README's table of GPUs. */
@Command(name = "table", mixinStandardHelpOptions = true,
        description = "Print what was measured on GPUs as the README's table, from the files of bench/gpu/run.sh.")
final class TableCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "DIR", description = "The folder of result files. By default bench/results.")
    private Optional<Path> folder;

    @Override
    public void run() {
        spec.commandLine().getOut().print(GpuTable.of(folder.orElse(BenchCommand.home().resolve("bench/results"))));
        spec.commandLine().getOut().flush();
    }
}
