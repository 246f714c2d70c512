package dev.quern.runtime.host;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.DeviceKind;
import dev.quern.runtime.Dialect;

/** Describes the processor that the Java virtual machine runs on. */
final class HostProcessor {
    static final String ID = "host";
    /** A cache line, and the widest vector register there is. */
    static final int ALIGNMENT = 64;

    private HostProcessor() {
    }

    static DeviceInfo describe() {
        List<String> cpu = linuxCpuInfo();
        String name = field(cpu, "model name").orElse(System.getProperty("os.arch"));
        String vendor = field(cpu, "vendor_id").orElse("unknown");
        Set<String> flags = new TreeSet<>(Arrays.asList(field(cpu, "flags").orElse("").split(" ")));
        flags.remove("");
        long memory = physicalMemory();
        return new DeviceInfo(ID, DeviceKind.HOST, name, vendor,
                "Java " + Runtime.version().feature() + " " + System.getProperty("java.vm.name"),
                System.getProperty("java.vm.version"), Runtime.getRuntime().availableProcessors(), 1, 0, memory, memory,
                ALIGNMENT, vectorBytes(flags), Collections.unmodifiableSortedSet(new TreeSet<>(EnumSet.of(Dialect.JAVA))),
                Collections.unmodifiableSortedSet(new TreeSet<>(flags)));
    }

    /** The machine's or the container's memory, in bytes. */
    private static long physicalMemory() {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system) {
            return system.getTotalMemorySize();
        }
        return Runtime.getRuntime().maxMemory();
    }

    private static int vectorBytes(Set<String> flags) {
        if (flags.contains("avx512f")) {
            return 64;
        }
        return flags.contains("avx2") || flags.contains("avx") ? 32 : 16;
    }

    private static List<String> linuxCpuInfo() {
        Path file = Path.of("/proc/cpuinfo");
        try {
            return Files.isReadable(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            // The processor's name is a courtesy: without it the device is named after its architecture.
            return List.of();
        }
    }

    private static Optional<String> field(List<String> lines, String key) {
        return lines.stream().filter(line -> line.startsWith(key)).findFirst()
                .map(line -> line.substring(line.indexOf(':') + 1).strip());
    }
}
