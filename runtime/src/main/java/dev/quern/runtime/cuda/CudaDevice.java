package dev.quern.runtime.cuda;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.quern.runtime.Device;
import dev.quern.runtime.DeviceException;
import dev.quern.runtime.DeviceInfo;
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
import jcuda.driver.CUcontext;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One CUDA device through its primary context, which it shares with everything else in the process that uses CUDA. Every entry
 * makes the context current on the thread it comes from.
 */
final class CudaDevice implements Device {
    private static final Logger LOG = LoggerFactory.getLogger(CudaDevice.class);

    private final CudaPlatform.Found found;
    private final DeviceInfo info;
    private final MemoryLedger ledger;
    private final DeviceLife life;
    private final CUcontext context = new CUcontext();
    private final CudaQueue queue;
    private final CudaAllocator allocator;
    private final CudaPrograms compiler;
    private final Map<KernelText, CudaProgram> programs = new HashMap<>();
    private final OwnedObjects owned = new OwnedObjects();
    /** What every call says after a kernel's failure took the context with it; empty while all is well. */
    private volatile String fault = "";

    CudaDevice(CudaPlatform.Found found) {
        this.found = found;
        this.info = found.info();
        this.ledger = new MemoryLedger(info);
        boolean retained = false;
        try {
            CudaFailure.check(JCudaDriver.cuDevicePrimaryCtxRetain(context, found.handle()));
            retained = true;
            CudaFailure.check(JCudaDriver.cuCtxSetCurrent(context));
            this.queue = new CudaQueue(this);
            this.allocator = new CudaAllocator(found, queue.stream());
        } catch (CudaFailure e) {
            if (retained) {
                JCudaDriver.cuDevicePrimaryCtxRelease(found.handle());
            }
            throw CudaErrors.failed(info.id(), "opening the device", e);
        }
        this.compiler = new CudaPrograms(this, found, ProgramCache.ofUser());
        this.life = DeviceLife.watch(this, info.id(), ledger);
        LOG.debug("{}: opened {} ({})", info.id(), info.name(), info.platform());
    }

    CudaPlatform.Found found() {
        return found;
    }

    MemoryLedger ledger() {
        return ledger;
    }

    CudaQueue cudaQueue() {
        return queue;
    }

    CudaAllocator allocator() {
        return allocator;
    }

    /** The id, also after the device was closed. */
    String id() {
        return info.id();
    }

    @Override
    public DeviceInfo info() {
        life.requireOpen();
        return info;
    }

    @Override
    public Queue queue() {
        life.requireOpen();
        return queue;
    }

    /** That the device is open and has not failed; makes its context current on this thread. */
    void enter() {
        life.requireOpen();
        if (!fault.isEmpty()) {
            throw new DeviceException(fault);
        }
        // Others in the process may have made another context current since, so this is not remembered but done: it costs a
        // small part of a microsecond.
        int status = JCudaDriver.cuCtxSetCurrent(context);
        if (status != CUresult.CUDA_SUCCESS) {
            throw new DeviceException(id() + ": making the context current failed: " + CudaErrors.describe(status));
        }
    }

    /** The exception for a call that failed. If the context is lost, every later call will say so too. */
    DeviceException failed(String what, CudaFailure cause) {
        if (!CudaErrors.sticky(cause.status())) {
            return CudaErrors.failed(id(), what, cause);
        }
        if (fault.isEmpty()) {
            fault = id() + " failed in " + queue.suspects() + ": " + cause.getMessage() + "; nothing more can be run on it: close it "
                    + "and open it again (in a new process if it fails again at once)";
        }
        return new DeviceException(fault, cause);
    }

    /** Reports a release that failed, unless all calls fail anyway. */
    void released(String what, int status) {
        if (status != CUresult.CUDA_SUCCESS && fault.isEmpty()) {
            LOG.warn("{}: releasing {} failed: {}", id(), what, CudaErrors.describe(status));
        }
    }

    @Override
    public synchronized Memory allocate(long bytes, String label) {
        enter();
        long ticket = ledger.reserve(bytes, label);
        try {
            return owned.add(new CudaMemory(this, allocator.allocate(bytes), bytes, label, ticket));
        } catch (CudaFailure e) {
            ledger.cancel(ticket);
            if (e.status() == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
                throw new OutOfDeviceMemoryException(ledger.refusal(bytes, label, "the driver says " + e.getMessage()
                        + allocator.left()), e);
            }
            throw failed("allocating " + bytes + " bytes for \"" + label + "\"", e);
        }
    }

    @Override
    public synchronized Staging staging(long bytes) {
        enter();
        if (bytes < 1) {
            throw new IllegalArgumentException("staging needs at least 1 byte, not " + bytes);
        }
        try {
            return owned.add(CudaStaging.pin(this, bytes));
        } catch (CudaFailure e) {
            throw failed("pinning " + bytes + " bytes of host memory", e);
        }
    }

    @Override
    public synchronized Program compile(ProgramSource source) {
        enter();
        return programs.computeIfAbsent(Checks.text(info, source), compiler::compile);
    }

    /** A program's PTX. */
    byte[] ptx(KernelText text) {
        return compiler.ptx(text);
    }

    @Override
    public synchronized Recording record(List<Launch> launches) {
        enter();
        return owned.add(CudaRecording.bind(this, launches));
    }

    @Override
    public DeviceStatistics statistics() {
        life.requireOpen();
        return ledger.statistics();
    }

    synchronized void disown(DeviceObject object) {
        owned.remove(object);
    }

    /** Makes the context current for releasing what is left, whatever state it is in. */
    void enterToRelease() {
        released("what is left", JCudaDriver.cuCtxSetCurrent(context));
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
        enterToRelease();
        owned.drain().forEach(DeviceObject::release);
        programs.values().forEach(CudaProgram::release);
        programs.clear();
        allocator.release(this);
        queue.release();
        released("the context", JCudaDriver.cuDevicePrimaryCtxRelease(found.handle()));
    }

    @Override
    public String toString() {
        return info.id();
    }
}
