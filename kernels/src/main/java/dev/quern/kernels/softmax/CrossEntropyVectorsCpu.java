package dev.quern.kernels.softmax;

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

/** The rung of cross-entropy for OpenCL on CPUs: vectors along the classes, a small batch in one launch. */
final class CrossEntropyVectorsCpu implements Variant<CrossEntropyProblem> {
    /** Logits below which another work-item and the second launch cost more than they give. */
    private static final int LEAST_ELEMENTS = 16 * 1024;
    private static final int ITEMS_PER_CORE = 8;

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
        int least = Math.ceilDiv(LEAST_ELEMENTS, Math.ceilDiv(problem.classes(), width) * width);
        int perItem = Math.max(least, Math.ceilDiv(problem.rows(), device.computeUnits() * ITEMS_PER_CORE));
        int items = Math.ceilDiv(problem.rows(), perItem);
        Map<String, Object> defines = CrossEntropyText.defines(problem);
        defines.putAll(Map.of("ROWS", problem.rows(), "CLASSES", problem.classes(), "PER_ITEM", perItem, "ITEMS", items, "W",
                width));
        defines.put(RowText.STREAM, parameters.value(RowText.STREAM));
        KernelText text = RowText.of(problem, problem.dtype(), name(), dialect(),
                RowText.vectors(problem.dtype(), width, problem.classes() % width), defines);
        Reference loss = Reference.operand(CrossEntropyProblem.LOSS);
        Grid grid = Grid.ofTiles(items);
        if (items == 1) {
            return KernelPlan.of(new PlannedLaunch("rows and mean", text, "row_losses", grid,
                    CrossEntropyText.rowArguments(problem, loss)));
        }
        Reference sums = Reference.workspace(0);
        return new KernelPlan(List.of(
                new PlannedLaunch("rows", text, "row_losses", grid, CrossEntropyText.rowArguments(problem, sums)),
                new PlannedLaunch("mean", text, "mean_loss", Grid.ofTiles(1), List.of(sums, Reference.operand(CrossEntropyProblem.LABELS), loss))),
                List.of((long) items * Float.BYTES));
    }
}
