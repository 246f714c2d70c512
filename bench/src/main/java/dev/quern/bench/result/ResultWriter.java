package dev.quern.bench.result;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.quern.bench.ceiling.Ceilings;
import dev.quern.bench.measure.Timing;
import dev.quern.bench.suite.Row;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Writes results as JSON, one row a line. What is not known is null. */
public final class ResultWriter {
    /** Counts up when a reader of an older file would be wrong. */
    static final int FORMAT = 2;

    private final JsonGenerator json;

    private ResultWriter(JsonGenerator json) {
        this.json = json;
    }

    /** The text of a result file. */
    public static String json(Environment environment, Optional<Ceilings> ceilings, List<Row> rows) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            new ResultWriter(json).write(environment, ceilings, rows);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text + "\n";
    }

    private void write(Environment environment, Optional<Ceilings> ceilings, List<Row> rows) throws IOException {
        json.writeStartObject();
        json.writeNumberField("format", FORMAT);
        json.writeObjectFieldStart("environment");
        for (Map.Entry<String, String> fact : environment.facts().entrySet()) {
            json.writeStringField(fact.getKey(), fact.getValue());
        }
        json.writeEndObject();
        if (ceilings.isPresent()) {
            write(ceilings.get());
        }
        json.writeArrayFieldStart("rows");
        for (Row row : rows) {
            json.writeRaw("\n");
            write(row);
        }
        json.writeRaw("\n");
        json.writeEndArray();
        json.writeEndObject();
    }

    private void write(Ceilings ceilings) throws IOException {
        json.writeObjectFieldStart("ceilings");
        number("copy_gbytes_per_s", ceilings.copy() * 1e-9);
        json.writeStringField("copy_by", ceilings.copyBy());
        number("read_gbytes_per_s", ceilings.read() * 1e-9);
        json.writeStringField("read_by", ceilings.readBy());
        number("gflops", ceilings.flops() * 1e-9);
        json.writeStringField("gflops_by", ceilings.flopsBy());
        json.writeEndObject();
    }

    private void write(Row row) throws IOException {
        json.writeStartObject();
        json.writeStringField("suite", row.suite());
        json.writeStringField("case", row.name());
        json.writeStringField("pass", row.pass());
        json.writeStringField("variant", row.variant());
        json.writeBooleanField("best", row.best());
        json.writeStringField("device", row.device());
        json.writeStringField("sources", row.sources());
        number("error", row.error());
        number("flops", row.flops());
        number("bytes", row.bytes());
        number("gflops", row.timing().isPresent() ? row.gflops() : Double.NaN);
        number("gbytes_per_s", row.timing().isPresent() && row.bytes() > 0 ? row.gigabytes() : Double.NaN);
        if (row.roof().isPresent()) {
            json.writeStringField("bound", row.roof().get().bound().name().toLowerCase(Locale.ROOT));
            number("share", row.share().orElse(Double.NaN));
        }
        if (row.timing().isPresent()) {
            write(row.timing().get());
        } else {
            json.writeNullField("median_ms");
        }
        json.writeObjectFieldStart("peers");
        for (Map.Entry<String, Timing> peer : row.peers().entrySet()) {
            json.writeObjectFieldStart(peer.getKey());
            write(peer.getValue());
            json.writeEndObject();
        }
        json.writeEndObject();
        json.writeEndObject();
    }

    private void write(Timing timing) throws IOException {
        number("median_ms", timing.median());
        number("min_ms", timing.min());
        number("p10_ms", timing.low());
        number("p90_ms", timing.high());
        number("median_low_ms", timing.interval().low());
        number("median_high_ms", timing.interval().high());
        json.writeNumberField("runs", timing.runs());
        json.writeArrayFieldStart("blocks_ns");
        for (long[] block : timing.samples().blocks()) {
            json.writeArray(block, 0, block.length);
        }
        json.writeEndArray();
    }

    private void number(String name, double value) throws IOException {
        if (Double.isFinite(value)) {
            json.writeNumberField(name, value);
        } else {
            json.writeNullField(name);
        }
    }
}
