package dev.quern.examples.command;

import dev.quern.examples.ExampleModel;
import dev.quern.examples.report.ModelDrawing;
import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.compile.Compiler;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.plan.PlanStatistics;
import dev.quern.layers.nn.LayerContext;
import dev.quern.layers.nn.LayerSummary;
import dev.quern.layers.nn.ParameterSpec;
import dev.quern.layers.train.ModelGraph;
import dev.quern.layers.train.Task;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.DeviceNotFoundException;
import dev.quern.runtime.Devices;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code quern summary}: a model's layers with what they hold and do. Nothing is allocated for it on any device. */
@Command(name = "summary", mixinStandardHelpOptions = true, usageHelpAutoWidth = true,
        description = "Show a model's layers: shapes, parameters, floating-point operations, memory.",
        footer = {"", "Operations are multiplications and additions of convolutions, matrix products, attention and recurrences, for one sample "
            + "forward. Training takes about three times as many."})
final class SummaryCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ModelParameter modelParameter;

    @Option(names = "--batch", paramLabel = "N", description = "Samples for which memory is told. By default the model's: lenet 64.")
    private Optional<Integer> batch;

    @Option(names = "--device", paramLabel = "ID", defaultValue = Devices.AUTO,
            description = "The device for which memory is told; nothing is allocated on it. By default the best one.")
    private String deviceId;

    @Option(names = "--svg", paramLabel = "FILE", description = "Draw the modules into this file.")
    private Optional<Path> drawing;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        ExampleModel model = modelParameter.model();
        Task task = model.task();
        Optional<OutputFile> svg = drawing.map(path -> OutputFile.require("--svg", path));
        LayerContext inside = ModelGraph.evaluation(task, 1).context();
        Table table = new Table("PATH", "LAYER", "OUTPUT", ">PARAMETERS", ">MFLOP");
        for (LayerSummary layer : inside.summaries()) {
            table.row(layer.path(), layer.layer(), layer.output(), layer.parameters() == 0 ? "" : whole(layer.parameters()),
                    layer.flops() == 0 ? "" : String.format(Locale.ROOT, "%,.3f", layer.flops() / 1e6));
        }
        table.print(out);
        out.println();
        long kept = inside.parameters().stream().mapToLong(SummaryCommand::bytes).sum();
        long buffers = inside.parameters().stream().filter(parameter -> !parameter.trained()).mapToLong(SummaryCommand::bytes).sum();
        long outputs = inside.summaries().stream().filter(LayerSummary::leaf).mapToLong(layer -> layer.output().elements() * Float.BYTES).sum();
        out.println(String.format(Locale.ROOT, "%s: %s parameters, %s%s", task.name(), whole(inside.parameterCount()), mebibytes(kept),
                buffers == 0 ? "" : " with " + whole(buffers / Float.BYTES) + " running statistics"));
        svg.ifPresent(file -> file.write(ModelDrawing.svg(title(model, inside), inside)));
        out.println(String.format(Locale.ROOT, "forward, one sample: %,.3f Mflop, outputs of all layers %s",
                inside.summaries().stream().mapToLong(LayerSummary::flops).sum() / 1e6, mebibytes(outputs)));
        DeviceInfo device = choose();
        int samples = batch.orElse(model.recipe().batch());
        if (samples < 1) {
            throw new UsageException("--batch " + samples + ": must be at least 1");
        }
        out.println("memory on " + device.id() + " by the plans, batch " + samples + ":");
        out.println("  training:   " + memory(ModelGraph.training(task, samples, model.recipe().optimizer()).graph(), device));
        out.println("  evaluation: " + memory(ModelGraph.evaluation(task, samples).graph(), device));
    }

    /** What stands above the drawing. */
    static String title(ExampleModel model, LayerContext inside) {
        return model.name() + ": " + whole(inside.parameterCount()) + " parameters";
    }

    private DeviceInfo choose() {
        try {
            return Devices.choose(deviceId).info();
        } catch (DeviceNotFoundException e) {
            throw new UsageException(e.getMessage());
        }
    }

    /** What a graph's plan would take of the device. */
    private static String memory(Graph graph, DeviceInfo device) {
        PlanStatistics plan = Compiler.blueprint(graph, device, CompileOptions.defaults()).statistics();
        long batches = plan.inputBytes() + plan.outputBytes();
        return mebibytes(plan.stateBytes() + plan.temporaryBytes() + batches) + ": parameters and optimizer state " + mebibytes(plan.stateBytes())
                + ", temporaries with gradients " + mebibytes(plan.temporaryBytes()) + ", batch and results " + mebibytes(batches);
    }

    private static long bytes(ParameterSpec parameter) {
        return parameter.shape().elements() * parameter.dtype().bytes();
    }

    private static String whole(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    private static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%,.2f MiB", bytes / 1048576.0);
    }
}
