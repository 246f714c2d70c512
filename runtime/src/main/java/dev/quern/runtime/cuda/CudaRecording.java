package dev.quern.runtime.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

import dev.quern.runtime.Argument;
import dev.quern.runtime.Grid;
import dev.quern.runtime.Launch;
import dev.quern.runtime.Recording;
import dev.quern.runtime.Slice;
import dev.quern.runtime.internal.Checks;
import dev.quern.runtime.internal.DeviceObject;
import dev.quern.runtime.internal.RecordedLaunches;
import jcuda.driver.CUgraphExec;
import jcuda.driver.JCudaDriver;

/**
 * Launches ready to go: their arguments lie in native memory as the driver wants them. The first run launches one by one, which
 * also loads what the driver loads late; from the second on a CUDA graph of all launches is launched as one.
 */
final class CudaRecording implements Recording, DeviceObject {
    private final CudaDevice device;
    private final RecordedLaunches launches;
    private final Handles.Function[] functions;
    private final int[][] grids;
    /** For each launch the array of its arguments' addresses. */
    private final long[] arguments;
    private final Arena arena = Arena.ofShared();
    /** A graph of one launch saves nothing. */
    private final boolean graphWanted;
    private CUgraphExec graph;
    private boolean ran;
    private volatile boolean closed;

    private CudaRecording(CudaDevice device, List<Launch> launches) {
        this.device = device;
        this.launches = new RecordedLaunches(device, launches);
        int count = launches.size();
        this.functions = new Handles.Function[count];
        this.grids = new int[count][];
        this.arguments = new long[count];
        this.graphWanted = count > 1 && Boolean.parseBoolean(System.getProperty(GRAPH_PROPERTY, "true"));
        for (int index = 0; index < count; index++) {
            Launch launch = launches.get(index);
            Grid grid = launch.grid();
            functions[index] = ((CudaKernel) launch.kernel()).function();
            grids[index] = new int[] {(int) grid.groupsX(), (int) grid.groupsY(), (int) grid.groupsZ(), grid.localX(),
                    grid.localY(), grid.localZ()};
            arguments[index] = arguments(launch.arguments());
        }
    }

    static CudaRecording bind(CudaDevice device, List<Launch> launches) {
        // Every rule is checked before any native memory is taken.
        for (Launch launch : launches) {
            Checks.launch(device, launch);
            checkAxes(device, launch);
            ((CudaKernel) launch.kernel()).check(launch);
        }
        return new CudaRecording(device, launches);
    }

    private static void checkAxes(CudaDevice device, Launch launch) {
        Grid grid = launch.grid();
        long[] groups = {grid.groupsX(), grid.groupsY(), grid.groupsZ()};
        long[] local = {grid.localX(), grid.localY(), grid.localZ()};
        for (int axis = 0; axis < 3; axis++) {
            require(device, launch, local[axis], device.found().group()[axis], "groups of %d work-items", axis);
            require(device, launch, groups[axis], device.found().grid()[axis], "%d groups", axis);
        }
    }

    private static void require(CudaDevice device, Launch launch, long value, long most, String what, int axis) {
        if (value > most) {
            throw new IllegalArgumentException("\"" + launch.label() + "\": " + what.formatted(value) + " along "
                    + "xyz".charAt(axis) + "; " + device + " takes at most " + most);
        }
    }

    private long arguments(List<Argument> values) {
        if (values.isEmpty()) {
            return 0;
        }
        MemorySegment slots = arena.allocate(JAVA_LONG, values.size());
        MemorySegment addresses = arena.allocate(ADDRESS, values.size());
        for (int index = 0; index < values.size(); index++) {
            MemorySegment slot = slots.asSlice(index * JAVA_LONG.byteSize(), JAVA_LONG.byteSize());
            switch (values.get(index)) {
                case Argument.I32(int value) -> slot.set(JAVA_INT, 0, value);
                case Argument.I64(long value) -> slot.set(JAVA_LONG, 0, value);
                case Argument.F32(float value) -> slot.set(JAVA_FLOAT, 0, value);
                case Slice slice -> slot.set(JAVA_LONG, 0, ((CudaSlice) slice).place().address());
            }
            addresses.setAtIndex(ADDRESS, index, slot);
        }
        return addresses.address();
    }

    /** That this recording can run on {@code runner} now. Allocates nothing. */
    void requireReady(CudaDevice runner) {
        launches.requireReady(runner, closed);
    }

    /** Runs every launch, in order. */
    void run(Handles.Stream stream) {
        if (graphWanted && ran) {
            if (graph == null) {
                graph = CudaGraph.capture(stream, () -> launchAll(stream));
            }
            CudaFailure.check(JCudaDriver.cuGraphLaunch(graph, stream));
        } else {
            launchAll(stream);
            ran = true;
        }
    }

    private void launchAll(Handles.Stream stream) {
        for (int index = 0; index < functions.length; index++) {
            launch(index, stream);
        }
    }

    void launch(int index, Handles.Stream stream) {
        CudaFailure.check(DriverLibrary.launch(functions[index].address(), grids[index], stream.address(), arguments[index]));
    }

    int size() {
        return functions.length;
    }

    String label(int index) {
        return launches.label(index);
    }

    /** The launches in a few words. */
    String description() {
        return switch (size()) {
            case 0 -> "no launch";
            case 1 -> "\"" + label(0) + "\"";
            default -> size() + " launches from \"" + label(0) + "\" to \"" + label(size() - 1) + "\"";
        };
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
        device.enterToRelease();
        if (graph != null) {
            // A graph must not be destroyed while it runs.
            device.released("a graph's work", JCudaDriver.cuStreamSynchronize(device.cudaQueue().stream()));
        }
        release();
    }

    @Override
    public synchronized void release() {
        if (closed) {
            return;
        }
        closed = true;
        if (graph != null) {
            device.released("a graph", JCudaDriver.cuGraphExecDestroy(graph));
        }
        arena.close();
    }
}
