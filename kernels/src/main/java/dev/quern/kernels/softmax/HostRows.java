package dev.quern.kernels.softmax;

import dev.quern.kernels.HostStorage;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.HostExp;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.HostArguments;
import dev.quern.runtime.HostCode;
import java.lang.foreign.MemorySegment;

/** The host device's rung of softmax and its gradient: a group walks a run of rows in arrays of its thread. */
final class HostRows<P extends RowProblem> implements Variant<P> {
    private static final int ELEMENTS_PER_GROUP = 8 * 1024;

    private record Scratch(float[] first, float[] second, int[] exponents) {
    }

    @Override
    public String name() {
        return "host_rows";
    }

    @Override
    public Dialect dialect() {
        return Dialect.JAVA;
    }

    @Override
    public String summary() {
        return "A group copies each of its rows into an array of its thread, works on it in plain loops and copies the result "
                + "back; groups run in parallel.";
    }

    @Override
    public Support supports(P problem, DeviceInfo device) {
        return Support.supported();
    }

    @Override
    public double preference(P problem, DeviceInfo device) {
        return 0.5;
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        int perGroup = Math.max(1, ELEMENTS_PER_GROUP / problem.axis());
        ThreadLocal<Scratch> scratch = ThreadLocal
                .withInitial(() -> new Scratch(new float[problem.axis()], new float[problem.axis()], new int[problem.axis()]));
        HostCode code = HostCode.of(problem.family() + "/host_rows", "rows", (arguments, group) -> {
            int first = (int) group * perGroup;
            for (int row = first; row < Math.min(first + perGroup, problem.rows()); row++) {
                run(problem, arguments, row, scratch.get());
            }
        });
        return KernelPlan.of(new PlannedLaunch("rows", code, "rows", Grid.ofTiles(Math.ceilDiv(problem.rows(), perGroup)),
                RowText.arguments(problem)));
    }

    private static void run(RowProblem problem, HostArguments arguments, int row, Scratch scratch) {
        long at = (long) (row / problem.inner()) * problem.axis() * problem.inner() + row % problem.inner();
        switch (problem) {
            case SoftmaxProblem forward -> {
                load(problem, arguments.memory(SoftmaxProblem.X), at, scratch.first);
                softmax(scratch, forward.log());
                store(problem, scratch.first, arguments.memory(SoftmaxProblem.Y), at);
            }
            case SoftmaxBackwardProblem backward -> {
                load(problem, arguments.memory(SoftmaxBackwardProblem.Y), at, scratch.first);
                load(problem, arguments.memory(SoftmaxBackwardProblem.DY), at, scratch.second);
                gradient(scratch, backward.log());
                store(problem, scratch.second, arguments.memory(SoftmaxBackwardProblem.DX), at);
            }
        }
    }

    private static void softmax(Scratch scratch, boolean log) {
        float[] row = scratch.first;
        float largest = Float.NEGATIVE_INFINITY;
        for (float x : row) {
            largest = Math.max(largest, x);
        }
        float[] e = log ? scratch.second : row;
        for (int i = 0; i < row.length; i++) {
            e[i] = row[i] - largest;
        }
        HostExp.apply(e, scratch.exponents, e.length);
        double sum = 0;
        for (float each : e) {
            sum += each;
        }
        if (log) {
            float shift = (float) Math.log(sum);
            for (int i = 0; i < row.length; i++) {
                row[i] = row[i] - largest - shift;
            }
        } else {
            float factor = (float) (1 / sum);
            for (int i = 0; i < row.length; i++) {
                row[i] *= factor;
            }
        }
    }

    private static void gradient(Scratch scratch, boolean log) {
        float[] y = scratch.first;
        float[] dy = scratch.second;
        double sum = 0;
        for (int i = 0; i < y.length; i++) {
            sum += log ? dy[i] : y[i] * dy[i];
        }
        float all = (float) sum;
        if (log) {
            HostExp.apply(y, scratch.exponents, y.length);
            for (int i = 0; i < y.length; i++) {
                dy[i] -= y[i] * all;
            }
        } else {
            for (int i = 0; i < y.length; i++) {
                dy[i] = y[i] * (dy[i] - all);
            }
        }
    }

    private static void load(RowProblem problem, MemorySegment from, long at, float[] row) {
        if (problem.inner() == 1) {
            HostStorage.load(from, problem.dtype(), at, row, 0, row.length);
            return;
        }
        for (int i = 0; i < row.length; i++) {
            row[i] = HostStorage.load(from, problem.dtype(), at + (long) i * problem.inner());
        }
    }

    private static void store(RowProblem problem, float[] row, MemorySegment to, long at) {
        if (problem.inner() == 1) {
            HostStorage.store(to, problem.dtype(), at, row, 0, row.length);
            return;
        }
        for (int i = 0; i < row.length; i++) {
            HostStorage.store(to, problem.dtype(), at + (long) i * problem.inner(), row[i]);
        }
    }
}
