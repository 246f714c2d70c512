package dev.quern.runtime.opencl;

import java.util.Arrays;
import java.util.List;

import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_kernel;

import dev.quern.runtime.Argument;
import dev.quern.runtime.Grid;
import dev.quern.runtime.Launch;
import dev.quern.runtime.Recording;
import dev.quern.runtime.Slice;
import dev.quern.runtime.internal.Checks;
import dev.quern.runtime.internal.DeviceObject;
import dev.quern.runtime.internal.RecordedLaunches;

/** Launches ready to enqueue: a kernel object each, with its arguments set and its sizes. */
final class ClRecording implements Recording, DeviceObject {
    private final ClDevice device;
    private final RecordedLaunches launches;
    private final ClEnqueue[] commands;
    private volatile boolean closed;

    private ClRecording(ClDevice device, List<Launch> launches) {
        this.device = device;
        this.launches = new RecordedLaunches(device, launches);
        this.commands = new ClEnqueue[launches.size()];
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
            for (int index = 0; index < recording.commands.length; index++) {
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
        Launch launch = launches.all().get(index);
        Grid grid = launch.grid();
        ClKernel kernel = (ClKernel) launch.kernel();
        int rank = grid.groupsZ() * grid.localZ() > 1 ? 3 : grid.groupsY() * grid.localY() > 1 ? 2 : 1;
        long[] global = {grid.groupsX() * grid.localX(), grid.groupsY() * grid.localY(), grid.groupsZ() * grid.localZ()};
        long[] local = {grid.localX(), grid.localY(), grid.localZ()};
        int argument = 0;
        try {
            cl_kernel made = CL.clCreateKernel(kernel.owner().handle(), kernel.name(), null);
            commands[index] = new ClEnqueue(made, Arrays.copyOf(global, rank), Arrays.copyOf(local, rank));
            for (Argument value : launch.arguments()) {
                set(made, argument++, value);
            }
        } catch (CLException e) {
            throw ClErrors.failed(device.id(), "binding argument " + (argument - 1) + " of \"" + launch.label() + "\" (kernel "
                    + kernel.name() + ")", e);
        }
    }

    private static void set(cl_kernel kernel, int index, Argument argument) {
        switch (argument) {
            case Argument.I32(int value) -> CL.clSetKernelArg(kernel, index, Sizeof.cl_int, Pointer.to(new int[] {value}));
            case Argument.I64(long value) -> CL.clSetKernelArg(kernel, index, Sizeof.cl_long, Pointer.to(new long[] {value}));
            case Argument.F32(float value) ->
                CL.clSetKernelArg(kernel, index, Sizeof.cl_float, Pointer.to(new float[] {value}));
            case Slice slice -> ((ClSlice) slice).argument().set(kernel, index);
        }
    }

    /** That this recording can run on {@code runner} now. Allocates nothing. */
    void requireReady(ClDevice runner) {
        launches.requireReady(runner, closed);
    }

    int size() {
        return commands.length;
    }

    ClEnqueue command(int index) {
        return commands[index];
    }

    String label(int index) {
        return launches.label(index);
    }

    @Override
    public List<Launch> launches() {
        return launches.all();
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
        // The driver keeps a kernel alive while enqueued launches use it.
        for (ClEnqueue command : commands) {
            if (command != null) {
                CL.clReleaseKernel(command.kernel());
            }
        }
    }
}
