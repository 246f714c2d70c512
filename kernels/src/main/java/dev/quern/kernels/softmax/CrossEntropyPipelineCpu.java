package dev.quern.kernels.softmax;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Tunable;
import dev.quern.kernels.Variant;
import dev.quern.kernels.VectorWidth;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import java.util.List;
import java.util.Map;

/** The rung of cross-entropy for OpenCL on CPUs that reads some rows while it computes and writes the gradients of others. */
final class CrossEntropyPipelineCpu implements Variant<CrossEntropyProblem> {
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
        return "One loop over several rows at a time: of one the maximum is found while another becomes exponentials, which are kept "
                + "in the cache, and a third's gradient is written. Memory does not wait for arithmetic, nor loads for stores.";
    }

    @Override
    public List<Tunable> tunables() {
        return List.of(VectorWidth.tunable(), RowText.streamed());
    }

    @Override
    public Support supports(CrossEntropyProblem problem, DeviceInfo device) {
        return Support.when(problem.withGradient(), "there is no gradient to write").and(RowPipelineText.supports(problem.classes(), device));
    }

    @Override
    public double preference(CrossEntropyProblem problem, DeviceInfo device) {
        return device.isCpu() ? 0.8 : 0.01;
    }

    @Override
    public Parameters parameters(CrossEntropyProblem problem, DeviceInfo device) {
        return VectorWidth.defaults(tunables(), device).with(RowText.STREAM, RowText.streamed(problem.dtype(), problem.cost(), true));
    }

    @Override
    public Support accepts(Parameters parameters, CrossEntropyProblem problem, DeviceInfo device) {
        return RowText.acceptsStream(parameters, problem.dtype(), true)
                .and(Support.when(parameters.value(VectorWidth.NAME) <= problem.classes(), "rows are shorter than a vector"));
    }

    @Override
    public KernelPlan plan(CrossEntropyProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        int width = parameters.value(VectorWidth.NAME);
        CrossEntropyItems items = CrossEntropyItems.of(problem, width, device);
        Map<String, Object> defines = CrossEntropyText.defines(problem);
        defines.putAll(RowPipelineText.defines(problem.classes(), width, true));
        defines.putAll(Map.of("ROWS", problem.rows(), "PER_ITEM", items.perItem(), "ITEMS", items.count(), RowText.STREAM,
                parameters.value(RowText.STREAM)));
        String front = RowText.vectors(problem.dtype(), width, 0) + RowPipelineText.define(true, problem.labelSmoothing() > 0,
                "fma(LOAD((kept) + (i)), (VECTOR)(known.factor), (VECTOR)(known.offset))") + RowText.shared("cross_entropy_items.cl");
        return items.plan(problem, RowText.of(problem, problem.dtype(), name(), dialect(), front, defines));
    }
}
