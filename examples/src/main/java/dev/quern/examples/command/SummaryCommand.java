package dev.quern.examples.command;

import dev.quern.examples.ExampleModel;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.op.Parameter;
import dev.quern.layers.nn.LayerContext;
import dev.quern.layers.nn.LayerSummary;
import dev.quern.layers.nn.ParameterSpec;
import dev.quern.layers.train.ModelGraph;
import dev.quern.layers.train.Task;
import java.io.PrintWriter;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code quern summary}: a model's layers with what they hold and do. Nothing is allocated for it, on no device. */
@Command(name = "summary", mixinStandardHelpOptions = true, usageHelpAutoWidth = true,
        description = "Show a model's layers: shapes, parameters, floating-point operations, memory.",
        footer = {"", "Operations are multiplications and additions of convolutions, matrix products, attention and recurrences, for one sample "
            + "forward. Training takes about three times as many."})
final class SummaryCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ModelParameter modelParameter;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        ExampleModel model = modelParameter.model();
        Task task = model.task();
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
        out.println(String.format(Locale.ROOT, "forward, one sample: %,.3f Mflop, outputs of all layers %s",
                inside.summaries().stream().mapToLong(LayerSummary::flops).sum() / 1e6, mebibytes(outputs)));
        out.println("training: parameters and optimizer state " + mebibytes(state(ModelGraph.training(task, 2, model.recipe().optimizer()).graph()))
                + ", gradients " + mebibytes(inside.parameterCount() * Float.BYTES));
    }

    private static long bytes(ParameterSpec parameter) {
        return parameter.shape().elements() * parameter.dtype().bytes();
    }

    private static long state(Graph graph) {
        return graph.nodes().stream().filter(node -> node.op() instanceof Parameter).mapToLong(node -> node.types().getFirst().bytes()).sum();
    }

    private static String whole(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    private static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%,.2f MiB", bytes / 1048576.0);
    }
}
