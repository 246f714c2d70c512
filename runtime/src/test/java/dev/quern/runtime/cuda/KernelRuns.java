package dev.quern.runtime.cuda;

import dev.quern.runtime.Device;
import dev.quern.runtime.Devices;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import dev.quern.runtime.Launch;
import dev.quern.runtime.Memory;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Staging;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs kernels on {@code cuda:0} in a process of its own, each on a freshly opened device, and prints a line for each: what came of
 * it, a tab, what the emulated device reported. A kernel is {@code run(const float* in, float* out)} over COUNT floats each, in two
 * blocks of HALF threads; {@code in[i]} is i + 1.
 *
 * <p>Arguments: a folder with kernel bodies, then the names of files in it.
 */
final class KernelRuns {
    static final int COUNT = 128;
    static final int HALF = COUNT / 2;

    private KernelRuns() {
    }

    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        Path report = Path.of(System.getenv().getOrDefault("QUERN_EMULATED_REPORT", folder.resolve("no report").toString()));
        for (int i = 1; i < arguments.length; i++) {
            Files.deleteIfExists(report);
            String outcome;
            try (Device device = Devices.open("cuda:0")) {
                outcome = run(device, arguments[i], Files.readString(folder.resolve(arguments[i])));
            } catch (QuernException e) {
                outcome = e.getMessage();
            }
            String reported = Files.exists(report) ? Files.readString(report) : "";
            System.out.println(outcome.replace('\n', ' ') + "\t" + reported.strip().replace("\n", " | "));
        }
    }

    private static String run(Device device, String name, String body) {
        KernelText text = KernelText.of(name, Dialect.CUDA, "Q_KERNEL void run(const float* in, float* out) {\n"
                + "const int x = (int)threadIdx.x, i = (int)(blockIdx.x * blockDim.x) + x;\n" + body + "\n}\n");
        try (Memory in = device.allocate(COUNT * 4L, "in"); Memory out = device.allocate(COUNT * 4L, "out");
                Staging staging = device.staging(COUNT * 4L)) {
            for (int i = 0; i < COUNT; i++) {
                staging.memory().setAtIndex(ValueLayout.JAVA_FLOAT, i, i + 1);
            }
            device.queue().write(staging, in.slice());
            staging.await();
            List<Launch> launches = List.of(new Launch(name, device.compile(text).kernel("run"), new Grid(2, 1, 1, HALF, 1, 1),
                    List.of(in.slice(), out.slice())));
            device.queue().runOnce(launches, device);
            device.queue().read(out.slice(), staging);
            List<String> values = new ArrayList<>();
            for (int i = 0; i < COUNT; i++) {
                values.add(String.valueOf((long) staging.memory().getAtIndex(ValueLayout.JAVA_FLOAT, i)));
            }
            return "ran " + String.join(" ", values);
        }
    }
}
