package dev.quern.examples.command;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import dev.quern.examples.ExampleModel;
import dev.quern.graph.plan.State;
import dev.quern.layers.checkpoint.Checkpoint;
import dev.quern.layers.data.Samples;
import dev.quern.layers.data.Split;
import dev.quern.layers.train.Evaluation;
import dev.quern.layers.train.Evaluator;
import dev.quern.layers.train.Meter;
import dev.quern.layers.train.Task;
import dev.quern.runtime.Device;
import dev.quern.runtime.DeviceInfo;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code quern eval}: says how well a checkpoint does on the test data. */
@Command(name = "eval", mixinStandardHelpOptions = true, usageHelpAutoWidth = true,
        description = "Evaluate a checkpoint on the test data.")
final class EvalCommand implements Runnable {
    /** Checkpoints from elsewhere say nothing about a batch, and a damaged one may say anything. */
    private static final long MOST_SAMPLES = 1 << 12;

    @Spec
    private CommandSpec spec;

    @Mixin
    private ModelParameter modelParameter;

    @Option(names = "--load", paramLabel = "FILE", required = true, description = "The checkpoint (safetensors).")
    private Path load;

    @Mixin
    private DataOption dataOption;

    @Mixin
    private DeviceOption deviceOption;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the result to this file.")
    private Optional<Path> json;

    @Option(names = "--classes", description = "Also show precision, recall and F1 of each class, what was taken for what, and how often "
            + "the right class was among the first few.")
    private boolean classes;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        modelParameter.model();
        Optional<OutputFile> file = json.map(path -> OutputFile.require("--json", path));
        Checkpoint checkpoint = Checkpoint.read(load);
        checkpoint.requireModel(modelParameter.model().name());
        ExampleModel model = modelParameter.model(checkpoint.content().metadata());
        Split<? extends Samples> all = model.fit(dataOption.read(model), checkpoint.content().metadata());
        Samples data = all.test();
        Task task = model.task(all);
        try (Device device = deviceOption.open(out);
                State state = State.create(device);
                Evaluator evaluator = new Evaluator(task, batch(checkpoint, model), device, state)) {
            Weights.load(evaluator, checkpoint, model, out);
            Meter meter = task.meter();
            Evaluation evaluation = evaluator.evaluate(data, meter);
            out.println(String.format(Locale.ROOT, "%s: test %s (%,d samples); %s", model.name(), Measures.all(evaluation),
                    evaluation.samples(), data.name()));
            if (classes) {
                ClassTable.print(out, task, meter);
            }
            file.ifPresent(target -> target.write(json(model, device.info(), evaluation)));
        }
    }

    /** As in training, so that kernels which were built then are found again. */
    private static int batch(Checkpoint checkpoint, ExampleModel model) {
        boolean told = checkpoint.content().metadata().containsKey("batch");
        long batch = told ? checkpoint.number("batch") : model.recipe().batch();
        return batch >= 1 && batch <= MOST_SAMPLES ? (int) batch : model.recipe().batch();
    }

    private static String json(ExampleModel model, DeviceInfo device, Evaluation evaluation) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.setPrettyPrinter(new DefaultPrettyPrinter());
            json.writeStartObject();
            json.writeStringField("model", model.name());
            json.writeStringField("device", device.id());
            json.writeStringField("device_name", device.name());
            json.writeNumberField("samples", evaluation.samples());
            Measures.write(json, evaluation.metrics());
            json.writeNumberField("seconds", evaluation.seconds());
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text + "\n";
    }
}
