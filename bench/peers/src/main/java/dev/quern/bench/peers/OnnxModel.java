package dev.quern.bench.peers;

import com.google.protobuf.CodedOutputStream;
import dev.quern.bench.peer.PeerInput;
import dev.quern.runtime.DType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/**
 * Writes an ONNX model: a graph of a few nodes without weights. Field numbers are those of {@code onnx.proto} (onnx 1.18),
 * which also says that a model without a type for its results has them inferred.
 */
final class OnnxModel {
    /** The version of the file format, and that of the operators: 23 brought attention. */
    private static final int IR_VERSION = 10;
    private static final int OPERATORS = 23;

    // AttributeProto.AttributeType.
    private static final int FLOAT = 1;
    private static final int INT = 2;
    private static final int STRING = 3;
    private static final int INTS = 7;

    private OnnxModel() {
    }

    /** What a message consists of. */
    private interface Body {
        void write(CodedOutputStream to) throws IOException;
    }

    /**
     * The model's file.
     *
     * @param nodes  the nodes, each behind those whose results it reads
     * @param inputs the tensors x0, x1, …
     */
    static byte[] bytes(List<OnnxNode> nodes, List<PeerInput> inputs) {
        return message(model -> {
            model.writeInt64(1, IR_VERSION);
            model.writeByteArray(7, message(graph -> writeGraph(graph, nodes, inputs)));
            model.writeByteArray(8, message(operators -> operators.writeInt64(2, OPERATORS)));
        });
    }

    /** The names of the results, in the order in which they are made. */
    static List<String> results(List<OnnxNode> nodes) {
        return nodes.stream().flatMap(node -> node.outputs().stream()).filter(name -> name.startsWith("y")).toList();
    }

    private static void writeGraph(CodedOutputStream graph, List<OnnxNode> nodes, List<PeerInput> inputs) throws IOException {
        for (OnnxNode node : nodes) {
            graph.writeByteArray(1, message(to -> writeNode(to, node)));
        }
        graph.writeString(2, "quern");
        for (int i = 0; i < inputs.size(); i++) {
            String name = "x" + i;
            PeerInput input = inputs.get(i);
            graph.writeByteArray(11, message(value -> {
                value.writeString(1, name);
                value.writeByteArray(2, message(type -> type.writeByteArray(1, message(tensor -> writeTensor(tensor, input)))));
            }));
        }
        for (String result : results(nodes)) {
            graph.writeByteArray(12, message(value -> value.writeString(1, result)));
        }
    }

    private static void writeNode(CodedOutputStream node, OnnxNode from) throws IOException {
        for (String input : from.inputs()) {
            node.writeString(1, input);
        }
        for (String output : from.outputs()) {
            node.writeString(2, output);
        }
        node.writeString(4, from.operator());
        for (Map.Entry<String, Object> attribute : from.attributes().entrySet()) {
            node.writeByteArray(5, message(to -> writeAttribute(to, attribute.getKey(), attribute.getValue())));
        }
    }

    private static void writeAttribute(CodedOutputStream attribute, String name, Object value) throws IOException {
        attribute.writeString(1, name);
        switch (value) {
            case Float number -> {
                attribute.writeFloat(2, number);
                attribute.writeEnum(20, FLOAT);
            }
            case Long number -> {
                attribute.writeInt64(3, number);
                attribute.writeEnum(20, INT);
            }
            case String text -> {
                attribute.writeString(4, text);
                attribute.writeEnum(20, STRING);
            }
            case List<?> numbers -> {
                for (Object number : numbers) {
                    attribute.writeInt64(8, (Long) number);
                }
                attribute.writeEnum(20, INTS);
            }
            default -> throw new IllegalArgumentException(name + ": no attribute is a " + value.getClass().getSimpleName());
        }
    }

    private static void writeTensor(CodedOutputStream tensor, PeerInput input) throws IOException {
        tensor.writeInt32(1, number(input.dtype()));
        tensor.writeByteArray(2, message(shape -> {
            for (int extent : input.shape().toArray()) {
                shape.writeByteArray(1, message(dimension -> dimension.writeInt64(1, extent)));
            }
        }));
    }

    /** {@code TensorProto.DataType}. */
    private static int number(DType dtype) {
        return switch (dtype) {
            case F32 -> 1;
            case U8 -> 2;
            case I32 -> 6;
            case I64 -> 7;
            case BOOL -> 9;
            case F16 -> 10;
            case F64 -> 11;
            case BF16 -> 16;
        };
    }

    private static byte[] message(Body body) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream to = CodedOutputStream.newInstance(bytes);
        try {
            body.write(to);
            to.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
