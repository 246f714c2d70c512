package dev.quern.runtime.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** What the operating system could still give without ending a process for it. */
public final class SystemMemory {
    /** Smaller requests are not worth the question. */
    private static final long ASK_FROM_BYTES = 64L << 20;
    private static final Path LINUX = Path.of("/proc/meminfo");
    private static final String AVAILABLE = "MemAvailable:";

    private SystemMemory() {
    }

    /**
     * Whether devices that take their memory from the system's should refuse this allocation. Linux promises more than
     * it has, and ends processes when they come to use it; an exception is better.
     */
    public static boolean cannotGive(long bytes) {
        return bytes >= ASK_FROM_BYTES && bytes > available().orElse(Long.MAX_VALUE);
    }

    /** Bytes that are available; empty where the system does not tell. */
    static OptionalLong available() {
        if (!Files.isReadable(LINUX)) {
            return OptionalLong.empty();
        }
        try {
            return Files.readAllLines(LINUX).stream().filter(line -> line.startsWith(AVAILABLE))
                    .mapToLong(line -> Long.parseLong(line.substring(AVAILABLE.length()).replace("kB", "").strip()) << 10)
                    .findFirst();
        } catch (IOException | NumberFormatException e) {
            return OptionalLong.empty();
        }
    }
}
