package dev.quern.layers.golden;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.quern.layers.checkpoint.Safetensors;
import dev.quern.runtime.HostTensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A case computed with PyTorch in double precision: {@code in.NAME}, {@code out.NAME}, the gradient {@code gradout.NAME}
 * that flows into an output and the expected {@code grad.NAME} of an input. Attributes that were asked for are remembered,
 * so that a case with one that nobody knows is not compared as if it were not there.
 */
final class GoldenFile {
    private final String name;
    private final Safetensors file;
    private final Map<String, Object> attributes = new TreeMap<>();
    private final Set<String> asked = new TreeSet<>();

    private GoldenFile(String name, Safetensors file) {
        this.name = name;
        this.file = file;
        try (JsonParser json = new JsonFactory().createParser(file.metadata().getOrDefault("attrs", "{}"))) {
            json.nextToken();
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String key = json.currentName();
                json.nextToken();
                attributes.put(key, value(json));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }

    private static Object value(JsonParser json) throws IOException {
        return switch (json.currentToken()) {
            case START_ARRAY -> {
                List<Object> list = new ArrayList<>();
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    list.add(value(json));
                }
                yield list;
            }
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> json.getDoubleValue();
            default -> json.getText();
        };
    }

    static GoldenFile read(Path path) {
        return new GoldenFile(path.getFileName().toString().replace(".safetensors", ""), Safetensors.read(path));
    }

    String name() {
        return name;
    }

    String op() {
        return file.metadata().get("op");
    }

    /** The attributes that the file has and nobody asked for. */
    Set<String> ignoredAttributes() {
        Set<String> ignored = new TreeSet<>(attributes.keySet());
        ignored.removeAll(asked);
        return ignored;
    }

    private Object attribute(String key, Object otherwise) {
        asked.add(key);
        return attributes.getOrDefault(key, otherwise);
    }

    double number(String key, double otherwise) {
        return (Double) attribute(key, otherwise);
    }

    int integer(String key, int otherwise) {
        return (int) number(key, otherwise);
    }

    /** The first of several numbers, which must be the same. */
    int first(String key, int otherwise) {
        List<?> several = (List<?>) attribute(key, List.of((double) otherwise));
        assertThat(several).as(key).allMatch(several.getFirst()::equals);
        return ((Double) several.getFirst()).intValue();
    }

    boolean flag(String key, boolean otherwise) {
        return (Boolean) attribute(key, otherwise);
    }

    String text(String key, String otherwise) {
        return (String) attribute(key, otherwise);
    }

    HostTensor tensor(String whole) {
        assertThat(file.tensors()).as(name).containsKey(whole);
        return file.tensors().get(whole);
    }

    /** The tensors whose names begin with a prefix, without it. */
    SortedMap<String, HostTensor> tensors(String prefix) {
        TreeMap<String, HostTensor> found = new TreeMap<>();
        file.tensors().forEach((whole, tensor) -> {
            if (whole.startsWith(prefix)) {
                found.put(whole.substring(prefix.length()), tensor);
            }
        });
        return found;
    }

    /** The root-mean-square error is at most {@code relative} of the expected root mean square, or 1e-6. NaN fails. */
    static void assertClose(String what, HostTensor actual, HostTensor expected, double relative) {
        assertThat(actual.shape()).as(what).isEqualTo(expected.shape());
        double error = 0;
        double size = 0;
        long count = expected.shape().elements();
        for (long i = 0; i < count; i++) {
            double difference = actual.get(i) - expected.get(i);
            error += difference * difference;
            size += expected.get(i) * expected.get(i);
        }
        assertThat(Math.sqrt(error / count)).as(what + ": root-mean-square error")
                .isLessThanOrEqualTo(Math.max(1e-6, relative * Math.sqrt(size / count)));
    }
}
