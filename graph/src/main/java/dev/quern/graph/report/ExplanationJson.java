package dev.quern.graph.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.quern.graph.fuse.Decision;
import dev.quern.graph.plan.Explanation;
import dev.quern.graph.plan.Explanation.ExplainedRegion;
import dev.quern.graph.plan.Explanation.StoredValue;
import dev.quern.graph.plan.PlanStep;
import dev.quern.kernels.select.Choice;
import dev.quern.runtime.KernelText;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A plan's explanation as JSON. Programs' texts stand once, under their names; launches refer to them. */
public final class ExplanationJson {
    /** Counts up when a reader of an older text would be wrong. */
    private static final int FORMAT = 1;

    private final JsonGenerator json;
    private final Programs programs;

    private ExplanationJson(JsonGenerator json, Programs programs) {
        this.json = json;
        this.programs = programs;
    }

    /** The text. */
    public static String of(Explanation explanation) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text).useDefaultPrettyPrinter()) {
            new ExplanationJson(json, Programs.of(explanation)).write(explanation);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString().replace(System.lineSeparator(), "\n") + "\n";
    }

    private void write(Explanation explanation) throws IOException {
        json.writeStartObject();
        json.writeNumberField("format", FORMAT);
        json.writeStringField("graph", explanation.graph());
        json.writeStringField("device", explanation.device());
        json.writeStringField("hash", explanation.hash());
        json.writeObjectFieldStart("memory");
        json.writeNumberField("temporary_bytes", explanation.temporaryBytes());
        json.writeNumberField("live_bound_bytes", explanation.boundBytes());
        json.writeNumberField("input_bytes", explanation.inputBytes());
        json.writeStringField("strategy", explanation.strategy());
        json.writeEndObject();
        json.writeArrayFieldStart("regions");
        for (ExplainedRegion region : explanation.regions()) {
            write(region);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("fusions");
        for (Decision decision : explanation.decisions()) {
            json.writeStartObject();
            json.writeBooleanField("made", decision.accepted());
            json.writeStringField("what", decision.what());
            json.writeStringField("reason", decision.reason());
            json.writeNumberField("predicted_saved_us", decision.saved());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeObjectFieldStart("lines");
        for (Map.Entry<String, List<String>> line : explanation.regionsByLine().entrySet()) {
            json.writeArrayFieldStart(line.getKey());
            for (String region : line.getValue()) {
                json.writeString(region);
            }
            json.writeEndArray();
        }
        json.writeEndObject();
        json.writeObjectFieldStart("programs");
        for (Map.Entry<String, KernelText> program : programs.texts().entrySet()) {
            write(program.getKey(), program.getValue());
        }
        json.writeEndObject();
        json.writeEndObject();
    }

    private void write(String name, KernelText program) throws IOException {
        json.writeObjectFieldStart(name);
        json.writeStringField("dialect", program.dialect().name().toLowerCase(Locale.ROOT));
        json.writeObjectFieldStart("defines");
        for (Map.Entry<String, String> define : program.defines().entrySet()) {
            json.writeStringField(define.getKey(), define.getValue());
        }
        json.writeEndObject();
        json.writeStringField("text", program.text());
        json.writeEndObject();
    }

    private void write(ExplainedRegion region) throws IOException {
        PlanStep step = region.step();
        json.writeStartObject();
        json.writeStringField("region", step.region());
        json.writeStringField("family", step.family());
        json.writeStringField("problem", step.problem());
        json.writeStringField("epilogue", region.epilogue());
        json.writeStringField("variant", step.variant());
        json.writeStringField("parameters", step.parameters().toString());
        json.writeStringField("reason", step.reason());
        json.writeArrayFieldStart("others");
        for (Choice.Refusal other : region.others()) {
            json.writeStartObject();
            json.writeStringField("variant", other.variant());
            json.writeStringField("reason", other.reason());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayFieldStart("nodes");
        for (PlanStep.PlanNode node : step.nodes()) {
            json.writeStartObject();
            json.writeStringField("name", node.name());
            json.writeStringField("op", node.op());
            json.writeStringField("line", node.source());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayFieldStart("launches");
        for (PlanStep.PlanLaunch launch : step.launches()) {
            json.writeStartObject();
            json.writeNumberField("index", launch.index());
            json.writeStringField("role", launch.role());
            json.writeStringField("program", programs.name(launch.source()));
            json.writeStringField("entry", launch.entry());
            json.writeStringField("groups", launch.grid().groupsX() + "x" + launch.grid().groupsY() + "x" + launch.grid().groupsZ());
            json.writeStringField("group", launch.grid().localX() + "x" + launch.grid().localY() + "x" + launch.grid().localZ());
            json.writeEndObject();
        }
        json.writeEndArray();
        write("reads", region.reads());
        write("writes", region.writes());
        json.writeNumberField("workspace_bytes", region.workspace());
        json.writeNumberField("flops", step.cost().flops());
        json.writeNumberField("bytes", step.cost().bytes());
        json.writeEndObject();
    }

    private void write(String field, List<StoredValue> values) throws IOException {
        json.writeArrayFieldStart(field);
        for (StoredValue value : values) {
            json.writeStartObject();
            json.writeStringField("value", value.name());
            json.writeStringField("type", value.type());
            json.writeNumberField("bytes", value.bytes());
            json.writeStringField("place", value.place());
            json.writeBooleanField("in_place", value.inPlace());
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
