package dev.quern.examples.command;

import dev.quern.examples.ExampleModel;
import dev.quern.graph.capsule.Capsule;
import dev.quern.graph.capsule.OpenedStep;
import dev.quern.graph.extract.ExtractedRegion;
import dev.quern.graph.extract.StandaloneProgram;
import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.PlanStep;
import dev.quern.graph.plan.RegionSearch;
import dev.quern.layers.train.Trainer;
import dev.quern.runtime.Device;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code quern extract}: one region of a step as a program that stands alone. */
@Command(name = "extract", mixinStandardHelpOptions = true, usageHelpAutoWidth = true,
        description = {"Write one region of a model's step as a C program with its kernels, its real inputs and the results to expect.", "",
            "Edit the kernel texts and run it again to see whether they are still right, and how long they take. It needs a C compiler and an "
                    + "OpenCL driver, neither Quern nor Java.", ""},
        footer = {"", "For example: quern extract lenet 3.grad.conv2d_backward_data region",
            "             cd region && " + StandaloneProgram.COMMAND})
final class ExtractCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "MODEL|FILE",
            description = "The model, whose first training step is taken, or a capsule, whose step is taken.")
    private String from;

    @Parameters(index = "1", paramLabel = "NODE",
            description = "The region, by its own name, that of a node in it or of a layer, or its number in \"quern explain\": #7.")
    private String node;

    @Parameters(index = "2", paramLabel = "DIR", description = "The folder to write. Must be new or empty.")
    private Path folder;

    @Mixin
    private DeviceOption deviceOption;

    @Mixin
    private CompileOption compileOption;

    @Option(names = "--batch", paramLabel = "N", description = "Samples a step. By default the model's.")
    private Optional<Integer> batch;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        StandaloneProgram.requireEmpty(folder);
        Path file = Path.of(from);
        if (Files.isRegularFile(file)) {
            if (batch.isPresent()) {
                throw new UsageException("--batch " + batch.get() + ": a capsule's step has the batch that it has");
            }
            Capsule capsule = Capsule.read(file);
            try (Device device = deviceOption.open(out);
                    OpenedStep step = OpenedStep.open(capsule, device, compileOption.orElse(capsule.options()))) {
                write(out, step.plan(), device);
            }
            return;
        }
        ExampleModel model = ModelParameter.named(from);
        int samples = batch.orElse(model.recipe().batch());
        if (samples < 1) {
            throw new UsageException("--batch " + samples + ": must be at least 1");
        }
        try (Device device = deviceOption.open(out);
                Trainer trainer = new Trainer(model.task(), model.builtInData(), device,
                        model.recipe().batch(samples).compile(compileOption.options()))) {
            trainer.feed();
            write(out, trainer.plan(), device);
        }
    }

    private void write(PrintWriter out, Plan plan, Device device) {
        PlanStep region = RegionSearch.findOne(plan.steps(), node);
        List<String> files = StandaloneProgram.write(ExtractedRegion.of(plan, region, device.info().name()), folder);
        out.println("region " + region.region() + ": " + region.family() + "/" + region.variant() + ", " + region.launches().size()
                + (region.launches().size() == 1 ? " launch; " : " launches; ") + files.size() + " files in " + folder);
        out.println("then: cd " + folder + " && " + StandaloneProgram.COMMAND);
        out.flush();
    }
}
