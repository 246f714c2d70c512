package dev.quern.graph.profile;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.quern.graph.plan.PlanStep;
import dev.quern.graph.plan.PlanStep.PlanLaunch;
import dev.quern.graph.plan.PlanStep.PlanNode;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.stream.Collectors;

/**
 * A profile in the Trace Event Format, which Perfetto and chrome://tracing show: one step, its launches laid end to end with their
 * median times, and above them the layers that they belong to.
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
            double at = 0;
            for (Profile.RegionTime region : profile.regions()) {
                double begin = at;
                PlanStep step = region.step();
                for (PlanLaunch launch : step.launches()) {
                    double micros = profile.launchMillis().get(launch.index()) * 1000;
                    span(json, LAUNCHES, step.region() + ": " + launch.role(), step.family(), at, micros);
                    json.writeStringField("kernel", launch.source().name() + " " + launch.entry());
                    json.writeStringField("grid", launch.grid().toString());
                    end(json);
                    at += micros;
                }
                span(json, REGIONS, step.region(), step.family(), begin, at - begin);
                json.writeStringField("problem", step.problem());
                json.writeStringField("variant", step.variant() + (step.parameters().values().isEmpty() ? "" : " " + step.parameters()));
                json.writeStringField("why", step.reason());
                json.writeStringField("nodes", step.nodes().stream().map(PlanNode::name).collect(Collectors.joining(", ")));
                json.writeStringField("lines", step.nodes().stream().map(PlanNode::source).distinct().collect(Collectors.joining(", ")));
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
