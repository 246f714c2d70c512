package dev.quern.kernels.tune;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import dev.quern.kernels.Parameters;
import dev.quern.runtime.QuernException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The files of tuning databases: one entry a line, so that a change shows as the lines that it concerns. */
final class TuningJson {
    private static final String FORMAT = "quern-tuning-1";

    private TuningJson() {
    }

    static String text(TuningDatabase database) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.setPrettyPrinter(new DefaultPrettyPrinter().withArrayIndenter(new DefaultIndenter("", "\n"))
                    .withObjectIndenter(new DefaultPrettyPrinter.NopIndenter()));
            json.writeStartObject();
            json.writeStringField("format", FORMAT);
            json.writeStringField("device", database.device());
            json.writeArrayFieldStart("entries");
            for (TuningEntry entry : database.entries().values()) {
                json.writeStartObject();
                json.writeStringField("problem", entry.problem());
                json.writeStringField("variant", entry.variant());
                json.writeObjectFieldStart("parameters");
                for (Map.Entry<String, Integer> parameter : entry.parameters().values().entrySet()) {
                    json.writeNumberField(parameter.getKey(), parameter.getValue());
                }
                json.writeEndObject();
                json.writeStringField("source", entry.source());
                json.writeNumberField("median_ms", (float) entry.medianMillis());
                json.writeNumberField("gain", (float) entry.gain());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text + "\n";
    }

    /**
     * Reads a database.
     *
     * @throws QuernException if the text is no database; the message begins with {@code name}
     */
    static TuningDatabase read(String origin, String name, InputStream stream) throws IOException {
        try (JsonParser json = new JsonFactory().createParser(stream)) {
            require(json.nextToken() == JsonToken.START_OBJECT, name);
            String device = "";
            boolean known = false;
            SortedMap<String, TuningEntry> entries = new TreeMap<>();
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String field = json.currentName();
                json.nextToken();
                switch (field) {
                    case "format" -> known = FORMAT.equals(json.getText());
                    case "device" -> device = json.getText();
                    case "entries" -> {
                        while (json.nextToken() == JsonToken.START_OBJECT) {
                            TuningEntry entry = entry(json);
                            entries.put(entry.problem(), entry);
                        }
                    }
                    default -> json.skipChildren();
                }
            }
            require(known && !device.isEmpty(), name);
            return new TuningDatabase(origin, device, entries);
        } catch (com.fasterxml.jackson.core.JacksonException | IllegalArgumentException e) {
            throw new QuernException(name + ": is no tuning database (" + e.getMessage() + "); remove it or tune again", e);
        }
    }

    private static void require(boolean holds, String name) {
        if (!holds) {
            throw new QuernException(name + ": is no tuning database of format " + FORMAT + "; remove it or tune again");
        }
    }

    private static TuningEntry entry(JsonParser json) throws IOException {
        Map<String, String> texts = new TreeMap<>();
        Map<String, Double> numbers = new TreeMap<>();
        Parameters parameters = Parameters.none();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            switch (json.nextToken()) {
                case START_OBJECT -> {
                    while (json.nextToken() == JsonToken.FIELD_NAME) {
                        String parameter = json.currentName();
                        json.nextToken();
                        parameters = parameters.with(parameter, json.getIntValue());
                    }
                }
                case VALUE_STRING -> texts.put(field, json.getText());
                case VALUE_NUMBER_FLOAT, VALUE_NUMBER_INT -> numbers.put(field, json.getDoubleValue());
                default -> json.skipChildren();
            }
        }
        for (String needed : new String[] {"problem", "variant", "source"}) {
            if (!texts.containsKey(needed)) {
                throw new IllegalArgumentException("an entry without " + needed);
            }
        }
        return new TuningEntry(texts.get("problem"), texts.get("variant"), parameters, texts.get("source"),
                numbers.getOrDefault("median_ms", Double.NaN), numbers.getOrDefault("gain", 1.0));
    }
}
