package dev.quern.bench.result;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.quern.graph.json.JsonTree;
import dev.quern.runtime.QuernException;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Joins files of one machine into one result file: the rows of all results, the environment and ceilings of the first, the versions of
 * all peers, and every other file under its own name.
 */
public final class Gathering {
    private static final String ROWS = "rows";
    private static final String ENVIRONMENT = "environment";

    private Gathering() {
    }

    /**
     * The text of the joined file, which {@link ResultReader} reads.
     *
     * @throws QuernException if a file cannot be read, or none of them is a result
     */
    @SuppressWarnings("unchecked") // an object whose rows are a list is a result file
    public static String of(List<Path> files) {
        Map<String, Object> whole = new LinkedHashMap<>();
        Map<String, Object> others = new LinkedHashMap<>();
        List<Object> rows = new ArrayList<>();
        for (Path file : files) {
            Map<String, Object> one = read(file);
            if (!(one.remove(ROWS) instanceof List<?> some)) {
                others.put(file.getFileName().toString().replaceFirst("\\.json$", ""), one);
                continue;
            }
            rows.addAll(some);
            one.forEach(whole::putIfAbsent);
            if (one.get(ENVIRONMENT) instanceof Map<?, ?> facts && whole.get(ENVIRONMENT) instanceof Map<?, ?> known) {
                facts.forEach((name, fact) -> ((Map<Object, Object>) known).putIfAbsent(name, fact));
            }
        }
        if (rows.isEmpty()) {
            throw new QuernException("none of " + files + " is a result of quern bench --json");
        }
        whole.putAll(others);
        whole.put(ROWS, rows);
        return text(whole);
    }

    private static Map<String, Object> read(Path file) {
        try {
            return JsonTree.read(Files.readString(file));
        } catch (IOException e) {
            throw new QuernException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static String text(Map<String, Object> tree) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            write(json, tree);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text + "\n";
    }

    private static void write(JsonGenerator json, Object value) throws IOException {
        switch (value) {
            case Map<?, ?> object -> {
                json.writeStartObject();
                for (Map.Entry<?, ?> field : object.entrySet()) {
                    json.writeFieldName((String) field.getKey());
                    write(json, field.getValue());
                }
                json.writeEndObject();
            }
            case List<?> array -> {
                json.writeStartArray();
                for (Object element : array) {
                    write(json, element);
                }
                json.writeEndArray();
            }
            case String string -> json.writeString(string);
            case Boolean truth -> json.writeBoolean(truth);
            case Double number when number.isNaN() -> json.writeNull();
            case Double number when number == Math.rint(number) && Math.abs(number) < 1e15 -> json.writeNumber(number.longValue());
            case Double number -> json.writeNumber(number);
            default -> throw new IllegalStateException("no JSON value: " + value.getClass());
        }
    }
}
