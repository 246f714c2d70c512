package dev.quern.runtime.opencl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_command_queue;
import org.jocl.cl_event;
import org.jocl.cl_kernel;

import dev.quern.runtime.Argument;
import dev.quern.runtime.Grid;
import dev.quern.runtime.Launch;
import dev.quern.runtime.Memory;
import dev.quern.runtime.Recording;
import dev.quern.runtime.Slice;
import dev.quern.runtime.internal.Checks;

/** Launches ready to enqueue: a kernel object each, with its arguments set, and its sizes as the driver wants them. */
final class ClRecording implements Recording, ClOwned {
    private final ClDevice device;
    private final List<Launch> launches;
    private final cl_kernel[] kernels;
    private final long[][] globals;
    private final long[][] locals;
    private final Memory[] memories;
    private final Lanes lanes;
    /** For launches that others await; null elsewhere. The objects are reused from run to run. */
    private final cl_event[] events;
    private final cl_event[][] waitLists;
    private final cl_event[] joinList;
    /** How many launches of the last run were enqueued: their events are to be released. */
    private int enqueued;
    private boolean ran;
    private volatile boolean closed;

    private ClRecording(ClDevice device, List<Launch> launches) {
        this.device = device;
        this.launches = List.copyOf(launches);
        int count = this.launches.size();
        this.kernels = new cl_kernel[count];
        this.globals = new long[count][];
        this.locals = new long[count][];
        Set<Memory> used = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Launch launch : this.launches) {
            for (Argument argument : launch.arguments()) {
                if (argument instanceof Slice slice) {
                    used.add(slice.memory());
                }
            }
        }
        this.memories = used.toArray(Memory[]::new);
        this.lanes = device.overlaps() ? Lanes.deal(this.launches.stream().map(ClRecording::accesses).toList())
                : Lanes.single(count);
        this.events = new cl_event[count];
        this.waitLists = new cl_event[count][];
        for (int index = 0; index < count; index++) {
            events[index] = lanes.awaited(index) ? new cl_event() : null;
            waitLists[index] = waitList(lanes.waitsFor(index));
        }
        this.joinList = waitList(lanes.joined());
    }

    private static List<Lanes.Access> accesses(Launch launch) {
        List<Lanes.Access> accesses = new ArrayList<>();
        for (int index = 0; index < launch.arguments().size(); index++) {
            if (launch.arguments().get(index) instanceof Slice slice) {
                accesses.add(new Lanes.Access(slice.memory(), slice.offset(), slice.offset() + slice.bytes(),
                        ((ClKernel) launch.kernel()).writes(index)));
            }
        }
        return accesses;
    }

    /** The driver's form of waiting for a launch; null for waiting for nothing. */
    private cl_event[] waitList(int launch) {
        return launch == Lanes.NOTHING ? null : new cl_event[] {events[launch]};
    }

    static ClRecording bind(ClDevice device, List<Launch> launches) {
        // Every rule is checked before the first driver object is made.
        for (Launch launch : launches) {
            Checks.launch(device, launch);
            checkAxes(device, launch);
            ((ClKernel) launch.kernel()).check(launch);
        }
        ClRecording recording = new ClRecording(device, launches);
        try {
            for (int index = 0; index < recording.kernels.length; index++) {
                recording.bind(index);
            }
            return recording;
        } catch (RuntimeException e) {
            recording.release();
            throw e;
        }
    }

    private static void checkAxes(ClDevice device, Launch launch) {
        Grid grid = launch.grid();
        int[] local = {grid.localX(), grid.localY(), grid.localZ()};
        for (int axis = 0; axis < 3; axis++) {
            if (local[axis] > device.maxLocal(axis)) {
                throw new IllegalArgumentException("\"" + launch.label() + "\": groups of " + local[axis]
                        + " work-items along " + "xyz".charAt(axis) + "; " + device + " takes at most " + device.maxLocal(axis));
            }
        }
    }

    private void bind(int index) {
        Launch launch = launches.get(index);
        Grid grid = launch.grid();
        ClKernel kernel = (ClKernel) launch.kernel();
        int argument = 0;
        try {
            kernels[index] = CL.clCreateKernel(kernel.owner().handle(), kernel.name(), null);
            for (Argument value : launch.arguments()) {
                set(kernels[index], argument++, value);
            }
        } catch (CLException e) {
            throw ClErrors.failed(device.id(), "binding argument " + (argument - 1) + " of \"" + launch.label() + "\" (kernel "
                    + kernel.name() + ")", e);
        }
        int rank = grid.groupsZ() * grid.localZ() > 1 ? 3 : grid.groupsY() * grid.localY() > 1 ? 2 : 1;
        long[] global = {grid.groupsX() * grid.localX(), grid.groupsY() * grid.localY(), grid.groupsZ() * grid.localZ()};
        long[] local = {grid.localX(), grid.localY(), grid.localZ()};
        globals[index] = Arrays.copyOf(global, rank);
        locals[index] = Arrays.copyOf(local, rank);
    }

    private static void set(cl_kernel kernel, int index, Argument argument) {
        switch (argument) {
            case Argument.I32(int value) -> CL.clSetKernelArg(kernel, index, Sizeof.cl_int, Pointer.to(new int[] {value}));
            case Argument.I64(long value) -> CL.clSetKernelArg(kernel, index, Sizeof.cl_long, Pointer.to(new long[] {value}));
            case Argument.F32(float value) ->
                CL.clSetKernelArg(kernel, index, Sizeof.cl_float, Pointer.to(new float[] {value}));
            case Slice slice -> CL.clSetKernelArg(kernel, index, Sizeof.cl_mem, Pointer.to(((ClSlice) slice).mem()));
        }
    }

    /** That this recording can run on {@code runner} now. Allocates nothing. */
    void requireReady(ClDevice runner) {
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

    /** True at the first call. */
    boolean firstRun() {
        boolean first = !ran;
        ran = true;
        return first;
    }

    /**
     * Enqueues every launch, in two lanes if that is how they were dealt. Allocates nothing.
     *
     * @throws CLException if the driver refuses one; see {@link #failedLabel}
     */
    void enqueue(cl_command_queue first, cl_command_queue second) {
        releaseEvents();
        for (; enqueued < kernels.length; enqueued++) {
            cl_event[] waits = waitLists[enqueued];
            long[] global = globals[enqueued];
            CL.clEnqueueNDRangeKernel(lanes.lane(enqueued) == 0 ? first : second, kernels[enqueued], global.length, null,
                    global, locals[enqueued], waits == null ? 0 : 1, waits, events[enqueued]);
        }
        if (joinList != null) {
            CL.clEnqueueMarkerWithWaitList(first, 1, joinList, null);
        }
        if (lanes.two()) {
            CL.clFlush(second);
        }
        CL.clFlush(first);
    }

    /** The label of the launch at which {@link #enqueue} failed. */
    String failedLabel() {
        return launches.get(Math.min(enqueued, launches.size() - 1)).label();
    }

    private void releaseEvents() {
        for (int index = 0; index < enqueued; index++) {
            if (events[index] != null) {
                CL.clReleaseEvent(events[index]);
            }
        }
        enqueued = 0;
    }

    int size() {
        return kernels.length;
    }

    cl_kernel kernel(int index) {
        return kernels[index];
    }

    long[] global(int index) {
        return globals[index];
    }

    long[] local(int index) {
        return locals[index];
    }

    String label(int index) {
        return launches.get(index).label();
    }

    @Override
    public List<Launch> launches() {
        return launches;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        device.disown(this);
        release();
    }

    @Override
    public synchronized void release() {
        if (closed) {
            return;
        }
        closed = true;
        releaseEvents();
        // The driver keeps a kernel alive while enqueued launches use it.
        for (cl_kernel kernel : kernels) {
            if (kernel != null) {
                CL.clReleaseKernel(kernel);
            }
        }
    }
}
