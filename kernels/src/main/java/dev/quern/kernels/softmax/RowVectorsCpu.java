package dev.quern.kernels.softmax;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Tunable;
import dev.quern.kernels.Variant;
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
    private static final int ITEMS_PER_CORE = 8;
    private static final long STRIP_BYTES = 512 * 1024;

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
                + "neighbours, else over neighbouring rows. A row is read from memory once; results too large for a cache are stored "
                + "past it.";
    }

    @Override
    public List<Tunable> tunables() {
        return List.of(VectorWidth.tunable(), RowText.streamed());
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
        Parameters defaults = VectorWidth.defaults(tunables(), device);
        return defaults.with(RowText.STREAM, RowText.streamed(problem.dtype(), problem.cost(), aligned(problem, defaults)));
    }

    @Override
    public Support accepts(Parameters parameters, P problem, DeviceInfo device) {
        return RowText.acceptsStream(parameters, problem.dtype(), aligned(problem, parameters));
    }

    /** Whether vectors lie at multiples of their width; along a row the kernel sees to that itself. */
    private static boolean aligned(RowProblem problem, Parameters parameters) {
        return problem.inner() == 1 || problem.inner() % parameters.value(VectorWidth.NAME) == 0;
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        int width = parameters.value(VectorWidth.NAME);
        boolean along = problem.inner() == 1;
        int strip = along ? 1 : strip(problem, width);
        int units = problem.outer() * Math.ceilDiv(problem.inner(), strip * width);
        int unitElements = problem.axis() * Math.min(problem.inner(), strip * width);
        int least = Math.ceilDiv(LEAST_ELEMENTS, unitElements);
        int perItem = Math.max(least, Math.ceilDiv(units, device.computeUnits() * ITEMS_PER_CORE));
        String front = RowText.vectors(problem.dtype(), width, (along ? problem.axis() : problem.inner()) % width)
                + (problem instanceof SoftmaxBackwardProblem ? RowText.shared("gradient.cl") : "");
        Map<String, Integer> defines = Map.of("OUTER", problem.outer(), "AXIS", problem.axis(), "INNER", problem.inner(), "LOG",
                problem.log() ? 1 : 0, "W", width, "PER_ITEM", perItem, "STRIP", strip, RowText.STREAM,
                parameters.value(RowText.STREAM));
        return KernelPlan.of(new PlannedLaunch("rows", RowText.of(problem, problem.dtype(), name(), dialect(), front, defines),
                RowText.entry(problem), Grid.ofTiles(Math.ceilDiv(units, perItem)), RowText.arguments(problem)));
    }

    /** Vectors of neighbouring rows to walk at a time: as many as leave what was read in the second-level cache. */
    private static int strip(RowProblem problem, int width) {
        int strip = 8;
        while (strip > 1 && ((long) strip * problem.axis() * width * problem.dtype().bytes() > STRIP_BYTES
                || strip * width > problem.inner())) {
            strip /= 2;
        }
        return strip;
    }
}
