package dev.quern.graph.golden;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * One case computed with PyTorch in float64: tensors {@code in.NAME}, {@code out.NAME}, {@code gradout.NAME} and
 * {@code grad.NAME}, stored as safetensors.
 *
 * @param name    the file's name
 * @param op      what was computed
 * @param attrs   its attributes: numbers, booleans, strings and lists of them
 * @param tensors the tensors by their full names, in the file's order
 */
record GoldenCase(String name, String op, Map<String, Object> attrs, Map<String, HostTensor> tensors) {

    /** Every case in a folder, sorted by name. */
    static List<GoldenCase> in(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".safetensors")).sorted().map(GoldenCase::read).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** This project's own cases, from the class path: a folder of classes or a jar. */
    static List<GoldenCase> own() {
        try {
            URI folder = Objects.requireNonNull(GoldenCase.class.getResource("/golden"), "no folder golden on the class path").toURI();
            if (!folder.getScheme().equals("jar")) {
                return in(Path.of(folder));
            }
            try (FileSystem jar = FileSystems.newFileSystem(folder, Map.of())) {
                return in(jar.getPath("/golden"));
            }
        } catch (URISyntaxException | IOException e) {
            throw new IllegalStateException("the golden cases on the class path cannot be read", e);
        }
    }

    /** The names of the tensors with a prefix, without it. */
    List<String> names(String prefix) {
        return tensors.keySet().stream().filter(key -> key.startsWith(prefix)).map(key -> key.substring(prefix.length()))
                .toList();
    }

    HostTensor tensor(String key) {
        HostTensor tensor = tensors.get(key);
        if (tensor == null) {
            throw new IllegalArgumentException(name + " has no tensor " + key);
        }
        return tensor;
    }

    double number(String attribute) {
        return ((Number) attrs.get(attribute)).doubleValue();
    }

    double number(String attribute, double otherwise) {
        return attrs.containsKey(attribute) ? number(attribute) : otherwise;
    }

    boolean flag(String attribute) {
        return Boolean.TRUE.equals(attrs.get(attribute));
    }

    String text(String attribute) {
        return (String) attrs.get(attribute);
    }

    int[] ints(String attribute) {
        return ((List<?>) attrs.get(attribute)).stream().mapToInt(each -> ((Number) each).intValue()).toArray();
    }

    /** Reads one case. */
    static GoldenCase read(Path file) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            int header = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
            Map<String, Object> entries;
            try (JsonParser parser = new JsonFactory().createParser(bytes, Long.BYTES, header)) {
                parser.nextToken();
                entries = object(parser);
            }
            Map<?, ?> metadata = (Map<?, ?>) entries.remove("__metadata__");
            Map<String, Object> attributes;
            try (JsonParser parser = new JsonFactory().createParser((String) metadata.get("attrs"))) {
                parser.nextToken();
                attributes = object(parser);
            }
            Map<String, HostTensor> tensors = new LinkedHashMap<>();
            entries.forEach((key, entry) -> tensors.put(key, tensor((Map<?, ?>) entry, bytes, Long.BYTES + header)));
            String name = file.getFileName().toString().replace(".safetensors", "");
            return new GoldenCase(name, (String) metadata.get("op"), attributes, tensors);
        } catch (IOException e) {
            throw new UncheckedIOException(file.toString(), e);
        }
    }

    private static HostTensor tensor(Map<?, ?> entry, byte[] bytes, int data) {
        int[] extents = ((List<?>) entry.get("shape")).stream().mapToInt(each -> ((Number) each).intValue()).toArray();
        List<?> range = (List<?>) entry.get("data_offsets");
        long from = ((Number) range.get(0)).longValue();
        long to = ((Number) range.get(1)).longValue();
        byte[] copy = new byte[(int) (to - from)];
        System.arraycopy(bytes, data + (int) from, copy, 0, copy.length);
        return HostTensor.of(DType.valueOf((String) entry.get("dtype")), Shape.of(extents), MemorySegment.ofArray(copy));
    }

    private static Map<String, Object> object(JsonParser parser) throws IOException {
        Map<String, Object> map = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            parser.nextToken();
            map.put(key, value(parser));
        }
        return map;
    }

    private static Object value(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> {
                List<Object> list = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    list.add(value(parser));
                }
                yield list;
            }
            case VALUE_NUMBER_INT -> parser.getLongValue();
            case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
            case VALUE_TRUE -> Boolean.TRUE;
            case VALUE_FALSE -> Boolean.FALSE;
            default -> parser.getText();
        };
    }
}
