package dev.quern.bench.peers;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A node of an ONNX graph.
 *
 * @param operator   the operator's name: {@code Conv}
 * @param inputs     the names of what it reads; an empty name is an input left out
 * @param outputs    the names of what it makes; an empty name is an output left out
 * @param attributes their values: a {@link Long}, a {@link Float}, a {@link String}, or a list of Long
 */
record OnnxNode(String operator, List<String> inputs, List<String> outputs, Map<String, Object> attributes) {
    private static final Pattern NODE = Pattern.compile("([\\w, ]+?)\\s*=\\s*(\\w+)\\s*(?:<(.*)>)?\\s*\\((.*)\\)");
    private static final Pattern ATTRIBUTE = Pattern.compile("(\\w+)\\s*=\\s*(\\[[^]]*]|\"[^\"]*\"|[^,\\s]+)");

    OnnxNode {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /**
     * Reads a node a line: {@code y = Conv <strides = [1, 1], auto_pad = "NOTSET"> (x0, x1)}. Numbers with a point are floating-point.
     *
     * @throws IllegalArgumentException if a line is none
     */
    static List<OnnxNode> ofLines(String lines) {
        return lines.lines().map(String::strip).filter(line -> !line.isEmpty()).map(OnnxNode::ofLine).toList();
    }

    private static OnnxNode ofLine(String line) {
        Matcher node = NODE.matcher(line);
        if (!node.matches()) {
            throw new IllegalArgumentException("not a node of an ONNX graph, as y = Relu (x0) is: " + line);
        }
        Map<String, Object> attributes = new LinkedHashMap<>();
        if (node.group(3) != null) {
            Matcher attribute = ATTRIBUTE.matcher(node.group(3));
            while (attribute.find()) {
                attributes.put(attribute.group(1), value(attribute.group(2)));
            }
        }
        return new OnnxNode(node.group(2), names(node.group(4)), names(node.group(1)), attributes);
    }

    private static List<String> names(String text) {
        return text.isBlank() ? List.of() : Arrays.stream(text.split(",", -1)).map(String::strip).toList();
    }

    private static Object value(String text) {
        if (text.startsWith("[")) {
            List<Long> numbers = new ArrayList<>();
            for (String number : text.substring(1, text.length() - 1).split(",")) {
                numbers.add(Long.parseLong(number.strip()));
            }
            return numbers;
        }
        if (text.startsWith("\"")) {
            return text.substring(1, text.length() - 1);
        }
        if (text.matches("-?\\d+")) {
            return Long.parseLong(text);
        }
        return Float.parseFloat(text);
    }
}
