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
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The rung of softmax and its gradient for OpenCL on CPUs that reads a long row at four places while it writes the row before. */
final class RowStrandsCpu<P extends RowProblem> implements Variant<P> {
    /** Elements below which a work-item costs more than it gives. */
    private static final int LEAST_ELEMENTS = 4 * 1024;
    private static final int ITEMS_PER_CORE = 8;

    @Override
    public String name() {
        return "strands_cpu";
    }

    @Override
    public Dialect dialect() {
        return Dialect.OPENCL;
    }

    @Override
    public String summary() {
        return "One loop over four strands of a row, which is read, and of the row before, which is written. Each element comes from memory once: "
                + "its exponential, of the distance from the largest so far, takes the place in the cache of one of the row before; for "
                + "gradients, both rows stay there.";
    }

    @Override
    public List<Tunable> tunables() {
        return List.of(VectorWidth.tunable(), RowText.streamed());
    }

    @Override
    public Support supports(P problem, DeviceInfo device) {
        return Support.when(problem.inner() == 1, "elements of a row are not neighbours")
                .and(problem instanceof SoftmaxProblem ? RowStrandsText.supports(problem.axis(), device)
                        : RowStrandsText.accepts(problem.axis(), VectorWidth.of(device)));
    }

    @Override
    public double preference(P problem, DeviceInfo device) {
        return RowStrandsText.preference(problem.axis(), device);
    }

    @Override
    public Parameters parameters(P problem, DeviceInfo device) {
        return VectorWidth.defaults(tunables(), device).with(RowText.STREAM, RowText.streamed(problem.dtype(), problem.cost(), true));
    }

    @Override
    public Support accepts(Parameters parameters, P problem, DeviceInfo device) {
        return RowText.acceptsStream(parameters, problem.dtype(), true)
                .and(RowStrandsText.accepts(problem.axis(), parameters.value(VectorWidth.NAME)));
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        int width = parameters.value(VectorWidth.NAME);
        int perItem = Math.max(Math.ceilDiv(LEAST_ELEMENTS, problem.axis()),
                Math.ceilDiv(problem.outer(), device.computeUnits() * ITEMS_PER_CORE));
        Map<String, Integer> defines = new HashMap<>(RowStrandsText.defines(problem.axis(), width));
        defines.putAll(Map.of("OUTER", problem.outer(), "LOG", problem.log() ? 1 : 0, "PER_ITEM", perItem, RowText.STREAM,
                parameters.value(RowText.STREAM)));
        String front = RowText.vectors(problem.dtype(), width, 0)
                + (problem instanceof SoftmaxProblem ? strands(problem.log()) : RowText.shared("gradient.cl"));
        return KernelPlan.of(new PlannedLaunch("rows", RowText.of(problem, problem.dtype(), name(), dialect(), front, defines),
                RowText.entry(problem), Grid.ofTiles(Math.ceilDiv(problem.outer(), perItem)), RowText.arguments(problem)));
    }

    private static String strands(boolean log) {
        return log ? RowStrandsText.define(false, false, "(v) - (row).most - (row).end") : RowStrandsText.define(true, false, "(v) * (factor)");
    }
}
