package dev.quern.examples.command;

import dev.quern.examples.ExampleModel;
import dev.quern.graph.compile.CompileOptions;
import dev.quern.runtime.Device;
import java.io.PrintWriter;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which training step a command looks at: a model's, of so many samples, on a device, compiled so. */
public final class StepOption {
    @Mixin
    private ModelParameter modelParameter;

    @Mixin
    private DeviceOption deviceOption;

    @Mixin
    private CompileOption compileOption;

    @Option(names = "--batch", paramLabel = "N", description = "Samples a step. By default the model's: lenet 64.")
    private Optional<Integer> batch;

    /**
     * The model.
     *
     * @throws UsageException if there is none of that name
     */
    public ExampleModel model() {
        return modelParameter.model();
    }

    /**
     * Samples a step.
     *
     * @throws UsageException if there is to be less than one
     */
    public int samples() {
        int samples = batch.orElseGet(() -> model().recipe().batch());
        if (samples < 1) {
            throw new UsageException("--batch " + samples + ": must be at least 1");
        }
        return samples;
    }

    /** How to compile it. */
    public CompileOptions compile() {
        return compileOption.options();
    }

    /**
     * Opens the device and prints which it is.
     *
     * @throws UsageException if there is no such device
     */
    public Device open(PrintWriter out) {
        return deviceOption.open(out);
    }
}
