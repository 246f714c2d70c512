package dev.quern.examples.command;

import dev.quern.examples.ExampleModel;
import dev.quern.examples.ExampleProgram;
import dev.quern.examples.Setting;
import dev.quern.layers.nn.LayerContext;
import dev.quern.layers.nn.LayerSummary;
import dev.quern.layers.train.ModelGraph;
import java.io.PrintWriter;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code quern models}: the models there are, with their layers. */
@Command(name = "models", description = "List the example models with their layers.", mixinStandardHelpOptions = true)
final class ModelsCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        for (ExampleModel model : ModelParameter.MODELS) {
            LayerContext inside = ModelGraph.evaluation(model.task(), 1).context();
            out.println(String.format(Locale.ROOT, "%s: %s, %,d parameters", model.name(), model.description(),
                    inside.parameterCount()));
            for (Setting setting : model.settings().all()) {
                out.println("  --set " + setting.name() + "=" + setting.value() + "  " + setting.description() + "; valid: " + setting.valid());
            }
            out.println();
            Table table = new Table("  PATH", "LAYER", "OUTPUT", ">PARAMETERS");
            for (LayerSummary layer : inside.summaries()) {
                table.row("  " + layer.path(), layer.layer(), layer.output(),
                        layer.parameters() == 0 ? "" : String.format(Locale.ROOT, "%,d", layer.parameters()));
            }
            table.print(out);
        }
        for (ExampleProgram program : ModelParameter.PROGRAMS) {
            out.println(program.name() + ": " + program.description() + ", a program of its own");
        }
    }
}
