package dev.quern.runtime.opencl;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.cl_context;
import org.jocl.cl_context_properties;
import org.jocl.cl_device_id;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.quern.runtime.Device;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.DeviceKind;
import dev.quern.runtime.DeviceStatistics;
import dev.quern.runtime.KernelText;
import dev.quern.runtime.Launch;
import dev.quern.runtime.Memory;
import dev.quern.runtime.OutOfDeviceMemoryException;
import dev.quern.runtime.Program;
import dev.quern.runtime.ProgramSource;
import dev.quern.runtime.Queue;
import dev.quern.runtime.Recording;
import dev.quern.runtime.Staging;
import dev.quern.runtime.cache.ProgramCache;
import dev.quern.runtime.internal.Checks;
import dev.quern.runtime.internal.DeviceLife;
import dev.quern.runtime.internal.DeviceObject;
import dev.quern.runtime.internal.MemoryLedger;
import dev.quern.runtime.internal.OwnedObjects;

/** One OpenCL device with a context of its own. It owns every driver object made through it. */
final class ClDevice implements Device {
    private static final Logger LOG = LoggerFactory.getLogger(ClDevice.class);

    private final ClPlatforms.Found found;
    private final DeviceInfo info;
    private final MemoryLedger ledger;
    private final DeviceLife life;
    private final cl_context context;
    private final ClQueue queue;
    private final long[] maxLocal;
    private final boolean sharesMemory;
    private final ClCompiler compiler;
    private final Map<KernelText, ClProgram> programs = new HashMap<>();
    private final OwnedObjects owned = new OwnedObjects();

    ClDevice(ClPlatforms.Found found) {
        this.found = found;
        this.info = found.info();
        this.ledger = new MemoryLedger(info);
        cl_context made = null;
        try {
            cl_context_properties properties = new cl_context_properties();
            properties.addProperty(CL.CL_CONTEXT_PLATFORM, found.platform());
            made = CL.clCreateContext(properties, 1, new cl_device_id[] {found.device()}, null, null, null);
            this.context = made;
            this.maxLocal = ClQuery.sizes(found.device(), CL.CL_DEVICE_MAX_WORK_ITEM_SIZES, 3);
            this.sharesMemory = ClBlock.shareable(info.kind(), found.device());
            this.queue = new ClQueue(this);
        } catch (CLException e) {
            if (made != null) {
                CL.clReleaseContext(made);
            }
            throw ClErrors.failed(info.id(), "opening the device", e);
        }
        this.compiler = new ClCompiler(this, ProgramCache.ofUser());
        this.life = DeviceLife.watch(this, info.id(), ledger);
        LOG.debug("{}: opened {} ({})", info.id(), info.name(), info.platform());
    }

    cl_context context() {
        return context;
    }

    cl_device_id handle() {
        return found.device();
    }

    /** The platform's whole version text: part of what a compiled program depends on. */
    String platformVersion() {
        return found.platformVersion();
    }

    String name() {
        return info.name();
    }

    String driver() {
        return info.driver();
    }

    MemoryLedger ledger() {
        return ledger;
    }

    ClQueue clQueue() {
        return queue;
    }

    /** The most work-items of a group along one axis. */
    long maxLocal(int axis) {
        return maxLocal[axis];
    }

    @Override
    public DeviceInfo info() {
        requireOpen();
        return info;
    }

    /** The id, also after the device was closed. */
    String id() {
        return info.id();
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
        ClBlock block = null;
        try {
            block = ClBlock.allocate(context, bytes, sharesMemory);
            if (info.kind() == DeviceKind.CPU && platformVersion().contains("PoCL")) {
                ClHugePages.advise(queue, block.mem(), bytes);
            }
            // Drivers allocate at first use: filling now makes "out of memory" surface here and not in a step.
            queue.zero(block.mem(), bytes);
        } catch (CLException e) {
            ledger.cancel(ticket);
            if (block != null) {
                block.release();
            }
            if (ClErrors.outOfMemory(e)) {
                throw new OutOfDeviceMemoryException(ledger.refusal(bytes, label, "the driver says "
                        + ClErrors.describe(e)), e);
            }
            throw ClErrors.failed(info.id(), "allocating " + bytes + " bytes for \"" + label + "\"", e);
        }
        return owned.add(new ClMemory(this, block, bytes, label, ticket));
    }

    @Override
    public synchronized Staging staging(long bytes) {
        requireOpen();
        if (bytes < 1) {
            throw new IllegalArgumentException("staging needs at least 1 byte, not " + bytes);
        }
        return owned.add(info.kind() == DeviceKind.CPU ? ClStaging.direct(this, bytes)
                : ClStaging.pinned(this, bytes));
    }

    @Override
    public synchronized Program compile(ProgramSource source) {
        requireOpen();
        return programs.computeIfAbsent(Checks.text(info, source), compiler::compile);
    }

    @Override
    public synchronized Recording record(List<Launch> launches) {
        requireOpen();
        return owned.add(ClRecording.bind(this, launches));
    }

    @Override
    public DeviceStatistics statistics() {
        requireOpen();
        return ledger.statistics();
    }

    void requireOpen() {
        life.requireOpen();
    }

    boolean closed() {
        return life.closed();
    }

    synchronized void disown(DeviceObject object) {
        owned.remove(object);
    }

    @Override
    public synchronized void close() {
        if (life.closed()) {
            return;
        }
        try {
            queue.finish();
        } catch (RuntimeException e) {
            LOG.warn("{}: work failed before the device was closed: {}", info.id(), e.getMessage());
        }
        life.end();
        ledger.reportOpen(() -> "the device was closed");
        List<Runnable> releases = new ArrayList<>();
        owned.drain().forEach(left -> releases.add(left::release));
        programs.values().forEach(program -> releases.add(program::release));
        releases.add(queue::release);
        releases.add(() -> CL.clReleaseContext(context));
        for (Runnable release : releases) {
            try {
                release.run();
            } catch (CLException e) {
                LOG.warn("{}: releasing an object failed: {}", info.id(), ClErrors.describe(e));
            }
        }
        programs.clear();
    }

    @Override
    public String toString() {
        return info.id();
    }
}
