package dev.quern.graph.profile;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.quern.graph.plan.PlanStep;
import dev.quern.graph.plan.PlanStep.PlanLaunch;
import dev.quern.graph.plan.PlanStep.PlanNode;
import dev.quern.runtime.KernelResources;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/**
 * A profile in the Trace Event Format, which Perfetto and chrome://tracing show: one step, its launches with their median times and
 * the waits between them, and above them the regions that they belong to. Each span says which nodes and lines it comes from.
 */
public final class ChromeTrace {
    private static final int LAUNCHES = 1;
    private static final int REGIONS = 2;

    private ChromeTrace() {
    }

    /** The text of a trace file. */
    public static String json(Profile profile) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.useDefaultPrettyPrinter();
            json.writeStartObject();
            json.writeStringField("displayTimeUnit", "ns");
            json.writeArrayFieldStart("traceEvents");
            thread(json, LAUNCHES, "launches");
            thread(json, REGIONS, "regions");
            double at = profile.copyMillis() * 1000;
            span(json, REGIONS, "inputs", "copy", 0, at);
            end(json);
            for (int number = 1; number <= profile.regions().size(); number++) {
                PlanStep step = profile.regions().get(number - 1).step();
                double begin = at;
                for (PlanLaunch launch : step.launches()) {
                    Profile.LaunchTime time = profile.launches().get(launch.index());
                    at += time.waitMillis() * 1000;
                    double micros = time.millis() * 1000;
                    span(json, LAUNCHES, step.region() + ": " + launch.role(), step.family(), at, micros);
                    json.writeNumberField("launch", launch.index() + 1);
                    json.writeStringField("kernel", launch.source().name() + " " + launch.entry());
                    json.writeStringField("grid", launch.grid().toString());
                    json.writeNumberField("waited_us", time.waitMillis() * 1000);
                    origin(json, number, step);
                    resources(json, time.resources());
                    end(json);
                    at += micros;
                }
                span(json, REGIONS, step.region(), step.family(), begin, at - begin);
                json.writeStringField("problem", step.problem());
                json.writeStringField("variant", step.variant() + (step.parameters().values().isEmpty() ? "" : " " + step.parameters()));
                json.writeStringField("why", step.reason());
                origin(json, number, step);
                json.writeStringField("layers", step.nodes().stream().map(PlanNode::layer).distinct().collect(Collectors.joining(", ")));
                json.writeNumberField("flops", step.cost().flops());
                json.writeNumberField("bytes", step.cost().bytes());
                end(json);
            }
            json.writeEndArray();
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text + "\n";
    }

    /** Where a span comes from: what {@code explain} calls it, and the user's lines. */
    private static void origin(JsonGenerator json, int number, PlanStep step) throws IOException {
        json.writeStringField("region", number + " " + step.region());
        json.writeStringField("nodes", step.nodes().stream().map(PlanNode::name).collect(Collectors.joining(", ")));
        json.writeStringField("lines", step.nodes().stream().map(PlanNode::source).distinct().collect(Collectors.joining(", ")));
    }

    /** What the compiler says, as far as it does. */
    private static void resources(JsonGenerator json, KernelResources resources) throws IOException {
        write(json, "registers", resources.registers());
        write(json, "local_bytes", resources.localMemory());
        write(json, "private_bytes", resources.privateMemory());
        write(json, "largest_group", resources.maxGroup());
    }

    private static void write(JsonGenerator json, String name, OptionalLong value) throws IOException {
        if (value.isPresent()) {
            json.writeNumberField(name, value.getAsLong());
        }
    }

    private static void thread(JsonGenerator json, int thread, String name) throws IOException {
        json.writeStartObject();
        json.writeStringField("ph", "M");
        json.writeStringField("name", "thread_name");
        json.writeNumberField("pid", 1);
        json.writeNumberField("tid", thread);
        json.writeObjectFieldStart("args");
        json.writeStringField("name", name);
        json.writeEndObject();
        json.writeEndObject();
    }

    /** Opens a complete event and its arguments; times are in microseconds. */
    private static void span(JsonGenerator json, int thread, String name, String category, double at, double micros)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("ph", "X");
        json.writeStringField("name", name);
        json.writeStringField("cat", category);
        json.writeNumberField("pid", 1);
        json.writeNumberField("tid", thread);
        json.writeNumberField("ts", at);
        json.writeNumberField("dur", micros);
        json.writeObjectFieldStart("args");
    }

    private static void end(JsonGenerator json) throws IOException {
        json.writeEndObject();
        json.writeEndObject();
    }
}
