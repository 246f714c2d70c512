package dev.quern.examples.command;

import dev.quern.runtime.Device;
import dev.quern.runtime.DeviceNotFoundException;
import dev.quern.runtime.Devices;
import dev.quern.runtime.Recording;
import java.io.PrintWriter;
import picocli.CommandLine.Option;

/** The option {@code --device}, the same for every command that runs kernels. */
public final class DeviceOption {
    @Option(names = "--device", paramLabel = "ID", defaultValue = Devices.AUTO,
            description = "The device, as \"quern devices\" names it: cuda:0, opencl:0, host. By default the best one (${DEFAULT-VALUE}).")
    private String id;

    @Option(names = "--no-graph",
            description = "Launch a step's kernels one by one where a graph of them would be launched (CUDA).")
    private boolean noGraph;

    /**
     * Opens the device and prints which it is and why, for a device is never chosen silently.
     *
     * @throws UsageException if there is no such device; the message names those there are
     */
    public Device open(PrintWriter out) {
        if (noGraph) {
            System.setProperty(Recording.GRAPH_PROPERTY, "false");
        }
        return open(id, out);
    }

    /** The same for a device that was named otherwise. */
    static Device open(String id, PrintWriter out) {
        try {
            Devices.Choice choice = Devices.choose(id);
            out.println(choice.line());
            return choice.open();
        } catch (DeviceNotFoundException e) {
            throw new UsageException(e.getMessage());
        }
    }
}
