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

/** The rung of softmax for OpenCL on CPUs that reads some rows while it computes and writes others. */
final class RowPipelineCpu<P extends RowProblem> implements Variant<P> {
    /** Elements below which a work-item costs more than it gives. */
    private static final int LEAST_ELEMENTS = 4 * 1024;
    private static final int ITEMS_PER_CORE = 8;
    /** Vectors whose exponentials are taken side by side; the kernel's text says the same. */
    private static final int CHAINS = 4;
    /** Elements of a page, by whose places a processor compares addresses. */
    private static final int PAGE = 1024;
    /** What a second-level cache holds beside what streams through it. */
    private static final long KEPT_BYTES = 512 * 1024;

    @Override
    public String name() {
        return "pipelined_cpu";
    }

    @Override
    public Dialect dialect() {
        return Dialect.OPENCL;
    }

    @Override
    public String summary() {
        return "One loop over several rows at a time: one is asked for while another becomes exponentials, which are kept in the "
                + "cache, and a third is scaled and written. Memory does not wait for arithmetic, nor loads for stores.";
    }

    @Override
    public List<Tunable> tunables() {
        return List.of(VectorWidth.tunable(), RowText.streamed());
    }

    @Override
    public Support supports(P problem, DeviceInfo device) {
        int width = VectorWidth.of(device);
        return Support.when(problem.inner() == 1, "elements of a row are not neighbours")
                .and(Support.when(problem.axis() >= width, "rows are shorter than a vector"))
                .and(Support.when(kept(problem, width) <= Math.min(device.localMemory(), KEPT_BYTES), "two rows do not fit in the cache"));
    }

    /** Bytes of local memory for two rows. */
    private static long kept(RowProblem problem, int width) {
        return Float.BYTES * 2L * (problem.axis() + PAGE + 3 * width);
    }

    @Override
    public double preference(P problem, DeviceInfo device) {
        return device.isCpu() ? 0.8 : 0.01;
    }

    @Override
    public Parameters parameters(P problem, DeviceInfo device) {
        return VectorWidth.defaults(tunables(), device).with(RowText.STREAM, RowText.streamed(problem.dtype(), problem.cost(), true));
    }

    @Override
    public Support accepts(Parameters parameters, P problem, DeviceInfo device) {
        int width = parameters.value(VectorWidth.NAME);
        return RowText.acceptsStream(parameters, problem.dtype(), true)
                .and(Support.when(width <= problem.axis(), "rows are shorter than a vector"));
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        int width = parameters.value(VectorWidth.NAME);
        int perItem = Math.max(Math.ceilDiv(LEAST_ELEMENTS, problem.axis()),
                Math.ceilDiv(problem.outer(), device.computeUnits() * ITEMS_PER_CORE));
        Map<String, Integer> defines = Map.of("OUTER", problem.outer(), "AXIS", problem.axis(), "LOG", problem.log() ? 1 : 0, "W",
                width, "PER_ITEM", perItem, "TURN", turn(problem.axis(), width), RowText.STREAM, parameters.value(RowText.STREAM));
        String front = RowText.vectors(problem.dtype(), width, 0);
        return KernelPlan.of(new PlannedLaunch("rows", RowText.of(problem, problem.dtype(), name(), dialect(), front, defines),
                RowText.entry(problem), Grid.ofTiles(Math.ceilDiv(problem.outer(), perItem)), RowText.arguments(problem)));
    }

    /**
     * Runs of vectors by which writing is ahead, so that the row that is read, which lies behind the row that is written, is half a
     * page away from it.
     */
    private static int turn(int axis, int width) {
        int run = CHAINS * width;
        return Math.floorMod(axis - PAGE / 2, PAGE) / run % Math.max(1, axis / run - 1);
    }
}
