package dev.quern.layers.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.quern.layers.checkpoint.Safetensors;
import dev.quern.runtime.HostTensor;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** A case computed with PyTorch in double precision: attributes, inputs, expected outputs. */
public final class Golden {
    private final String name;
    private final Safetensors file;
    private final Map<String, String> attributes = new TreeMap<>();

    private Golden(String name, Safetensors file) throws IOException {
        this.name = name;
        this.file = file;
        try (JsonParser json = new JsonFactory().createParser(file.metadata().get("attrs"))) {
            json.nextToken();
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String key = json.currentName();
                json.nextToken();
                attributes.put(key, json.getText());
            }
        }
    }

    public static Golden read(String name) {
        try {
            return new Golden(name, Safetensors.read(Path.of(Objects.requireNonNull(
                    Golden.class.getResource("/golden/" + name + ".safetensors"), name).toURI())));
        } catch (IOException | URISyntaxException e) {
            throw new IllegalStateException(name, e);
        }
    }

    /** A tensor by its whole name: {@code in.p}. */
    public HostTensor tensor(String tensor) {
        return Objects.requireNonNull(file.tensors().get(tensor), name + " has no " + tensor);
    }

    public double number(String attribute, double otherwise) {
        return Double.parseDouble(attributes.getOrDefault(attribute, Double.toString(otherwise)));
    }

    public String text(String attribute) {
        return attributes.get(attribute);
    }

    public boolean flag(String attribute) {
        return Boolean.parseBoolean(attributes.get(attribute));
    }

    /** Root-mean-square error of at most {@code relative} of the expected root mean square, or of 1e-6. NaN fails. */
    public static void assertClose(String what, HostTensor actual, HostTensor expected, double relative) {
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
