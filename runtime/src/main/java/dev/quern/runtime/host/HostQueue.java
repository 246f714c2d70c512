package dev.quern.runtime.host;

import java.lang.foreign.MemorySegment;

import dev.quern.runtime.Queue;
import dev.quern.runtime.Recording;
import dev.quern.runtime.Slice;
import dev.quern.runtime.Staging;
import dev.quern.runtime.Timeline;
import dev.quern.runtime.internal.Checks;

/** Does its work in the caller's thread, helped by the pool: when a call returns, the work is done. */
final class HostQueue implements Queue {
    private final HostDevice device;
    private final GroupPool pool;

    HostQueue(HostDevice device, GroupPool pool) {
        this.device = device;
        this.pool = pool;
    }

    @Override
    public void run(Recording recording) {
        for (HostLaunch launch : launches(recording)) {
            pool.run(launch);
        }
    }

    @Override
    public Timeline timeline(Recording recording) {
        HostLaunch[] launches = launches(recording);
        long[] starts = new long[launches.length];
        long[] ends = new long[launches.length];
        long begin = System.nanoTime();
        for (int index = 0; index < launches.length; index++) {
            starts[index] = System.nanoTime() - begin;
            pool.run(launches[index]);
            ends[index] = System.nanoTime() - begin;
        }
        return new Timeline(starts, ends, System.nanoTime() - begin);
    }

    private HostLaunch[] launches(Recording recording) {
        device.requireOpen();
        if (recording instanceof HostRecording host) {
            return host.ready(device);
        }
        throw new IllegalArgumentException("the recording was made on another device");
    }

    @Override
    public void write(Staging source, Slice target) {
        MemorySegment from = staging(source, target);
        MemorySegment.copy(from, 0, segment(target, "write"), 0, target.bytes());
    }

    @Override
    public void read(Slice source, Staging target) {
        MemorySegment to = staging(target, source);
        MemorySegment.copy(segment(source, "read"), 0, to, 0, source.bytes());
    }

    @Override
    public void copy(Slice source, Slice target) {
        device.requireOpen();
        Checks.copy(source, target);
        MemorySegment.copy(segment(source, "copy"), 0, segment(target, "copy"), 0, source.bytes());
    }

    @Override
    public void fill(Slice target, byte value) {
        device.requireOpen();
        segment(target, "fill").fill(value);
    }

    @Override
    public void finish() {
        device.requireOpen();
    }

    private MemorySegment staging(Staging staging, Slice slice) {
        device.requireOpen();
        if (!(staging instanceof HostStaging mine) || mine.device() != device) {
            throw new IllegalArgumentException("the staging memory is of another device than this " + device);
        }
        Checks.fits(mine.memory().byteSize(), slice);
        return mine.memory();
    }

    private MemorySegment segment(Slice slice, String use) {
        Checks.owned(device, slice, use);
        return ((HostSlice) slice).segment();
    }
}
