package dev.quern.bench.measure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/** What the machine says about itself where a measurement depends on it: caches, and how busy it is. */
public final class Machine {
    /** Where the size of the last-level cache is not known; larger than most. */
    private static final long ASSUMED_CACHE = 64L << 20;
    private static final Path CACHES = Path.of("/sys/devices/system/cpu/cpu0/cache");
    private static final Path ACTIVITY = Path.of("/proc/stat");

    private Machine() {
    }

    /** The size of the processor's last-level cache in bytes, or 64 MiB where it is not known. */
    public static long lastLevelCacheBytes() {
        try (Stream<Path> caches = Files.list(CACHES)) {
            return caches.map(cache -> cache.resolve("size")).filter(Files::isReadable)
                    .mapToLong(Machine::sizeIn).max().orElse(ASSUMED_CACHE);
        } catch (IOException e) {
            return ASSUMED_CACHE;
        }
    }

    private static long sizeIn(Path file) {
        try {
            String text = Files.readString(file).strip().toUpperCase(Locale.ROOT);
            long number = Long.parseLong(text.replaceAll("\\D", ""));
            return text.endsWith("M") ? number << 20 : text.endsWith("K") ? number << 10 : number;
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }

    /**
     * The share of processor time that nobody used during a wait, in [0, 1]: below about 0.95, others are at work and
     * timings are not to be trusted. Empty where the system does not tell.
     */
    public static OptionalDouble idleShare(int millis) throws InterruptedException {
        try {
            long[] before = ticks();
            Thread.sleep(millis);
            long[] after = ticks();
            long all = after[1] - before[1];
            return all <= 0 ? OptionalDouble.empty() : OptionalDouble.of((double) (after[0] - before[0]) / all);
        } catch (IOException | NumberFormatException | IndexOutOfBoundsException e) {
            return OptionalDouble.empty();
        }
    }

    /** Idle and all ticks of the processors, from the line {@code cpu user nice system idle iowait irq softirq steal}. */
    private static long[] ticks() throws IOException {
        try (Stream<String> lines = Files.lines(ACTIVITY)) {
            String[] words = lines.findFirst().orElse("").split("\\s+");
            long all = 0;
            for (int i = 1; i <= 8; i++) {
                all += Long.parseLong(words[i]);
            }
            return new long[] {Long.parseLong(words[4]) + Long.parseLong(words[5]), all};
        }
    }
}
