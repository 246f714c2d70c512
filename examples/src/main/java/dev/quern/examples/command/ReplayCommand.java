package dev.quern.examples.command;

import dev.quern.graph.capsule.Capsule;
import dev.quern.graph.capsule.Replay;
import dev.quern.runtime.Device;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code quern replay}: a kept step run again, and whether it comes out the same. */
@Command(name = "replay", mixinStandardHelpOptions = true, usageHelpAutoWidth = true,
        description = {"Run a kept step again and say whether every bit is as it was, or how far off it is.", "",
            "On the device, driver and plan of the recording every bit must be equal; elsewhere each result must be within the tolerance. "
                    + "Exit code 1 says that it is not so.", ""},
        footer = {"", "A capsule is kept by: quern train lenet --epochs 1 --capsule step.capsule"})
final class ReplayCommand implements Callable<Integer> {
    private static final int MOST_CHANGES = 8;
    private static final int LONGEST_LINE = 180;

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "FILE", description = "The capsule.")
    private Path file;

    @Option(names = "--device", paramLabel = "ID", description = "Where to run. By default where it was recorded.")
    private Optional<String> device;

    @Option(names = "--tolerance", paramLabel = "X", defaultValue = "1e-4",
            description = "The largest relative difference (root mean square) where bits may differ. By default ${DEFAULT-VALUE}.")
    private double tolerance;

    @Option(names = "--all", description = "Show every result, not only those that differ most.")
    private boolean all;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        Tolerance.require(tolerance);
        Capsule capsule = Capsule.read(file);
        print(out, file, capsule);
        try (Device opened = DeviceOption.open(device.orElse(capsule.made().device()), out)) {
            Replay replay = Replay.run(capsule, opened);
            printChanges(out, replay.changes());
            if (!replay.foreign().isEmpty()) {
                out.println("bits may differ: " + replay.foreign());
            }
            if (all) {
                Table table = new Table("RESULT", "DIFFERENCE");
                replay.results().forEach(result -> table.row(result.name(), result.difference()));
                table.print(out);
            }
            out.println(verdict(replay));
            out.flush();
            return replay.holds(tolerance) ? 0 : 1;
        }
    }

    private void printChanges(PrintWriter out, List<String> changes) {
        if (all || changes.size() <= MOST_CHANGES) {
            changes.forEach(change -> out.println(change.length() <= LONGEST_LINE ? change : change.substring(0, LONGEST_LINE) + "…"));
        } else {
            out.println("the plan is another in " + changes.size() + " places (--all shows them)");
        }
    }

    static void print(PrintWriter out, Path file, Capsule capsule) {
        out.println(file + ": " + capsule.note() + ", recorded on " + capsule.made().device() + " " + capsule.made().deviceName()
                + ", plan " + capsule.made().hash());
    }

    private String verdict(Replay replay) {
        List<Replay.Result> results = replay.results();
        if (replay.isBitwise()) {
            return "bitwise equal: all " + results.size() + " results";
        }
        Replay.Result first = replay.firstDifferent().orElseThrow();
        long different = results.stream().filter(result -> !result.difference().bitwise()).count();
        Replay.Result worst = results.stream().max((one, other) -> Double.compare(one.difference().relative(), other.difference().relative()))
                .orElseThrow();
        return (replay.holds(tolerance) ? "within " + tolerance : "different") + ": " + different + " of " + results.size()
                + " results differ; the first is " + first.name() + " (" + first.difference() + ")"
                + (worst == first ? "" : ", the farthest off " + worst.name() + " (" + worst.difference() + ")");
    }
}
