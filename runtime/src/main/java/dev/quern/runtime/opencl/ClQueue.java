package dev.quern.runtime.opencl;

import java.nio.ByteBuffer;
import java.util.Arrays;

import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_command_queue;
import org.jocl.cl_event;
import org.jocl.cl_mem;

import dev.quern.runtime.Queue;
import dev.quern.runtime.Recording;
import dev.quern.runtime.Slice;
import dev.quern.runtime.Staging;
import dev.quern.runtime.Timeline;
import dev.quern.runtime.internal.Checks;

/**
 * The in-order queue of a device, and beside it a second one with profiling on, made when it is first needed: on PoCL a
 * launch of a few microseconds takes a tenth longer on a queue that profiles.
 *
 * <p>Copies from and to staging memory block: JOCL starts a thread for every copy that does not.
 */
final class ClQueue implements Queue {
    /** A fill's pattern: 16 equal bytes where lengths allow it, because drivers fill pattern by pattern. */
    private static final int PATTERN = 16;

    private final ClDevice device;
    private final cl_command_queue queue;
    private final byte[] pattern = new byte[PATTERN];
    private final Pointer patternPointer = Pointer.to(pattern);
    private cl_command_queue profiling;

    ClQueue(ClDevice device) {
        this.device = device;
        this.queue = create(0);
    }

    @SuppressWarnings("deprecation") // The replacement of OpenCL 2.0 is missing from 1.2 drivers.
    private cl_command_queue create(long properties) {
        return CL.clCreateCommandQueue(device.context(), device.handle(), properties, null);
    }

    @Override
    public void run(Recording recording) {
        device.requireOpen();
        ClRecording ready = ready(recording);
        int index = 0;
        try {
            for (; index < ready.size(); index++) {
                ready.command(index).on(queue);
            }
            CL.clFlush(queue);
        } catch (CLException e) {
            throw launchFailed(ready, index, e);
        }
    }

    @Override
    public Timeline timeline(Recording recording) {
        device.requireOpen();
        ClRecording ready = ready(recording);
        finish();
        if (profiling == null) {
            profiling = create(CL.CL_QUEUE_PROFILING_ENABLE);
        }
        cl_event[] events = new cl_event[ready.size()];
        int index = 0;
        long begin = System.nanoTime();
        try {
            for (; index < events.length; index++) {
                ClEnqueue command = ready.command(index);
                cl_event event = new cl_event();
                CL.clEnqueueNDRangeKernel(profiling, command.kernel(), command.global().length, null, command.global(), command.local(), 0,
                        null, event);
                events[index] = event;
            }
            CL.clFinish(profiling);
            long wall = System.nanoTime() - begin;
            long[] starts = new long[events.length];
            long[] ends = new long[events.length];
            long first = events.length == 0 ? 0 : stamp(events[0], CL.CL_PROFILING_COMMAND_START);
            for (index = 0; index < events.length; index++) {
                starts[index] = stamp(events[index], CL.CL_PROFILING_COMMAND_START) - first;
                ends[index] = stamp(events[index], CL.CL_PROFILING_COMMAND_END) - first;
            }
            return new Timeline(starts, ends, wall);
        } catch (CLException e) {
            throw launchFailed(ready, Math.min(index, events.length - 1), e);
        } finally {
            for (cl_event event : events) {
                if (event != null) {
                    CL.clReleaseEvent(event);
                }
            }
        }
    }

    private static long stamp(cl_event event, int name) {
        long[] value = new long[1];
        CL.clGetEventProfilingInfo(event, name, Sizeof.cl_ulong, Pointer.to(value), null);
        return value[0];
    }

    private ClRecording ready(Recording recording) {
        if (recording instanceof ClRecording mine) {
            mine.requireReady(device);
            return mine;
        }
        throw new IllegalArgumentException("the recording was made on another device");
    }

    private RuntimeException launchFailed(ClRecording recording, int index, CLException cause) {
        return ClErrors.failed(device.id(), "launch \"" + recording.label(index) + "\"", cause);
    }

