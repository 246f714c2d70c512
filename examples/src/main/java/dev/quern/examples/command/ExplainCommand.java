package dev.quern.examples.command;

import dev.quern.examples.ExampleModel;
import dev.quern.graph.compile.Compiler;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.GraphText;
import dev.quern.graph.pass.Pipeline;
import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.PlanStep;
import dev.quern.graph.plan.RegionSearch;
import dev.quern.graph.plan.State;
import dev.quern.graph.report.ExplanationJson;
import dev.quern.graph.report.ExplanationPage;
import dev.quern.layers.train.ModelGraph;
import dev.quern.runtime.Device;
import dev.quern.runtime.QuernException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code quern explain}: the plan of a model's training step, and why it is as it is. */
@Command(name = "explain", mixinStandardHelpOptions = true, usageHelpAutoWidth = true,
        description = "Show the plan of a training step: kernels, what was fused and what was not and why, variants, memory.")
final class ExplainCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Mixin
    private StepOption stepOption;

    @Option(names = "--node", paramLabel = "NAME",
            description = "Show only the region of this name, with this node, of this layer, or of this number (#7).")
    private Optional<String> node;

    @Option(names = "--line", paramLabel = "FILE:LINE", description = "Show only the regions that a line of the model became, such as LeNet.java:26.")
    private Optional<String> line;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the same as JSON, with the texts of all kernels, to this file.")
    private Optional<Path> json;

    @Option(names = "--html", paramLabel = "FILE",
            description = "Write the same as a page with the regions drawn, which needs nothing else, to this file.")
    private Optional<Path> html;

    @Option(names = "--dump-after", paramLabel = "PASS",
            description = "Print the graph as it is after a pass, and nothing else: input, or one of the compiler's (an unknown name lists them).")
    private Optional<String> dumpAfter;

    @Option(names = "--dump", paramLabel = "DIR", description = "Write each kernel's source, assembly and machine code, as far as "
            + "the device has them, and a table of what each takes of the device into this folder.")
    private Optional<Path> dump;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        ExampleModel model = stepOption.model();
        ModelGraph training = ModelGraph.training(model.task(), stepOption.samples(), model.recipe().optimizer());
        if (dumpAfter.isPresent()) {
            out.print(GraphText.of(afterPass(training.graph(), dumpAfter.get())));
            out.flush();
            return;
        }
        Optional<OutputFile> data = json.map(path -> OutputFile.require("--json", path));
        Optional<OutputFile> page = html.map(path -> OutputFile.require("--html", path));
        try (Device device = stepOption.open(out);
                State state = State.create(device);
                Plan plan = Compiler.compile(training.graph(), device, state, stepOption.compile())) {
            out.println("platform " + device.info().platform());
            out.print(text(plan));
            data.ifPresent(file -> file.write(ExplanationJson.of(plan.explanation())));
            page.ifPresent(file -> file.write(ExplanationPage.of(plan.explanation())));
            dump.ifPresent(folder -> KernelDump.write(plan, folder, out));
            out.flush();
        }
    }

    private String text(Plan plan) {
        if (node.isEmpty() && line.isEmpty()) {
            return plan.explain();
        }
        Set<PlanStep> wanted = new LinkedHashSet<>();
        node.ifPresent(name -> wanted.addAll(RegionSearch.find(plan.steps(), name)));
        line.ifPresent(source -> wanted.addAll(RegionSearch.ofLine(plan.steps(), source)));
        return plan.explain(plan.steps().stream().filter(wanted::contains).toList());
    }

    private Graph afterPass(Graph graph, String pass) {
        try {
            return Pipeline.standard().after(graph, pass);
        } catch (QuernException e) {
            throw new ParameterException(spec.commandLine(), "--dump-after " + pass + ": " + e.getMessage());
        }
    }
}
