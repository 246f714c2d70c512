package dev.quern.bench;

import dev.quern.bench.ceiling.CeilingRun;
import dev.quern.bench.ceiling.Ceilings;
import dev.quern.examples.command.DeviceOption;
import dev.quern.runtime.Device;
import java.io.PrintWriter;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code quern bench ceilings}: what a device can do at most. */
@Command(name = "ceilings", mixinStandardHelpOptions = true,
        description = "Measure what a device can do at most: copying, reading, arithmetic.")
final class CeilingsCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Mixin
    private DeviceOption deviceOption;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        try (Device device = deviceOption.open(out)) {
            print(out, CeilingRun.measure(device));
        }
    }

    static void print(PrintWriter out, Ceilings ceilings) {
        out.println(String.format(Locale.ROOT, "ceilings: copy %.1f GB/s (%s), read %.1f GB/s (%s), %.0f GFLOP/s (%s)",
                ceilings.copy() * 1e-9, ceilings.copyBy(), ceilings.read() * 1e-9, ceilings.readBy(), ceilings.flops() * 1e-9,
                ceilings.flopsBy()));
    }
}
