package dev.quern.runtime.cuda;

import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

/** The stream in which inputs travel while the device's own stream computes, and the two events by which the streams wait for each other. */
final class CopyStream {
    private final CudaDevice device;
    private final Handles.Stream copies = new Handles.Stream();
    /** What was copied ahead is there. */
    private final CUevent arrived = new CUevent();
    /** The last copy between device memories is done, so that what it read may be written. */
    private final CUevent read = new CUevent();

    private CopyStream(CudaDevice device) {
        this.device = device;
    }

    /** A stream that begins behind what the device's stream has now: memory that was allocated there is ready then. */
    static CopyStream behind(CudaDevice device, Handles.Stream stream) {
        CopyStream made = new CopyStream(device);
        CudaFailure.check(JCudaDriver.cuStreamCreate(made.copies, CUstream_flags.CU_STREAM_NON_BLOCKING));
        try {
            CudaFailure.check(JCudaDriver.cuEventCreate(made.arrived, CUevent_flags.CU_EVENT_DISABLE_TIMING));
            CudaFailure.check(JCudaDriver.cuEventCreate(made.read, CUevent_flags.CU_EVENT_DISABLE_TIMING));
            made.wasRead(stream);
            return made;
        } catch (CudaFailure e) {
            made.release();
            throw e;
        }
    }

    /** Notes that the device's stream has just been given the last read of what is copied ahead. */
    void wasRead(Handles.Stream stream) {
        CudaFailure.check(JCudaDriver.cuEventRecord(read, stream));
    }

    /** Copies behind the last such read; what the device's stream is given from now on waits for it. */
    void write(CudaStaging staging, CudaSlice target, Handles.Stream stream) {
        CudaFailure.check(JCudaDriver.cuStreamWaitEvent(copies, read, 0));
        CudaFailure.check(JCudaDriver.cuMemcpyHtoDAsync(target.place(), staging.start(), target.bytes(), copies));
        staging.copying(copies);
        CudaFailure.check(JCudaDriver.cuEventRecord(arrived, copies));
        CudaFailure.check(JCudaDriver.cuStreamWaitEvent(stream, arrived, 0));
    }

    void release() {
        device.released("the stream of copies", JCudaDriver.cuStreamDestroy(copies));
        for (CUevent event : new CUevent[] {arrived, read}) {
            if (!event.equals(new CUevent())) {
                device.released("an event", JCudaDriver.cuEventDestroy(event));
            }
        }
    }
}
