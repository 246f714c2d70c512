package dev.quern.layers.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/** Reads a safetensors file whole, trusting nothing that its header says. */
final class SafetensorsReader {
    /** The reference implementation's limit on headers. */
    private static final long LONGEST_HEADER = 100_000_000;
    private static final ValueLayout.OfLong LENGTH = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Path path;
    private final TreeMap<String, String> metadata = new TreeMap<>();
    private final List<Entry> entries = new ArrayList<>();

    private record Entry(String name, DType dtype, Shape shape, long begin, long end) {
    }

    private SafetensorsReader(Path path) {
        this.path = path;
    }

    static Safetensors read(Path path) {
        return new SafetensorsReader(path).read();
    }

    private Safetensors read() {
        if (!Files.exists(path)) {
            throw new QuernException(path + ": does not exist");
        }
        if (Files.isDirectory(path)) {
            throw new QuernException(path + ": is a folder, expected a safetensors file");
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ); Arena arena = Arena.ofConfined()) {
            long size = channel.size();
            if (size < 8) {
                throw bad(size + " bytes are no safetensors file; it is truncated or of another format");
            }
            MemorySegment file = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
            long header = file.get(LENGTH, 0);
            if (header < 2 || header > LONGEST_HEADER) {
                throw bad("states a header of " + Long.toUnsignedString(header)
                        + " bytes, expected 2 to " + LONGEST_HEADER + "; it is no safetensors file");
            }
            if (header > size - 8) {
                throw bad("truncated: its header is " + header + " bytes, but only " + (size - 8) + " are there");
            }
            if (file.get(ValueLayout.JAVA_BYTE, 8) != '{') {
                throw bad("its header is not JSON; it is no safetensors file");
            }
            parse(file.asSlice(8, header).toArray(ValueLayout.JAVA_BYTE));
            return load(file.asSlice(8 + header));
        } catch (IOException e) {
            throw new QuernException(path + ": cannot be read: " + Safetensors.reason(e), e);
        }
    }

    private Safetensors load(MemorySegment data) {
        entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        long expected = 0;
        for (Entry entry : entries) {
            if (entry.begin != expected) {
                throw bad("tensor " + entry.name + " begins at byte " + entry.begin + " of the data, expected "
                        + expected + "; tensors must neither overlap nor leave gaps");
            }
            long bytes = entry.shape.elements() * entry.dtype.bytes();
            if (entry.end - entry.begin != bytes) {
                throw bad("tensor " + entry.name + " has " + (entry.end - entry.begin) + " bytes, expected " + bytes
                        + " for " + entry.dtype + entry.shape);
            }
            expected = entry.end;
        }
        if (data.byteSize() < expected) {
            throw bad("truncated: " + data.byteSize() + " bytes of data, expected " + expected);
        }
        if (data.byteSize() > expected) {
            throw bad(data.byteSize() + " bytes of data, expected " + expected + "; something is appended");
        }
        TreeMap<String, HostTensor> tensors = new TreeMap<>();
        for (Entry entry : entries) {
            tensors.put(entry.name, HostTensor.of(entry.dtype, entry.shape,
                    data.asSlice(entry.begin, entry.end - entry.begin)));
        }
        return new Safetensors(metadata, tensors);
    }

    private void parse(byte[] header) throws IOException {
        JsonFactory factory = JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
        try (JsonParser json = factory.createParser(header)) {
            expect(json.nextToken(), JsonToken.START_OBJECT, "the header");
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                expect(json.nextToken(), JsonToken.START_OBJECT, name);
                if (name.equals(Safetensors.METADATA)) {
                    while (json.nextToken() == JsonToken.FIELD_NAME) {
                        String key = json.currentName();
                        expect(json.nextToken(), JsonToken.VALUE_STRING, "metadata " + key);
                        metadata.put(key, json.getText());
                    }
                } else {
                    entries.add(tensor(name, json));
                }
            }
            if (json.nextToken() != null) {
                throw bad("its header goes on after the JSON object");
            }
        } catch (JsonProcessingException e) {
            throw new QuernException(path + ": its header is not valid JSON: " + e.getOriginalMessage(), e);
        }
    }

    private Entry tensor(String name, JsonParser json) throws IOException {
        String type = "";
        long[] shape = null;
        long[] offsets = null;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String key = json.currentName();
            json.nextToken();
            switch (key) {
                case "dtype" -> {
                    expect(json.currentToken(), JsonToken.VALUE_STRING, "dtype of tensor " + name);
                    type = json.getText();
                }
                case "shape" -> shape = numbers(json, "shape of tensor " + name);
                case "data_offsets" -> offsets = numbers(json, "data_offsets of tensor " + name);
                default -> throw bad("tensor " + name + " has an unknown field " + key);
            }
        }
        if (type.isEmpty() || shape == null || offsets == null) {
            throw bad("tensor " + name + " lacks its dtype, shape or data_offsets");
        }
        if (offsets.length != 2 || offsets[0] > offsets[1]) {
            throw bad("tensor " + name + " has data_offsets " + Arrays.toString(offsets) + ", expected [begin, end]");
        }
        return new Entry(name, dtype(name, type), shape(name, shape), offsets[0], offsets[1]);
    }

    private DType dtype(String name, String type) {
        return Arrays.stream(DType.values()).filter(dtype -> dtype.name().equals(type)).findFirst().orElseThrow(
                () -> bad("tensor " + name + " has the type " + type + "; known are " + Arrays.toString(DType.values())));
    }

    private Shape shape(String name, long[] extents) {
        int[] shape = new int[extents.length];
        for (int axis = 0; axis < shape.length; axis++) {
            if (extents[axis] > Integer.MAX_VALUE) {
                throw bad("tensor " + name + " has an extent of " + extents[axis] + ", at most " + Integer.MAX_VALUE
                        + " is supported");
            }
            shape[axis] = (int) extents[axis];
        }
        try {
            Shape result = Shape.of(shape);
            Math.multiplyExact(result.elements(), 8L);
            return result;
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw bad("tensor " + name + " of shape " + Arrays.toString(shape) + " is too large");
        }
    }

    private long[] numbers(JsonParser json, String what) throws IOException {
        expect(json.currentToken(), JsonToken.START_ARRAY, what);
        List<Long> values = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            expect(json.currentToken(), JsonToken.VALUE_NUMBER_INT, what);
            if (json.getNumberType() == JsonParser.NumberType.BIG_INTEGER || json.getLongValue() < 0) {
                throw bad(what + " holds " + json.getText() + ", expected a count");
            }
            values.add(json.getLongValue());
        }
        return values.stream().mapToLong(Long::longValue).toArray();
    }

    private void expect(JsonToken found, JsonToken expected, String what) {
        if (found != expected) {
            throw bad(what + " is " + (found == null ? "missing" : found.name()) + " in its JSON header, expected "
                    + expected.name());
        }
    }

    private QuernException bad(String what) {
        return new QuernException(path + ": " + what);
    }
}
