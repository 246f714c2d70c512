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

/** The rung of cross-entropy for OpenCL on CPUs that reads a long row at four places while it writes the gradient of the row before. */
final class CrossEntropyStrandsCpu implements Variant<CrossEntropyProblem> {
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
        return "One loop over four strands of a row: each logit is read once, since its exponential is of the distance from the largest "
                + "so far, and takes the place in the cache of one of the row before, whose gradient is written.";
    }

    @Override
    public List<Tunable> tunables() {
        return List.of(VectorWidth.tunable(), RowText.streamed());
    }

    @Override
    public Support supports(CrossEntropyProblem problem, DeviceInfo device) {
        return Support.when(problem.withGradient(), "there is no gradient to write").and(RowStrandsText.supports(problem.classes(), device));
    }

    @Override
    public double preference(CrossEntropyProblem problem, DeviceInfo device) {
        return RowStrandsText.preference(problem.classes(), device);
    }

    @Override
    public Parameters parameters(CrossEntropyProblem problem, DeviceInfo device) {
        return VectorWidth.defaults(tunables(), device).with(RowText.STREAM, RowText.streamed(problem.dtype(), problem.cost(), true));
    }

    @Override
    public Support accepts(Parameters parameters, CrossEntropyProblem problem, DeviceInfo device) {
        return RowText.acceptsStream(parameters, problem.dtype(), true)
                .and(RowStrandsText.accepts(problem.classes(), parameters.value(VectorWidth.NAME)));
    }

    @Override
    public KernelPlan plan(CrossEntropyProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        int width = parameters.value(VectorWidth.NAME);
        CrossEntropyItems items = CrossEntropyItems.of(problem, width, device);
        Map<String, Object> defines = CrossEntropyText.defines(problem);
        defines.putAll(RowStrandsText.defines(problem.classes(), width));
        defines.putAll(Map.of("ROWS", problem.rows(), "PER_ITEM", items.perItem(), "ITEMS", items.count(), RowText.STREAM,
                parameters.value(RowText.STREAM)));
        String front = RowText.vectors(problem.dtype(), width, 0) + RowStrandsText.define(true, problem.labelSmoothing() > 0,
                "fma(v, (VECTOR)(factor), (VECTOR)((row).end))") + RowText.shared("cross_entropy_items.cl");
        return items.plan(problem, RowText.of(problem, problem.dtype(), name(), dialect(), front, defines));
    }
}