    @Override
    public void write(Staging source, Slice target) {
        ClStaging staging = staging(source, target, "write");
        ClSlice slice = (ClSlice) target;
        try {
            for (long done = 0; done < slice.bytes(); done += ClStaging.CHUNK) {
                CL.clEnqueueWriteBuffer(queue, slice.memory().mem(), true, slice.offset() + done,
                        Math.min(ClStaging.CHUNK, slice.bytes() - done), staging.chunk((int) (done / ClStaging.CHUNK)), 0, null,
                        null);
            }
        } catch (CLException e) {
            throw ClErrors.failed(device.id(), "writing " + slice.bytes() + " bytes to " + slice, e);
        }
    }

    @Override
    public void read(Slice source, Staging target) {
        ClStaging staging = staging(target, source, "read");
        ClSlice slice = (ClSlice) source;
        try {
            for (long done = 0; done < slice.bytes(); done += ClStaging.CHUNK) {
                CL.clEnqueueReadBuffer(queue, slice.memory().mem(), true, slice.offset() + done,
                        Math.min(ClStaging.CHUNK, slice.bytes() - done), staging.chunk((int) (done / ClStaging.CHUNK)), 0, null,
                        null);
            }
        } catch (CLException e) {
            throw ClErrors.failed(device.id(), "reading " + slice.bytes() + " bytes of " + slice, e);
        }
    }

    private ClStaging staging(Staging staging, Slice slice, String use) {
        device.requireOpen();
        if (!(staging instanceof ClStaging mine) || mine.device() != device) {
            throw new IllegalArgumentException(use + ": the staging memory is of another device");
        }
        Checks.fits(mine.memory().byteSize(), slice);
        Checks.owned(device, slice, use);
        return mine;
    }

    @Override
    public void copy(Slice source, Slice target) {
        device.requireOpen();
        Checks.owned(device, source, "copy");
        Checks.owned(device, target, "copy");
        Checks.copy(source, target);
        try {
            CL.clEnqueueCopyBuffer(queue, ((ClSlice) source).memory().mem(), ((ClSlice) target).memory().mem(),
                    source.offset(), target.offset(), source.bytes(), 0, null, null);
            CL.clFlush(queue);
        } catch (CLException e) {
            throw ClErrors.failed(device.id(), "copying " + source + " to " + target, e);
        }
    }

    @Override
    public void fill(Slice target, byte value) {
        device.requireOpen();
        Checks.owned(device, target, "fill");
        try {
            fill(((ClSlice) target).memory().mem(), target.offset(), target.bytes(), value);
            CL.clFlush(queue);
        } catch (CLException e) {
            throw ClErrors.failed(device.id(), "filling " + target, e);
        }
    }

    /** Offsets are multiples of the base alignment, so only the end can be ragged. */
    private void fill(cl_mem mem, long offset, long bytes, byte value) {
        Arrays.fill(pattern, value);
        long whole = bytes / PATTERN * PATTERN;
        if (whole > 0) {
            CL.clEnqueueFillBuffer(queue, mem, patternPointer, PATTERN, offset, whole, 0, null, null);
        }
        if (bytes > whole) {
            CL.clEnqueueFillBuffer(queue, mem, patternPointer, 1, offset + whole, bytes - whole, 0, null, null);
        }
    }

    /** Fills a new buffer with zeros and waits. */
    void zero(cl_mem mem, long bytes) {
        fill(mem, 0, bytes, (byte) 0);
        CL.clFinish(queue);
    }

    ByteBuffer map(cl_mem buffer, long bytes) {
        return CL.clEnqueueMapBuffer(queue, buffer, true, CL.CL_MAP_READ | CL.CL_MAP_WRITE, 0, bytes, 0, null, null, null);
    }

    void unmap(cl_mem buffer, ByteBuffer mapped) {
        CL.clEnqueueUnmapMemObject(queue, buffer, mapped, 0, null, null);
        CL.clFinish(queue);
    }

    @Override
    public void finish() {
        device.requireOpen();
        try {
            CL.clFinish(queue);
        } catch (CLException e) {
            throw ClErrors.failed(device.id(), "the queue's work", e);
        }
    }

    void release() {
        if (profiling != null) {
            CL.clReleaseCommandQueue(profiling);
        }
        CL.clReleaseCommandQueue(queue);
    }
}
