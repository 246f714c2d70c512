package dev.quern.bench;

import dev.quern.bench.profile.LaunchCost;
import dev.quern.examples.ExampleModel;
import dev.quern.examples.command.StepOption;
import dev.quern.examples.command.Table;
import dev.quern.examples.command.UsageException;
import dev.quern.graph.plan.Plan;
import dev.quern.layers.train.TrainOptions;
import dev.quern.layers.train.Trainer;
import dev.quern.runtime.Device;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.HostCode;
import dev.quern.runtime.Kernel;
import dev.quern.runtime.KernelText;
import dev.quern.runtime.Launch;
import dev.quern.runtime.Memory;
import dev.quern.runtime.ProgramSource;
import java.io.PrintWriter;
import java.lang.foreign.ValueLayout;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code quern bench launches}: what a launch costs the host. */
@Command(name = "launches", mixinStandardHelpOptions = true, usageHelpAutoWidth = true,
        description = {"Measure what a launch costs the thread that replays a step, until it has given the last one to the device: for kernels that "
            + "do nothing, as many as the model's step has, and for those of the step itself. Inputs are not copied.",
            "",
            "Processor time is that of the calling thread alone. Its wall clock also runs while it waits for a core. On the host device the calling "
            + "thread does the work, so that both columns hold it.",
            ""})
final class LaunchesCommand implements Runnable {
    private static final int WARM = 100;
    private static final String EMPTY = "Q_KERNEL void touch(Q_GLOBAL float* y) { if (Q_GLOBAL_ID(0) == 0) { y[0] = 1.0f; } }\n";

    @Spec
    private CommandSpec spec;

    @Mixin
    private StepOption stepOption;

    @Option(names = "--replays", paramLabel = "N", defaultValue = "1000", description = "How many to measure. By default ${DEFAULT-VALUE}.")
    private int replays;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        ExampleModel model = stepOption.model();
        int samples = stepOption.samples();
        if (replays < 1) {
            throw new UsageException("--replays " + replays + ": must be at least 1");
        }
        TrainOptions options = model.recipe().batch(samples).compile(stepOption.compile());
        try (Device device = stepOption.open(out); Trainer trainer = new Trainer(model.task(), model.builtInData(), device, options);
                Memory memory = device.allocate(Float.BYTES, "what an empty kernel touches")) {
            Plan plan = StillStep.of(trainer, options);
            // Once as in training, so that the inputs are on the device.
            plan.run();
            plan.finish();
            List<Launch> step = plan.boundLaunches();
            Table table = new Table("LAUNCHES", ">COUNT", ">LEAST us", ">MEDIAN us", ">90% us", ">PROCESSOR us", ">90% us", ">WHOLE us");
            row(table, "empty", LaunchCost.measure(device, Collections.nCopies(step.size(), empty(device, memory)), WARM, replays));
            row(table, model.name() + ", batch " + samples, LaunchCost.measure(device, step, WARM, replays));
            out.println("microseconds a launch of the calling thread, wall clock and processor time (medians), and until the device is done");
            table.print(out);
        }
    }

    private static Launch empty(Device device, Memory memory) {
        ProgramSource source = device.info().runs(Dialect.PORTABLE) ? KernelText.of("bench/touch", Dialect.PORTABLE, EMPTY)
                : HostCode.of("bench/touch", "touch", (arguments, group) -> arguments.memory(0).setAtIndex(ValueLayout.JAVA_FLOAT, 0, 1));
        Kernel kernel = device.compile(source).kernel("touch");
        return new Launch("touch", kernel, Grid.ofTiles(1), List.of(memory.slice()));
    }

    private static void row(Table table, String what, LaunchCost cost) {
        table.row(what, Integer.toString(cost.launches()), number(cost.wall()[0]), number(LaunchCost.quantile(cost.wall(), 0.5)),
                number(LaunchCost.quantile(cost.wall(), 0.9)), number(LaunchCost.quantile(cost.processor(), 0.5)),
                number(LaunchCost.quantile(cost.processor(), 0.9)), number(LaunchCost.quantile(cost.whole(), 0.5)));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }
}
