package dev.quern.runtime.internal;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.DeviceStatistics;
import dev.quern.runtime.OutOfDeviceMemoryException;

/**
 * The books of one device: what is allocated, for what, and how much was at most. It refers to no memory object, so that
 * it can outlive its device in order to report what the device left behind.
 */
public final class MemoryLedger {
    /** Set to {@code true}, this system property makes every allocation keep its stack for the leak report. */
    public static final String LEAKS_PROPERTY = "quern.leaks";

    private static final Logger LOG = LoggerFactory.getLogger(MemoryLedger.class);
    /** How many of the open allocations the line about one that failed names. */
    private static final int MOST_NAMED = 4;

    private final String device;
    private final long capacity;
    private final long largest;
    private final boolean systemMemory;
    private final boolean keepStacks = Boolean.getBoolean(LEAKS_PROPERTY) || LOG.isDebugEnabled();
    private final Map<Long, Entry> open = new LinkedHashMap<>();
    private long nextTicket;
    private long allocations;
    private long programsBuilt;
    private long programCacheHits;
    private long liveBytes;
    private long peakBytes;

    private record Entry(String label, long bytes, Throwable allocatedAt) {
    }

    /** Where an allocation was made; thrown by nobody. */
    private static final class AllocationSite extends Throwable {
        private static final long serialVersionUID = 1L;

        AllocationSite(String label) {
            super("\"" + label + "\" was allocated here", null, false, true);
        }
    }

    /**
     * Opens the books of a device.
     *
     * @param info what the device has and how large one allocation may be
     */
    public MemoryLedger(DeviceInfo info) {
        this.device = info.id();
        this.capacity = info.globalMemory();
        this.largest = info.maxAllocation();
        this.systemMemory = info.isCpu();
    }

    /**
     * Books an allocation before it is made; give the ticket back to {@link #release} when it fails or is closed.
     *
     * @throws IllegalArgumentException   if {@code bytes} is less than 1
     * @throws OutOfDeviceMemoryException if it is larger than one allocation may be or than what is left
     */
    public synchronized long reserve(long bytes, String label) {
        if (bytes < 1) {
            throw new IllegalArgumentException("\"" + label + "\": an allocation needs at least 1 byte, not " + bytes);
        }
        if (bytes > largest) {
            throw new OutOfDeviceMemoryException(refusal(bytes, label, "one allocation may have at most " + size(largest)));
        }
        if (bytes > capacity - liveBytes) {
            throw new OutOfDeviceMemoryException(refusal(bytes, label, "the device has " + size(capacity)));
        }
        if (systemMemory && SystemMemory.cannotGive(bytes)) {
            throw new OutOfDeviceMemoryException(refusal(bytes, label, "the system has less than that left"));
        }
        long ticket = nextTicket++;
        open.put(ticket, new Entry(label, bytes, keepStacks ? new AllocationSite(label) : null));
        liveBytes += bytes;
        peakBytes = Math.max(peakBytes, liveBytes);
        allocations++;
        return ticket;
    }

    /** The line that says why an allocation failed. */
    public synchronized String refusal(long bytes, String label, String reason) {
        return device + ": no memory for \"" + label + "\": asked for " + size(bytes) + ", " + size(liveBytes)
                + " in use" + largestOpen() + ", " + reason + "; use a smaller batch or model, or close what is no longer needed";
    }

    /** The largest allocations that are open, by what they are for. */
    private String largestOpen() {
        return open.isEmpty() ? "" : open.values().stream().sorted(Comparator.comparingLong(Entry::bytes).reversed())
                .limit(MOST_NAMED).map(entry -> "\"" + entry.label + "\" " + size(entry.bytes))
                .collect(Collectors.joining(", ", " (largest: ", ")"));
    }

    /** Takes an allocation out of the books; twice is once. */
    public synchronized void release(long ticket) {
        Entry entry = open.remove(ticket);
        if (entry != null) {
            liveBytes -= entry.bytes;
        }
    }

    /** Takes back a booking whose allocation failed: it never happened. */
    public synchronized void cancel(long ticket) {
        if (open.containsKey(ticket)) {
            release(ticket);
            allocations--;
        }
    }

    /** Counts a program. */
    public synchronized void programBuilt(boolean fromCache) {
        programsBuilt++;
        if (fromCache) {
            programCacheHits++;
        }
    }

    /** The counters now. */
    public synchronized DeviceStatistics statistics() {
        return new DeviceStatistics(allocations, programsBuilt, programCacheHits, liveBytes, peakBytes);
    }

    /** Warns of every allocation that is still open. */
    public synchronized void reportOpen(Supplier<String> when) {
        if (open.isEmpty()) {
            return;
        }
        LOG.warn("{}: {} allocations ({}) were still open when {}{}", device, open.size(), size(liveBytes), when.get(),
                keepStacks ? "" : "; run with -D" + LEAKS_PROPERTY + "=true to see where they were made");
        for (Entry entry : open.values()) {
            String line = device + ": leaked \"" + entry.label + "\", " + size(entry.bytes);
            if (entry.allocatedAt == null) {
                LOG.warn(line);
            } else {
                LOG.warn(line, entry.allocatedAt);
            }
        }
    }

    /** A byte count for people: {@code 12.5 MiB}; below one KiB in bytes. */
    static String size(long bytes) {
        String[] units = {"KiB", "MiB", "GiB", "TiB"};
        if (bytes < 1024) {
            return bytes + " bytes";
        }
        double value = bytes;
        int unit = -1;
        while (value >= 1024 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %s", value, units[unit]);
    }
}
