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

/** The rung of softmax and its gradient for OpenCL on CPUs that reads some rows while it computes and writes others. */
final class RowPipelineCpu<P extends RowProblem> implements Variant<P> {
    /** Elements below which a work-item costs more than it gives. */
    private static final int LEAST_ELEMENTS = 4 * 1024;
    private static final int ITEMS_PER_CORE = 8;

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
        return "One loop over several rows at a time: one is asked for while another's maximum or sum is found and a third is written; "
                + "exponentials are taken on the way and kept in the cache. Memory does not wait for arithmetic, nor loads for stores.";
    }

    @Override
    public List<Tunable> tunables() {
        return List.of(VectorWidth.tunable(), RowText.streamed());
    }

    @Override
    public Support supports(P problem, DeviceInfo device) {
        return Support.when(problem.inner() == 1, "elements of a row are not neighbours")
                .and(RowPipelineText.supports(problem.axis(), device));
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
        boolean forward = problem instanceof SoftmaxProblem;
        Map<String, Integer> defines = new HashMap<>(RowPipelineText.defines(problem.axis(), width, forward));
        defines.putAll(Map.of("OUTER", problem.outer(), "LOG", problem.log() ? 1 : 0, "PER_ITEM", perItem, RowText.STREAM,
                parameters.value(RowText.STREAM)));
        String front = RowText.vectors(problem.dtype(), width, 0) + (forward ? pipeline(problem.log()) : RowText.shared("gradient.cl"));
        return KernelPlan.of(new PlannedLaunch("rows", RowText.of(problem, problem.dtype(), name(), dialect(), front, defines),
                RowText.entry(problem), Grid.ofTiles(Math.ceilDiv(problem.outer(), perItem)), RowText.arguments(problem)));
    }

    private static String pipeline(boolean log) {
        return log ? RowPipelineText.define(false, false, "GET((x) + (i)) - known.most - known.factor")
                : RowPipelineText.define(true, false, "LOAD((kept) + (i)) * known.factor");
    }
}
