package dev.quern.bench.peer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** One line between parent and child. */
sealed interface PeerMessage {
    /** Prepare this; answered by {@link Ready}. */
    record Prepare(PeerTask task) implements PeerMessage {
    }

    /** Run a block; answered by {@link Times}. */
    record Run(int warm, int runs) implements PeerMessage {
    }

    /**
     * Do the task once on the inputs in a file and write the outputs to another; answered by {@link Outputs}. The files hold
     * tensors one after the other, dense and row-major: inputs in their own types, outputs as 64-bit floating-point numbers,
     * all little-endian.
     */
    record Compute(String inputs, String outputs) implements PeerMessage {
    }

    /** The number of elements of each output that was written. */
    record Outputs(long[] elements) implements PeerMessage {
    }

    /** The task is prepared. */
    record Ready(String description) implements PeerMessage {
    }

    /** The time of each run. */
    record Times(long[] nanos) implements PeerMessage {
    }

    /** Such a task is not among what this peer does. */
    record Declined(String reason) implements PeerMessage {
    }

    /** What was asked could not be done. */
    record Failed(String reason) implements PeerMessage {
    }

    /** This message as a line of JSON. */
    default String toLine() {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.writeStartObject();
            switch (this) {
                case Prepare(PeerTask task) -> writeTask(json, task);
                case Compute(String inputs, String outputs) -> {
                    json.writeStringField("inputs_file", inputs);
                    json.writeStringField("outputs_file", outputs);
                }
                case Outputs(long[] elements) -> {
                    json.writeFieldName("outputs");
                    json.writeArray(elements, 0, elements.length);
                }
                case Run(int warm, int runs) -> {
                    json.writeNumberField("warm", warm);
                    json.writeNumberField("runs", runs);
                }
                case Ready(String description) -> json.writeStringField("ready", description);
                case Times(long[] nanos) -> {
                    json.writeFieldName("nanos");
                    json.writeArray(nanos, 0, nanos.length);
                }
                case Declined(String reason) -> json.writeStringField("declined", reason);
                case Failed(String reason) -> json.writeStringField("error", reason);
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    private static void writeTask(JsonGenerator json, PeerTask task) throws IOException {
        switch (task) {
            case PeerTask.Gemm(int m, int n, int k, boolean transposeA, boolean transposeB, int sets) -> {
                json.writeStringField("task", "gemm");
                json.writeNumberField("m", m);
                json.writeNumberField("n", n);
                json.writeNumberField("k", k);
                json.writeBooleanField("transpose_a", transposeA);
                json.writeBooleanField("transpose_b", transposeB);
                json.writeNumberField("sets", sets);
            }
            case PeerTask.Operation(String name, List<PeerInput> inputs, String script, String nodes, int sets) -> {
                json.writeStringField("task", "operation");
                json.writeStringField("name", name);
                json.writeStringField("script", script);
                json.writeStringField("nodes", nodes);
                json.writeNumberField("sets", sets);
                // For peers that have no writer of archives: the script as what torch.jit.load reads.
                json.writeBinaryField("archive", TorchScript.archive(script, inputs.size()));
                json.writeBooleanField("differentiates", TorchScript.differentiates(script));
            }
            case PeerTask.Train(String model, int batch) -> {
                json.writeStringField("task", "train");
                json.writeStringField("model", model);
                json.writeNumberField("batch", batch);
            }
        }
        json.writeStringField("inputs", task.inputs().stream().map(PeerInput::toText).collect(Collectors.joining(" ")));
    }

    /** Reads a line that {@link #toLine()} (or a peer in another language) wrote. */
    static PeerMessage ofLine(String line) {
        Fields fields = Fields.read(line);
        if (fields.text.get("error") instanceof String reason) {
            return new Failed(reason);
        }
        if (fields.text.get("ready") instanceof String description) {
            return new Ready(description);
        }
        if (fields.text.get("declined") instanceof String reason) {
            return new Declined(reason);
        }
        if (fields.numbers.get("nanos") instanceof long[] nanos) {
            return new Times(nanos);
        }
        if (fields.numbers.get("outputs") instanceof long[] elements) {
            return new Outputs(elements);
        }
        if (fields.text.get("inputs_file") instanceof String inputs) {
            return new Compute(inputs, fields.text.get("outputs_file"));
        }
        return switch (fields.text.getOrDefault("task", "")) {
            case "gemm" -> new Prepare(new PeerTask.Gemm(fields.number("m"), fields.number("n"), fields.number("k"),
                    fields.flag("transpose_a"), fields.flag("transpose_b"), fields.number("sets")));
            case "operation" -> new Prepare(new PeerTask.Operation(fields.text.get("name"), fields.inputs(),
                    fields.text.get("script"), fields.text.get("nodes"), fields.number("sets")));
            case "train" -> new Prepare(new PeerTask.Train(fields.text.get("model"), fields.number("batch")));
            case "" -> new Run(fields.number("warm"), fields.number("runs"));
            default -> throw new IllegalArgumentException("not a message between peers: " + line);
        };
    }

    /** The fields of a flat JSON object. */
    final class Fields {
        private final String line;
        private final Map<String, String> text = new HashMap<>();
        private final Map<String, long[]> numbers = new HashMap<>();

        private Fields(String line) {
            this.line = line;
        }

        private static Fields read(String line) {
            Fields fields = new Fields(line);
            try (JsonParser json = new JsonFactory().createParser(line)) {
                json.nextToken();
                while (json.nextToken() == JsonToken.FIELD_NAME) {
                    String name = json.currentName();
                    if (json.nextToken() == JsonToken.START_ARRAY) {
                        fields.numbers.put(name, array(json));
                    } else {
                        fields.text.put(name, json.getText());
                    }
                }
                return fields;
            } catch (IOException e) {
                throw new IllegalArgumentException("not a message between peers: " + line, e);
            }
        }

        private static long[] array(JsonParser json) throws IOException {
            long[] values = new long[16];
            int count = 0;
            while (json.nextToken() != JsonToken.END_ARRAY) {
                values = count == values.length ? Arrays.copyOf(values, 2 * count) : values;
                values[count++] = json.getLongValue();
            }
            return Arrays.copyOf(values, count);
        }

        private boolean flag(String name) {
            return Boolean.parseBoolean(text.get(name));
        }

        private List<PeerInput> inputs() {
            return text.getOrDefault("inputs", "").isEmpty() ? List.of()
                    : Arrays.stream(text.get("inputs").split(" ")).map(PeerInput::ofText).toList();
        }

        private int number(String name) {
            try {
                return Integer.parseInt(text.getOrDefault(name, ""));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("no number " + name + " in a message between peers: " + line, e);
            }
        }
    }
}
