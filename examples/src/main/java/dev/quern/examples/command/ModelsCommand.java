package dev.quern.examples.command;

import dev.quern.examples.Catalogue;
import dev.quern.examples.ExampleModel;
import dev.quern.examples.ExampleProgram;
import dev.quern.examples.Setting;
import dev.quern.layers.nn.LayerContext;
import dev.quern.layers.nn.LayerSummary;
import dev.quern.layers.train.ModelGraph;
import dev.quern.runtime.Devices;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code quern models}: the models there are, with their layers; or whether they reach what is documented. */
@Command(name = "models", description = "List the example models with their layers.", mixinStandardHelpOptions = true)
final class ModelsCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--verify", paramLabel = "NAME", description = "Train this model, or all, by the documented command and say whether the "
            + "documented bar holds. The exit code is 0 only if all do.")
    private Optional<String> verify;

    @Option(names = "--data", paramLabel = "DIR", description = "With --verify: a folder with the data, or with folders mnist and tinyshakespeare.")
    private Optional<Path> data;

    @Option(names = "--device", paramLabel = "ID", defaultValue = Devices.AUTO, description = "With --verify: the device. By default the best one.")
    private String device;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        if (verify.isPresent()) {
            if (data.isPresent() && !Files.isDirectory(data.get())) {
                throw new UsageException("--data " + data.get() + ": there is no such folder");
            }
            return new BarCheck(data, device, out, spec.commandLine().getErr()).all(BarCheck.named(verify.get())) ? 0 : 1;
        }
        if (data.isPresent()) {
            throw new UsageException("--data " + data.get() + ": means something only with --verify NAME");
        }
        list(out);
        return 0;
    }

    private static void list(PrintWriter out) {
        for (ExampleModel model : Catalogue.MODELS) {
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
        for (ExampleProgram program : Catalogue.PROGRAMS) {
            out.println(program.name() + ": " + program.description() + ", a program of its own");
        }
    }
}
