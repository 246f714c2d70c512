package dev.quern.kernels.softmax;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Tunable;
import dev.quern.kernels.Variant;
import dev.quern.kernels.VectorTail;
import dev.quern.kernels.VectorWidth;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import java.util.List;
import java.util.Map;

/** The rung of softmax and its gradient for OpenCL on CPUs: vectors as wide as the registers. */
final class RowVectorsCpu<P extends RowProblem> implements Variant<P> {
    /** Elements below which a work-item costs more than it gives. */
    private static final int LEAST_ELEMENTS = 4 * 1024;
    private static final int ITEMS_PER_CORE = 4;

    @Override
    public String name() {
        return "vector_cpu";
    }

    @Override
    public Dialect dialect() {
        return Dialect.OPENCL;
    }

    @Override
    public String summary() {
        return "One work-item walks many rows in vectors as wide as the registers: along the row where its elements are "
                + "neighbours, else over neighbouring rows.";
    }

    @Override
    public List<Tunable> tunables() {
        return List.of(VectorWidth.tunable());
    }

    @Override
    public Support supports(P problem, DeviceInfo device) {
        return Support.supported();
    }

    @Override
    public double preference(P problem, DeviceInfo device) {
        return device.isCpu() ? 0.7 : 0.01;
    }

    @Override
    public Parameters parameters(P problem, DeviceInfo device) {
        return VectorWidth.defaults(tunables(), device);
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        int width = parameters.value(VectorWidth.NAME);
        boolean along = problem.inner() == 1;
        int units = problem.outer() * Math.ceilDiv(problem.inner(), width);
        int unitElements = problem.axis() * Math.min(problem.inner(), width);
        int least = Math.ceilDiv(LEAST_ELEMENTS, unitElements);
        int perItem = Math.max(least, Math.ceilDiv(units, device.computeUnits() * ITEMS_PER_CORE));
        String front = VectorTail.define(width, (along ? problem.axis() : problem.inner()) % width)
                + RowText.shared("vectors.cl");
        Map<String, Integer> defines = Map.of("OUTER", problem.outer(), "AXIS", problem.axis(), "INNER", problem.inner(), "LOG",
                problem.log() ? 1 : 0, "W", width, "PER_ITEM", perItem);
        return KernelPlan.of(new PlannedLaunch("rows", RowText.of(problem, name(), dialect(), front, defines),
                RowText.entry(problem), Grid.ofTiles(Math.ceilDiv(units, perItem)), RowText.arguments(problem)));
    }
}
