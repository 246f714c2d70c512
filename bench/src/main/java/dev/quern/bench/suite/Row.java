package dev.quern.bench.suite;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import dev.quern.bench.measure.Timing;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One line of a report: a variant on a case.
 *
 * @param suite      the suite
 * @param name       the case
 * @param pass       the case's pass
 * @param variant    the variant
 * @param best       whether variant selection would choose it
 * @param device     the device's id
 * @param timing     what runs took; empty where the variant was turned away
 * @param gflops     10^9 floating-point operations a second at the median; 0 where there is no timing
 * @param gigabytes  10^9 bytes a second at the median, each operand counted once
 * @param error      the relative root-mean-square error; NaN where there was no result
 * @param peers      the median of each peer in milliseconds
 */
public record Row(String suite, String name, String pass, String variant, boolean best, String device,
        Optional<Timing> timing, double gflops, double gigabytes, double error, Map<String, Double> peers) {

    /** Rows as a JSON array, one row a line. What is not known is null. */
    public static String json(List<Row> rows) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.setPrettyPrinter(new DefaultPrettyPrinter().withArrayIndenter(new DefaultIndenter("", "\n"))
                    .withObjectIndenter(new DefaultPrettyPrinter.NopIndenter()));
            json.writeStartArray();
            for (Row row : rows) {
                row.write(json);
            }
            json.writeEndArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text + "\n";
    }

    private void write(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("suite", suite);
        json.writeStringField("case", name);
        json.writeStringField("pass", pass);
        json.writeStringField("variant", variant);
        json.writeBooleanField("best", best);
        json.writeStringField("device", device);
        number(json, "median_ms", timing.map(Timing::median).orElse(Double.NaN));
        number(json, "min_ms", timing.map(Timing::min).orElse(Double.NaN));
        number(json, "gflops", timing.isPresent() ? gflops : Double.NaN);
        number(json, "gbytes_per_s", timing.isPresent() && gigabytes > 0 ? gigabytes : Double.NaN);
        number(json, "error", error);
        json.writeObjectFieldStart("peers");
        for (Map.Entry<String, Double> peer : peers.entrySet()) {
            number(json, peer.getKey(), peer.getValue());
        }
        json.writeEndObject();
        json.writeEndObject();
    }

    private static void number(JsonGenerator json, String name, double value) throws IOException {
        if (Double.isFinite(value)) {
            json.writeNumberField(name, value);
        } else {
            json.writeNullField(name);
        }
    }
}
