package dev.quern.examples.command;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import dev.quern.layers.train.Metric;
import dev.quern.layers.train.TrainingEvent;
import dev.quern.runtime.DeviceInfo;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/**
 * What a training run came to: the content of {@code --json}.
 *
 * @param model        the model's name
 * @param device       the device's id
 * @param deviceName   the driver's name for it
 * @param seed         the seed of weights, order and changes of the images
 * @param batch        samples a step
 * @param parameters   numbers that were trained
 * @param epochs       the epochs of this run
 * @param stepLosses   the loss of each step of this run, before its update
 * @param test         what the test samples measured at the end
 * @param stepMillis   the median time of a step in milliseconds, wall clock, loading the batch included
 */
record TrainReport(String model, String device, String deviceName, long seed, int batch, long parameters, List<TrainingEvent.Epoch> epochs,
        float[] stepLosses, List<Metric> test, double stepMillis) {

    /** The report of a program, which has neither batches nor epochs. */
    static TrainReport ofProgram(String name, DeviceInfo device, long seed, List<Metric> metrics) {
        return new TrainReport(name, device.id(), device.name(), seed, 0, 0, List.of(), new float[0], metrics, 0);
    }

    /** The report as a JSON object. What is not a finite number is null. */
    String json() {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.setPrettyPrinter(new DefaultPrettyPrinter());
            json.writeStartObject();
            json.writeStringField("model", model);
            json.writeStringField("device", device);
            json.writeStringField("device_name", deviceName);
            json.writeNumberField("seed", seed);
            json.writeNumberField("batch", batch);
            json.writeNumberField("parameters", parameters);
            json.writeArrayFieldStart("epochs");
            for (TrainingEvent.Epoch epoch : epochs) {
                json.writeStartObject();
                json.writeNumberField("epoch", epoch.epoch());
                for (Map.Entry<String, Double> loss : epoch.losses().entrySet()) {
                    number(json, loss.getKey(), loss.getValue());
                }
                number(json, "seconds", epoch.seconds());
                number(json, "samples_per_second", epoch.samplesPerSecond());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeArrayFieldStart("step_losses");
            for (float loss : stepLosses) {
                // As floats: the shortest text that reads back to the same 32 bits.
                if (Float.isFinite(loss)) {
                    json.writeNumber(loss);
                } else {
                    json.writeNull();
                }
            }
            json.writeEndArray();
            Measures.write(json, test);
            number(json, "step_ms_median", stepMillis);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text + "\n";
    }

    private static void number(JsonGenerator json, String name, double value) throws IOException {
        if (Double.isFinite(value)) {
            json.writeNumberField(name, value);
        } else {
            json.writeNullField(name);
        }
    }
}
