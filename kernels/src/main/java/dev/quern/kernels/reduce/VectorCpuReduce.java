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
import dev.quern.kernels.expr.Prologue;
import dev.quern.kernels.expr.PrologueText;
import dev.quern.kernels.expr.Prologues;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.List;
import java.util.Map;

/** The rung for OpenCL on CPUs: vectors along the innermost axis, whether it is reduced or kept. */
final class VectorCpuReduce implements Variant<ReduceProblem> {
    /** Elements below which another work-item costs more than it gives. */
    private static final int LEAST_ELEMENTS = 16 * 1024;
    private static final int ITEMS_PER_CORE = 4;
    /** Neighbours that are joined before they are added to the total: 8 KiB. */
    private static final int CHUNK = 2048;

    /** Neighbouring outputs that are made at a time: their totals, 16 KiB, stay in the first-level cache. */
    private static final int TILE = 2048;
    /** The fewest of them that still make runs of memory worth reading: 512 bytes. */
    private static final int LEAST_TILE = 128;
    /** What the caches hold is cut across, which spares a launch; what comes from memory is read in order. */
    private static final long CACHED_ELEMENTS = 256 * 1024;

    @Override
    public List<Tunable> tunables() {
        return List.of(VectorWidth.tunable());
    }

    @Override
    public Parameters parameters(ReduceProblem problem, DeviceInfo device) {
        return VectorWidth.defaults(tunables(), device);
    }

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
        return "One work-item joins vectors as wide as the registers in four independent chains, along the innermost axis. Long "
                + "reductions to few outputs are cut into parts for the cores; all else is a single launch.";
    }

    @Override
    public Support supports(ReduceProblem problem, DeviceInfo device) {
        return Support.supported();
    }

    @Override
    public Support takes(Epilogue epilogue, ReduceProblem problem) {
        return ReduceText.takes(epilogue, problem);
    }

    @Override
    public Support takes(Prologue prologue, int operand, ReduceProblem problem) {
        return ReduceText.takes(prologue, operand, problem).and(Support.unless(
                PrologueText.vectorObstacle(prologue, problem.elements(), ReduceLayout.of(problem).inner())));
    }

    @Override
    public double preference(ReduceProblem problem, DeviceInfo device) {
        return device.isCpu() ? 0.7 : 0.01;
    }

    @Override
    public KernelPlan plan(ReduceProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        return plan(problem, device, parameters, Prologues.none(), epilogue);
    }

    @Override
    public KernelPlan plan(ReduceProblem problem, DeviceInfo device, Parameters parameters, Prologues prologues, Epilogue epilogue) {
        int width = parameters.value(VectorWidth.NAME);
        ReduceLayout layout = ReduceLayout.of(problem);
        int inner = layout.inner();
        boolean reduced = layout.innerReduced();
        long elements = problem.elements();
        int items = Math.clamp(elements / LEAST_ELEMENTS, 1, device.computeUnits() * ITEMS_PER_CORE);
        // Tiles of equal length.
        int across = elements > CACHED_ELEMENTS ? 1 : Math.min(Math.ceilDiv(items, layout.keptCount()), inner / LEAST_TILE);
        int tiles = reduced ? 1 : Math.max(Math.ceilDiv(inner, TILE), across);
        int tile = Math.ceilDiv(Math.ceilDiv(inner, tiles), width) * width;
        int units = layout.keptCount() * (reduced ? 1 : Math.ceilDiv(inner, tile));
        int pieces = reduced ? layout.runCount() * Math.ceilDiv(inner, CHUNK) : layout.runCount();
        int perItem = Math.ceilDiv(units, items);
        int perPart = Math.ceilDiv(pieces, Math.clamp(items / Math.ceilDiv(units, perItem), 1, pieces));
        int parts = Math.ceilDiv(pieces, perPart);
        Map<String, Integer> defines = Map.of("INNER_REDUCED", reduced ? 1 : 0, "W", width, "INNER", inner, "RUNS",
                layout.runCount(), "OUTPUTS", problem.outputs(), "UNITS", units, "PER_ITEM", perItem, "PARTS", parts,
                "PER_PART", perPart, reduced ? "CHUNK" : "TILE", reduced ? CHUNK : tile);
        KernelText text = ReduceText.of(name(), dialect(), problem, prologues, epilogue, defines, width)
                .behind(CpuVectors.names() + ReduceText.tail(problem.dtype(), width, inner % width));
        Grid grid = new Grid(Math.ceilDiv(units, perItem), parts, problem.members(), 1, 1, 1);
        if (parts == 1) {
            return KernelPlan.of(new PlannedLaunch("reduce", text, "reduce", grid,
                    ReduceText.arguments(problem, ReduceText.outputs(problem), prologues, epilogue)));
        }
        Reference partial = Reference.workspace(0);
        return new KernelPlan(List.of(new PlannedLaunch("parts", text, "reduce", grid,
                        ReduceText.arguments(problem, List.of(partial), prologues, epilogue)),
                ReduceText.combine(text, problem, epilogue, partial, parts)), ReduceText.partial(problem, parts));
    }
}
