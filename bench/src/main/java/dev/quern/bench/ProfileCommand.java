package dev.quern.bench;

import dev.quern.bench.ceiling.CeilingRun;
import dev.quern.bench.ceiling.Ceilings;
import dev.quern.bench.profile.ProfileReport;
import dev.quern.examples.ExampleModel;
import dev.quern.examples.command.OutputFile;
import dev.quern.examples.command.StepOption;
import dev.quern.examples.command.UsageException;
import dev.quern.graph.profile.ChromeTrace;
import dev.quern.graph.profile.Profile;
import dev.quern.layers.data.BatchLoader;
import dev.quern.layers.train.ModelGraph;
import dev.quern.layers.train.TrainOptions;
import dev.quern.layers.train.Trainer;
import dev.quern.runtime.Device;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code quern profile}: where the time of a training step goes. */
@Command(name = "profile", mixinStandardHelpOptions = true, usageHelpAutoWidth = true,
        description = {"Time every kernel of a model's training step, and rank them by the time lost against the device's ceilings.",
            "",
            "Kernels are timed on the device's own clock, whole steps on the wall clock, in turns. Ceilings are measured first.",
            ""})
final class ProfileCommand implements Callable<Integer> {
    private static final int WARM_STEPS = 5;

    @Spec
    private CommandSpec spec;

    @Mixin
    private StepOption stepOption;

    @Option(names = "--steps", paramLabel = "N", defaultValue = "50", description = "Steps of each kind to measure. By default ${DEFAULT-VALUE}.")
    private int steps;

    @Option(names = "--trace", paramLabel = "FILE", description = "Write a trace for Perfetto or chrome://tracing.")
    private Optional<Path> trace;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the table to this file.")
    private Optional<Path> json;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        ExampleModel model = stepOption.model();
        int samples = stepOption.samples();
        if (steps < 1) {
            throw new UsageException("--steps " + steps + ": must be at least 1");
        }
        Optional<OutputFile> traceFile = trace.map(path -> OutputFile.require("--trace", path));
        Optional<OutputFile> jsonFile = json.map(path -> OutputFile.require("--json", path));
        TrainOptions options = model.recipe().batch(samples).compile(stepOption.compile());
        try (Device device = stepOption.open(out); Trainer trainer = new Trainer(model.task(), model.builtInData(), device, options)) {
            Ceilings ceilings = CeilingRun.measure(device);
            CeilingsCommand.print(out, ceilings);
            Profile profile = Profile.measure(StillStep.of(trainer, options), WARM_STEPS, steps);
            ProfileReport report = new ProfileReport(model.name(), device.info().id(), samples, profile, ceilings);
            report.print(out);
            traceFile.ifPresent(file -> file.write(ChromeTrace.json(profile)));
            jsonFile.ifPresent(file -> file.write(report.json()));
            return 0;
        }
    }
}
