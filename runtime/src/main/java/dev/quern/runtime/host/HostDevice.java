package dev.quern.runtime.host;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.quern.runtime.Device;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.DeviceStatistics;
import dev.quern.runtime.HostCode;
import dev.quern.runtime.KernelText;
import dev.quern.runtime.Launch;
import dev.quern.runtime.Memory;
import dev.quern.runtime.OutOfDeviceMemoryException;
import dev.quern.runtime.Program;
import dev.quern.runtime.ProgramSource;
import dev.quern.runtime.Queue;
import dev.quern.runtime.Recording;
import dev.quern.runtime.Staging;
import dev.quern.runtime.internal.Checks;
import dev.quern.runtime.internal.DeviceLife;
import dev.quern.runtime.internal.MemoryLedger;

/** The processor as a device: memory off the Java heap, kernels in Java, one queue that runs as it is given work. */
final class HostDevice implements Device {
    private final DeviceInfo info;
    private final MemoryLedger ledger;
    private final DeviceLife life;
    private final GroupPool pool;
    private final HostQueue queue;
    private final Map<HostCode, HostProgram> programs = new HashMap<>();
    private final Set<HostMemory> memories = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<HostStaging> stagings = Collections.newSetFromMap(new IdentityHashMap<>());

    HostDevice(DeviceInfo info) {
        this.info = info;
        this.ledger = new MemoryLedger(info);
        this.life = DeviceLife.watch(this, info.id(), ledger);
        this.pool = new GroupPool(info.computeUnits());
        this.queue = new HostQueue(this, pool);
    }

    @Override
    public DeviceInfo info() {
        requireOpen();
        return info;
    }

    @Override
    public Queue queue() {
        requireOpen();
        return queue;
    }

    @Override
    public synchronized Memory allocate(long bytes, String label) {
        requireOpen();
        long ticket = ledger.reserve(bytes, label);
        Arena arena = Arena.ofShared();
        MemorySegment segment;
        try {
            segment = arena.allocate(bytes, HostProcessor.ALIGNMENT);
        } catch (OutOfMemoryError e) {
            arena.close();
            ledger.cancel(ticket);
            throw new OutOfDeviceMemoryException(ledger.refusal(bytes, label, "the system has no more"), e);
        }
        HostMemory memory = new HostMemory(this, arena, segment, label, ticket);
        memories.add(memory);
        return memory;
    }

    synchronized void released(HostMemory memory, long ticket) {
        memories.remove(memory);
        ledger.release(ticket);
    }

    @Override
    public synchronized Staging staging(long bytes) {
        requireOpen();
        if (bytes < 1) {
            throw new IllegalArgumentException("staging needs at least 1 byte, not " + bytes);
        }
        HostStaging staging = HostStaging.allocate(this, bytes);
        stagings.add(staging);
        return staging;
    }

    synchronized void released(HostStaging staging) {
        stagings.remove(staging);
    }

    @Override
    public synchronized Program compile(ProgramSource source) {
        requireOpen();
        return switch (source) {
            case HostCode code -> {
                HostProgram known = programs.get(code);
                if (known == null) {
                    known = new HostProgram(code, this);
                    programs.put(code, known);
                    ledger.programBuilt(false);
                }
                yield known;
            }
            case KernelText text -> throw Checks.wrongDialect(info, text.name(), text.dialect().toString());
        };
    }

    @Override
    public Recording record(List<Launch> launches) {
        requireOpen();
        List<HostLaunch> bound = new ArrayList<>(launches.size());
        for (Launch launch : launches) {
            Checks.launch(this, launch);
            bound.add(HostLaunch.bind(launch));
        }
        return new HostRecording(this, launches, bound);
    }

    @Override
    public DeviceStatistics statistics() {
        requireOpen();
        return ledger.statistics();
    }

    void requireOpen() {
        life.requireOpen();
    }

    @Override
    public synchronized void close() {
        if (!life.end()) {
            return;
        }
        ledger.reportOpen(() -> "the device was closed");
        pool.close();
        List.copyOf(memories).forEach(HostMemory::close);
        List.copyOf(stagings).forEach(HostStaging::close);
        programs.clear();
    }

    @Override
    public String toString() {
        return info.id();
    }
}
