package dev.quern.examples.command;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.quern.layers.train.Evaluation;
import dev.quern.layers.train.Metric;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** How commands show what an evaluation measured. */
final class Measures {
    private static final double SMALL = 1e-2;

    private Measures() {
    }

    /** {@code accuracy 0.9870, loss 0.0412}. */
    static String all(Evaluation evaluation) {
        return evaluation.metrics().stream().map(Measures::text).collect(Collectors.joining(", "));
    }

    /** {@code accuracy 0.9870}; of what would show few digits so, {@code mse 1.04e-04}. */
    static String text(Metric metric) {
        boolean small = metric.value() != 0 && Math.abs(metric.value()) < SMALL;
        return String.format(Locale.ROOT, small ? "%s %.2e" : "%s %.4f", metric.name(), metric.value());
    }

    /** Fields {@code test_accuracy} and the like. What is not a finite number is null. */
    static void write(JsonGenerator json, List<Metric> metrics) throws IOException {
        for (Metric metric : metrics) {
            if (Double.isFinite(metric.value())) {
                json.writeNumberField("test_" + metric.name(), metric.value());
            } else {
                json.writeNullField("test_" + metric.name());
            }
        }
    }
}
