package dev.quern.runtime.internal;

import dev.quern.runtime.Argument;
import dev.quern.runtime.Device;
import dev.quern.runtime.Launch;
import dev.quern.runtime.Memory;
import dev.quern.runtime.Slice;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** The launches of a recording with the memory that they use. */
public final class RecordedLaunches {
    private final Device device;
    private final List<Launch> launches;
    private final Memory[] memories;

    /**
     * Launches that were checked.
     *
     * @param device the device that they were recorded on
     */
    public RecordedLaunches(Device device, List<Launch> launches) {
        this.device = device;
        this.launches = List.copyOf(launches);
        Set<Memory> used = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Launch launch : this.launches) {
            for (Argument argument : launch.arguments()) {
                if (argument instanceof Slice slice) {
                    used.add(slice.memory());
                }
            }
        }
        this.memories = used.toArray(Memory[]::new);
    }

    /**
     * That they can run on {@code runner} now. Allocates nothing.
     *
     * @param closed whether the recording was closed
     */
    public void requireReady(Device runner, boolean closed) {
        if (runner != device) {
            throw new IllegalArgumentException("the recording was made on another device");
        }
        if (closed) {
            throw new IllegalStateException("the recording is closed");
        }
        for (Memory memory : memories) {
            Checks.open(memory);
        }
    }

    /** In order. */
    public List<Launch> all() {
        return launches;
    }

    /** The label of one. */
    public String label(int index) {
        return launches.get(index).label();
    }
}
