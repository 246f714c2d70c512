package dev.quern.bench.profile;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.quern.bench.ceiling.Ceilings;
import dev.quern.examples.command.Table;
import dev.quern.graph.plan.PlanStep;
import dev.quern.graph.plan.PlanStep.PlanNode;
import dev.quern.graph.profile.Profile;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A profile as a table: regions ranked by the time that they take beyond what the ceilings allow, and the sum of each layer. */
public final class ProfileReport {
    private static final int MOST_LINES = 3;
    /** Where less of a step is accounted for, the report says what the rest is. */
    private static final double COVERED = 0.95;

    private final String model;
    private final String device;
    private final int batch;
    private final Profile profile;
    private final List<Line> lines;

    /** A region with the least time that the ceilings allow it. */
    private record Line(PlanStep step, double millis, double waited, Ceilings.Roof roof) {
        double lost() {
            return waited + millis - roof.seconds() * 1e3;
        }
    }

    /** A report of a model's step of {@code batch} samples on a device. */
    public ProfileReport(String model, String device, int batch, Profile profile, Ceilings ceilings) {
        this.model = model;
        this.device = device;
        this.batch = batch;
        this.profile = profile;
        this.lines = profile.regions().stream().map(region -> new Line(region.step(), region.millis(), region.waitMillis(),
                        // A region writes at least a part of what it moves; none of a step's is a pure read.
                        ceilings.roof(region.step().cost().flops(), region.step().cost().bytes(), region.step().cost().bytes() / 2)))
                .sorted(Comparator.comparingDouble((Line line) -> -line.lost())).toList();
    }

    /** Prints it. */
    public void print(PrintWriter out) {
        out.println();
        out.println(String.format(Locale.ROOT, "%s, batch %d, on %s: step %.3f ms (wall clock, median of %d)", model, batch, device,
                profile.stepMillis(), profile.steps()));
        out.println(String.format(Locale.ROOT, "timed launch by launch %.3f ms, of which %.1f%% is accounted for: kernels %.3f ms, waiting "
                + "between them %.3f ms, copying inputs %.3f ms", profile.timedMillis(), 100 * profile.covered(), profile.deviceMillis(),
                profile.waitMillis(), profile.copyMillis()));
        if (profile.covered() < COVERED) {
            out.println(String.format(Locale.ROOT, "the other %.3f ms pass before the first launch starts and after the last has ended: the "
                    + "calling thread and the device's threads wait for each other or, on a machine busy with other work, for a core",
                    (1 - profile.covered()) * profile.timedMillis()));
        }
        out.println("ranked by the time lost, waiting included, against the ceilings of the same run");
        Table table = new Table("REGION", "KERNEL", ">ms", ">STEP", ">WAIT ms", ">GFLOP/s", ">GB/s", ">CEILING", ">LOST ms", "LINES");
        for (Line line : lines) {
            PlanStep step = line.step;
            table.row(step.region(), step.family() + "/" + step.variant(), number("%.4f", line.millis),
                    number("%.1f%%", 100 * line.millis / profile.deviceMillis()), number("%.4f", line.waited), number("%.1f", step.cost().flops() / line.millis * 1e-6),
                    number("%.1f", step.cost().bytes() / line.millis * 1e-6), number("%.0f%%", 100 * line.roof.share(line.millis)),
                    number("%.4f", line.lost()), sources(step));
        }
        table.print(out);
        out.println();
        Table layers = new Table("LAYER", ">ms", ">STEP");
        layers().entrySet().stream().sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                .forEach(layer -> layers.row(layer.getKey(), number("%.4f", layer.getValue()),
                        number("%.1f%%", 100 * layer.getValue() / profile.deviceMillis())));
        layers.print(out);
    }

    private static String sources(PlanStep step) {
        List<String> sources = step.nodes().stream().map(PlanNode::source).distinct().toList();
        return sources.size() <= MOST_LINES ? String.join(", ", sources)
                : String.join(", ", sources.subList(0, MOST_LINES)) + " and " + (sources.size() - MOST_LINES) + " more";
    }

    /** Time by layer; what several layers share belongs to the layer of its first node. */
    private Map<String, Double> layers() {
        Map<String, Double> layers = new TreeMap<>();
        for (Line line : lines) {
            layers.merge(line.step.nodes().getFirst().layer(), line.millis, Double::sum);
        }
        return layers;
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }

    /** The table as JSON. */
    public String json() {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.useDefaultPrettyPrinter();
            json.writeStartObject();
            json.writeStringField("model", model);
            json.writeStringField("device", device);
            json.writeNumberField("batch", batch);
            json.writeNumberField("step_ms", profile.stepMillis());
            json.writeNumberField("kernels_ms", profile.deviceMillis());
            json.writeNumberField("wait_ms", profile.waitMillis());
            json.writeNumberField("copy_ms", profile.copyMillis());
            json.writeNumberField("timed_step_ms", profile.timedMillis());
            json.writeNumberField("covered", profile.covered());
            json.writeArrayFieldStart("regions");
            for (Line line : lines) {
                json.writeStartObject();
                json.writeStringField("region", line.step.region());
                json.writeStringField("problem", line.step.problem());
                json.writeStringField("variant", line.step.variant());
                json.writeStringField("nodes", line.step.nodes().stream().map(PlanNode::name).collect(Collectors.joining(", ")));
                json.writeStringField("lines", line.step.nodes().stream().map(PlanNode::source).distinct()
                        .collect(Collectors.joining(", ")));
                json.writeStringField("layers", line.step.nodes().stream().map(PlanNode::layer).distinct().collect(Collectors.joining(", ")));
                json.writeNumberField("ms", line.millis);
                json.writeNumberField("wait_ms", line.waited);
                json.writeNumberField("flops", line.step.cost().flops());
                json.writeNumberField("bytes", line.step.cost().bytes());
                json.writeNumberField("ceiling_share", line.roof.share(line.millis));
                json.writeNumberField("lost_ms", line.lost());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text + "\n";
    }
}
