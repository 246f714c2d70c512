package dev.quern.examples.command;

import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.DeviceKind;
import dev.quern.runtime.Devices;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code quern devices}: every device, which one would be chosen and why, and what is missing. */
@Command(name = "devices", description = "List the devices, the one that would be chosen, and what is missing.",
        mixinStandardHelpOptions = true)
final class DevicesCommand implements Runnable {
    private static final double GIB = 1L << 30;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        List<DeviceInfo> devices = Devices.list();
        Table table = new Table("ID", "KIND", "NAME", "PLATFORM", ">UNITS", ">MEMORY", ">LARGEST BLOCK", ">VECTOR");
        for (DeviceInfo info : devices) {
            table.row(info.id(), kind(info.kind()), info.name(), info.platform(), info.computeUnits(),
                    gib(info.globalMemory()), gib(info.maxAllocation()),
                    info.isCpu() ? info.vectorBytes() * 8 + " bit" : "");
        }
        table.print(out);
        out.println();
        Devices.Choice choice = Devices.choose(Devices.AUTO);
        out.println("auto: " + choice.line());
        Devices.absences().forEach(absence -> out.println("missing: " + absence));
    }

    private static String kind(DeviceKind kind) {
        return switch (kind) {
            case GPU -> "GPU";
            case ACCELERATOR -> "accelerator";
            case CPU -> "processor";
            case HOST -> "built in";
        };
    }

    private static String gib(long bytes) {
        return String.format(Locale.ROOT, "%.1f GiB", bytes / GIB);
    }
}
