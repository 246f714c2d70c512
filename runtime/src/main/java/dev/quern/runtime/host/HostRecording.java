package dev.quern.runtime.host;

import java.util.List;

import dev.quern.runtime.Launch;
import dev.quern.runtime.Recording;

/** Launches of the host device, bound. */
final class HostRecording implements Recording {
    private final HostDevice device;
    private final List<Launch> launches;
    private final HostLaunch[] bound;
    private volatile boolean closed;

    HostRecording(HostDevice device, List<Launch> launches, List<HostLaunch> bound) {
        this.device = device;
        this.launches = List.copyOf(launches);
        this.bound = bound.toArray(HostLaunch[]::new);
    }

    @Override
    public List<Launch> launches() {
        return launches;
    }

    /** The launches for a run on {@code runner}; every memory is checked here, before the first kernel runs. */
    HostLaunch[] ready(HostDevice runner) {
        if (runner != device) {
            throw new IllegalArgumentException("the recording was made on another device");
        }
        if (closed) {
            throw new IllegalStateException("the recording is closed");
        }
        for (HostLaunch launch : bound) {
            launch.requireMemoryOpen();
        }
        return bound;
    }

    @Override
    public void close() {
        closed = true;
    }
}
