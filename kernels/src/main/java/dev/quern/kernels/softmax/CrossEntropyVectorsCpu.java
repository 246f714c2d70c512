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

/** The rung of cross-entropy for OpenCL on CPUs: vectors along the classes, a small batch in one launch. */
final class CrossEntropyVectorsCpu implements Variant<CrossEntropyProblem> {
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
        return "One work-item walks many rows in vectors along the classes. A small batch is one work-item and one launch, "
                + "because a launch costs more than its arithmetic; a larger one is shared, and a second launch adds up.";
    }

    @Override
    public List<Tunable> tunables() {
        return List.of(VectorWidth.tunable(), RowText.streamed());
    }

    @Override
    public Support supports(CrossEntropyProblem problem, DeviceInfo device) {
        return Support.supported();
    }

    @Override
    public double preference(CrossEntropyProblem problem, DeviceInfo device) {
        return device.isCpu() ? 0.7 : 0.01;
    }

    @Override
    public Parameters parameters(CrossEntropyProblem problem, DeviceInfo device) {
        return VectorWidth.defaults(tunables(), device).with(RowText.STREAM,
                RowText.streamed(problem.dtype(), problem.cost(), problem.withGradient()));
    }

    @Override
    public Support accepts(Parameters parameters, CrossEntropyProblem problem, DeviceInfo device) {
        return RowText.acceptsStream(parameters, problem.dtype(), true);
    }

    @Override
    public KernelPlan plan(CrossEntropyProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        int width = parameters.value(VectorWidth.NAME);
        CrossEntropyItems items = CrossEntropyItems.of(problem, width, device);
        Map<String, Object> defines = CrossEntropyText.defines(problem);
        defines.putAll(Map.of("ROWS", problem.rows(), "CLASSES", problem.classes(), "PER_ITEM", items.perItem(), "ITEMS", items.count(),
                "W", width));
        defines.put(RowText.STREAM, parameters.value(RowText.STREAM));
        String front = RowText.vectors(problem.dtype(), width, problem.classes() % width) + RowText.shared("cross_entropy_items.cl");
        return items.plan(problem, RowText.of(problem, problem.dtype(), name(), dialect(), front, defines));
    }
}
