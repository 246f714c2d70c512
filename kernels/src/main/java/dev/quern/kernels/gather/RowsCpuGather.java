package dev.quern.kernels.gather;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelResource;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.VectorWidth;
import dev.quern.kernels.copy.CopyText;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.EpilogueText;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.HashMap;
import java.util.Map;

/** The rung for OpenCL on CPUs: rows of vectors by index. */
final class RowsCpuGather implements Variant<GatherProblem> {
    private static final long LEAST_BYTES = 16 * 1024;
    private static final int ITEMS_PER_CORE = 8;

    @Override
    public String name() {
        return "rows_cpu";
    }

    @Override
    public Dialect dialect() {
        return Dialect.OPENCL;
    }

    @Override
    public String summary() {
        return "One work-item copies a run of rows in vectors, reading an index once a row; past the caches, stores pass them by. What "
                + "rides on the result is computed on the way.";
    }

    @Override
    public Support supports(GatherProblem problem, DeviceInfo device) {
        return Support.when(!problem.perElement(), "is for an index a row");
    }

    @Override
    public Support takes(Epilogue epilogue, GatherProblem problem) {
        return ElementGather.takesRider(epilogue, problem);
    }

    @Override
    public double preference(GatherProblem problem, DeviceInfo device) {
        return device.isCpu() ? 0.7 : 0.01;
    }

    @Override
    public KernelPlan plan(GatherProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        long rows = (long) problem.outer() * problem.count();
        long rowBytes = (long) problem.inner() * problem.dtype().bytes();
        long perItem = Math.max(Math.ceilDiv(rows, (long) device.computeUnits() * ITEMS_PER_CORE),
                Math.ceilDiv(LEAST_BYTES, rowBytes));
        perItem = Math.min(perItem, Math.max(1, CopyText.TILE_BYTES / rowBytes));
        Map<String, Object> defines = new HashMap<>(CopyText.rowDefines(problem.dtype(), problem.cost().bytes()));
        defines.putAll(Map.of("ROWS", rows, "PER_ITEM", perItem, "LENGTH", problem.length(), "COUNT", problem.count(), "INNER",
                problem.inner(), "POISON", ElementGather.poison(problem.dtype())));
        long elements = rows * problem.inner();
        boolean vectors = EpilogueText.vectorObstacle(epilogue, elements, problem.inner()).isEmpty();
        int width = vectors ? VectorWidth.of(device) : 1;
        defines.putAll(Map.of("EPILOGUE", epilogue.isEmpty() ? 0 : 1, "W", width));
        String text = EpilogueText.render(epilogue, elements, problem.inner(), width > 1 ? new int[] {width} : new int[0])
                + CopyText.rows() + KernelResource.text(RowsCpuGather.class, "gather_rows_cpu.cl");
        return KernelPlan.of(new PlannedLaunch("gather", KernelText.of("gather/rows_cpu", Dialect.OPENCL, text).with(defines),
                "gather", Grid.ofTiles(Math.ceilDiv(rows, perItem)), ElementGather.arguments(epilogue)));
    }
}
