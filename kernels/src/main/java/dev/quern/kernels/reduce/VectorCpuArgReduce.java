package dev.quern.kernels.reduce;

import dev.quern.kernels.CpuVectors;
import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Tunable;
import dev.quern.kernels.Variant;
import dev.quern.kernels.VectorWidth;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.List;
import java.util.Map;

/** The rung of argmax and argmin for OpenCL on CPUs: vectors along the axis, or over neighbouring outputs. */
final class VectorCpuArgReduce implements Variant<ArgReduceProblem> {
    /** Elements below which another work-item costs more than it gives. */
    private static final int LEAST_ELEMENTS = 16 * 1024;
    private static final int ITEMS_PER_CORE = 8;
    /** Vectors of a row that go by at once: with their places, a sixth of a first-level cache. */
    private static final int CHUNK = 64;

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
        return "One work-item compares vectors as wide as the registers and keeps the places of its extremes beside them, those of whole "
                + "rows in its cache; long axes of few outputs are cut into parts for the cores.";
    }

    @Override
    public List<Tunable> tunables() {
        return List.of(VectorWidth.tunable());
    }

    @Override
    public Support supports(ArgReduceProblem problem, DeviceInfo device) {
        return Support.supported();
    }

    @Override
    public double preference(ArgReduceProblem problem, DeviceInfo device) {
        return device.isCpu() ? 0.7 : 0.01;
    }

    @Override
    public Parameters parameters(ArgReduceProblem problem, DeviceInfo device) {
        return VectorWidth.defaults(tunables(), device);
    }

    @Override
    public KernelPlan plan(ArgReduceProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        int width = parameters.value(VectorWidth.NAME);
        int units = problem.inner() == 1 ? problem.outer() : problem.outer() * Math.ceilDiv(problem.inner(), width * CHUNK);
        long elements = (long) problem.axis() * problem.outputs();
        int items = Math.clamp(elements / LEAST_ELEMENTS, 1, device.computeUnits() * ITEMS_PER_CORE);
        int perItem = Math.ceilDiv(units, items);
        int wanted = Math.clamp(items / Math.ceilDiv(units, perItem), 1, Math.ceilDiv(problem.axis(), width));
        int perPart = Math.ceilDiv(Math.ceilDiv(problem.axis(), wanted), width) * width;
        int parts = Math.ceilDiv(problem.axis(), perPart);
        KernelText text = ArgReduceText.of(problem, name(), "arg_reduce_vector_cpu.cl", dialect(), Map.of("OUTER", problem.outer(),
                "AXIS", problem.axis(), "INNER", problem.inner(), "UNITS", units, "PER_ITEM", perItem, "PARTS", parts, "PER_PART",
                perPart, "W", width, "CHUNK", Math.min(CHUNK, Math.ceilDiv(problem.inner(), width))), width).behind(CpuVectors.names());
        Grid grid = Grid.ofTiles(Math.ceilDiv(units, perItem), parts);
        Reference x = Reference.operand(ArgReduceProblem.X);
        Reference y = Reference.operand(ArgReduceProblem.Y);
        if (parts == 1) {
            return KernelPlan.of(new PlannedLaunch("outputs", text, "arg_reduce", grid, List.of(x, y)));
        }
        Reference partial = Reference.workspace(0);
        return new KernelPlan(List.of(new PlannedLaunch("parts", text, "arg_reduce", grid, List.of(x, partial)),
                new PlannedLaunch("join", text, "join", Grid.ofTiles(1), List.of(partial, y))),
                List.of((long) parts * problem.outputs() * (Float.BYTES + Integer.BYTES)));
    }
}
