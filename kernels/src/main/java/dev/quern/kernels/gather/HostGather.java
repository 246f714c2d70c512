package dev.quern.kernels.gather;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.HostEpilogue;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.HostArguments;
import dev.quern.runtime.HostCode;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The host device's rung: runs of rows in parallel. */
final class HostGather implements Variant<GatherProblem> {
    private static final long ELEMENTS_PER_TILE = 16 * 1024;

    @Override
    public String name() {
        return "rows";
    }

    @Override
    public Dialect dialect() {
        return Dialect.JAVA;
    }

    @Override
    public String summary() {
        return "Rows are copied in one piece, runs of them in parallel.";
    }

    @Override
    public Support supports(GatherProblem problem, DeviceInfo device) {
        return Support.supported();
    }

    @Override
    public Support takes(Epilogue epilogue, GatherProblem problem) {
        return ElementGather.takesRider(epilogue, problem);
    }

    @Override
    public double preference(GatherProblem problem, DeviceInfo device) {
        return 0.5;
    }

    @Override
    public KernelPlan plan(GatherProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        long rows = (long) problem.outer() * problem.count();
        long perTile = Math.max(1, ELEMENTS_PER_TILE / problem.inner());
        HostTensor value = HostTensor.zeros(problem.dtype(), Shape.of(1));
        value.set(0, problem.dtype().floating() ? Double.NaN : Long.MIN_VALUE);
        MemorySegment poison = value.memory();
        HostEpilogue rider = new HostEpilogue(epilogue);
        ThreadLocal<float[]> gathered = ThreadLocal.withInitial(() -> new float[problem.inner()]);
        HostCode code = HostCode.of("gather/rows", "gather", (arguments, group) -> {
            for (long row = group * perTile; row < Math.min(rows, (group + 1) * perTile); row++) {
                row(problem, row, arguments, poison);
                if (!epilogue.isEmpty()) {
                    finish(row * problem.inner(), gathered.get(), rider, arguments);
                }
            }
        });
        return KernelPlan.of(new PlannedLaunch("gather", code, "gather", Grid.ofTiles(Math.ceilDiv(rows, perTile)),
                ElementGather.arguments(epilogue)));
    }

    /** Applies what rides on the result to a row that lies there, from this element on. */
    private static void finish(long element, float[] values, HostEpilogue rider, HostArguments arguments) {
        MemorySegment y = arguments.memory(GatherProblem.Y);
        MemorySegment.copy(y, ValueLayout.JAVA_FLOAT, element * Float.BYTES, values, 0, values.length);
        rider.apply(values, 0, values.length, element, arguments, GatherProblem.Y + 1);
        MemorySegment.copy(values, 0, y, ValueLayout.JAVA_FLOAT, element * Float.BYTES, values.length);
    }

    private static void row(GatherProblem problem, long row, HostArguments arguments, MemorySegment poison) {
        MemorySegment index = arguments.memory(GatherProblem.INDEX);
        long source = row / problem.count() * problem.length();
        if (!problem.perElement()) {
            int at = index.getAtIndex(ValueLayout.JAVA_INT, row % problem.count());
            move(problem, source, at, 0, row, problem.inner(), arguments, poison);
            return;
        }
        for (int i = 0; i < problem.inner(); i++) {
            move(problem, source, index.getAtIndex(ValueLayout.JAVA_INT, row * problem.inner() + i), i, row, 1, arguments, poison);
        }
    }

    /** Elements i, i + 1, … of a row. */
    private static void move(GatherProblem problem, long source, int at, int i, long row, int count, HostArguments arguments,
            MemorySegment poison) {
        int size = problem.dtype().bytes();
        MemorySegment y = arguments.memory(GatherProblem.Y);
        long to = (row * problem.inner() + i) * size;
        if (at >= 0 && at < problem.length()) {
            MemorySegment.copy(arguments.memory(GatherProblem.X), ((source + at) * problem.inner() + i) * size, y, to,
                    (long) count * size);
        } else {
            for (int k = 0; k < count; k++) {
                MemorySegment.copy(poison, 0, y, to + (long) k * size, size);
            }
        }
    }
}
