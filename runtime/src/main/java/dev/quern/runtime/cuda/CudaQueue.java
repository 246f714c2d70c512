package dev.quern.runtime.cuda;

import dev.quern.runtime.Queue;
import dev.quern.runtime.Recording;
import dev.quern.runtime.Slice;
import dev.quern.runtime.Staging;
import dev.quern.runtime.Timeline;
import dev.quern.runtime.internal.Checks;
import java.util.Optional;
import jcuda.driver.CUevent;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

/** The stream of a device, and another in which inputs travel ahead. Only {@link #read}, {@link #time} and {@link #finish} wait for it. */
final class CudaQueue implements Queue {
    private final CudaDevice device;
    private final Handles.Stream stream = new Handles.Stream();
    /** Whether each launch is waited for, so that one that fails is known: what the variable tells the driver's own runtime. */
    private final boolean blocking = "1".equals(System.getenv("CUDA_LAUNCH_BLOCKING"));
    /** What was run since the last wait: the first and the last recording and how many; then, which launch failed if that is known. */
    private CudaRecording first;
    private CudaRecording last;
    private long runs;
    private String launch = "";
    /** Made when something is first copied ahead. */
    private Optional<CopyStream> ahead = Optional.empty();

    CudaQueue(CudaDevice device) {
        this.device = device;
        CudaFailure.check(JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING));
    }

    Handles.Stream stream() {
        return stream;
    }

    @Override
    public void run(Recording recording) {
        device.enter();
        CudaRecording ready = ready(recording);
        note(ready);
        if (blocking) {
            runOneByOne(ready);
            return;
        }
        try {
            ready.run(stream);
        } catch (CudaFailure e) {
            throw device.failed("running " + ready.description(), e);
        }
    }

    private void runOneByOne(CudaRecording ready) {
        for (int index = 0; index < ready.size(); index++) {
            try {
                ready.launch(index, stream);
                CudaFailure.check(JCudaDriver.cuStreamSynchronize(stream));
            } catch (CudaFailure e) {
                launch = ready.label(index);
                throw device.failed("launch \"" + launch + "\"", e);
            }
        }
        finished();
    }

    private void note(CudaRecording recording) {
        if (runs++ == 0) {
            first = recording;
        }
        last = recording;
    }

    private void finished() {
        runs = 0;
        first = null;
        last = null;
    }

    /** What may have failed, in words: one launch if that is known. */
    String suspects() {
        if (!launch.isEmpty()) {
            return "launch \"" + launch + "\"";
        }
        if (runs == 0) {
            return "work of before or of another user of the context";
        }
        if (first == last && first.size() == 1) {
            return "launch \"" + first.label(0) + "\"";
        }
        return "one of the launches since the last wait, " + first.description() + (runs == 1 ? "" : " to " + last.description())
                + " (CUDA_LAUNCH_BLOCKING=1 in the environment tells which)";
    }

    @Override
    public Timeline timeline(Recording recording) {
        device.enter();
        CudaRecording ready = ready(recording);
        finish();
        CUevent[] events = new CUevent[ready.size() + 1];
        int index = 0;
        try {
            for (int number = 0; number < events.length; number++) {
                events[number] = new CUevent();
                CudaFailure.check(JCudaDriver.cuEventCreate(events[number], 0));
            }
            note(ready);
            long begin = System.nanoTime();
            CudaFailure.check(JCudaDriver.cuEventRecord(events[0], stream));
            for (; index < ready.size(); index++) {
                ready.launch(index, stream);
                CudaFailure.check(JCudaDriver.cuEventRecord(events[index + 1], stream));
            }
            CudaFailure.check(JCudaDriver.cuStreamSynchronize(stream));
            long wall = System.nanoTime() - begin;
            finished();
            // An event lies between two launches, so that what the device waits counts to the one behind it.
            long[] starts = new long[ready.size()];
            long[] ends = new long[ready.size()];
            float[] milliseconds = new float[1];
            long at = 0;
            for (int number = 0; number < starts.length; number++) {
                CudaFailure.check(JCudaDriver.cuEventElapsedTime(milliseconds, events[number], events[number + 1]));
                starts[number] = at;
                at += Math.round(milliseconds[0] * 1e6);
                ends[number] = at;
            }
            return new Timeline(starts, ends, wall);
        } catch (CudaFailure e) {
            throw device.failed("timing " + (index < ready.size() ? "\"" + ready.label(index) + "\"" : ready.description()), e);
        } finally {
            for (CUevent event : events) {
                if (event != null) {
                    device.released("an event", JCudaDriver.cuEventDestroy(event));
                }
            }
        }
    }

    private CudaRecording ready(Recording recording) {
        if (recording instanceof CudaRecording mine) {
            mine.requireReady(device);
            return mine;
        }
        throw new IllegalArgumentException("the recording was made on another device");
    }

    @Override
    public void write(Staging source, Slice target) {
        CudaStaging staging = staging(source, target, "write");
        CudaSlice slice = (CudaSlice) target;
        try {
            CudaFailure.check(JCudaDriver.cuMemcpyHtoDAsync(slice.place(), staging.start(), slice.bytes(), stream));
            staging.copying(stream);
        } catch (CudaFailure e) {
            throw device.failed("writing " + slice.bytes() + " bytes to " + slice, e);
        }
    }

    @Override
    public boolean writesAhead() {
        return true;
    }

    @Override
    public void writeAhead(Staging source, Slice target) {
        CudaStaging staging = staging(source, target, "write");
        CudaSlice slice = (CudaSlice) target;
        try {
            if (ahead.isEmpty()) {
                ahead = Optional.of(CopyStream.behind(device, stream));
            }
            ahead.get().write(staging, slice, stream);
        } catch (CudaFailure e) {
            throw device.failed("writing " + slice.bytes() + " bytes ahead to " + slice, e);
        }
    }

    @Override
    public void read(Slice source, Staging target) {
        CudaStaging staging = staging(target, source, "read");
        CudaSlice slice = (CudaSlice) source;
        try {
            CudaFailure.check(JCudaDriver.cuMemcpyDtoHAsync(staging.start(), slice.place(), slice.bytes(), stream));
            CudaFailure.check(JCudaDriver.cuStreamSynchronize(stream));
        } catch (CudaFailure e) {
            throw device.failed("reading " + slice.bytes() + " bytes of " + slice, e);
        }
        finished();
    }

    private CudaStaging staging(Staging staging, Slice slice, String use) {
        device.enter();
        if (!(staging instanceof CudaStaging mine) || mine.device() != device) {
            throw new IllegalArgumentException(use + ": the staging memory is of another device");
        }
        Checks.fits(mine.memory().byteSize(), slice);
        Checks.owned(device, slice, use);
        return mine;
    }

    @Override
    public void copy(Slice source, Slice target) {
        device.enter();
        Checks.owned(device, source, "copy");
        Checks.owned(device, target, "copy");
        Checks.copy(source, target);
        try {
            CudaFailure.check(JCudaDriver.cuMemcpyDtoDAsync(((CudaSlice) target).place(), ((CudaSlice) source).place(),
                    source.bytes(), stream));
            if (ahead.isPresent()) {
                ahead.get().wasRead(stream);
            }
        } catch (CudaFailure e) {
            throw device.failed("copying " + source + " to " + target, e);
        }
    }

    @Override
    public void fill(Slice target, byte value) {
        device.enter();
        Checks.owned(device, target, "fill");
        try {
            CudaFailure.check(JCudaDriver.cuMemsetD8Async(((CudaSlice) target).place(), value, target.bytes(), stream));
        } catch (CudaFailure e) {
            throw device.failed("filling " + target, e);
        }
    }

    @Override
    public void finish() {
        device.enter();
        try {
            CudaFailure.check(JCudaDriver.cuStreamSynchronize(stream));
        } catch (CudaFailure e) {
            throw device.failed("the queue's work", e);
        }
        finished();
    }

    void release() {
        ahead.ifPresent(CopyStream::release);
        device.released("the stream", JCudaDriver.cuStreamDestroy(stream));
    }
}
