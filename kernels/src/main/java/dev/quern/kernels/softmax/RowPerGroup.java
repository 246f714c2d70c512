package dev.quern.kernels.softmax;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Tunable;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import java.util.List;
import java.util.Map;

/** The rung of softmax and its gradient for GPUs: one work-group a row. */
final class RowPerGroup<P extends RowProblem> implements Variant<P> {
    @Override
    public String name() {
        return "row_per_group";
    }

    @Override
    public Dialect dialect() {
        return Dialect.PORTABLE;
    }

    @Override
    public String summary() {
        return "A work-group shares a row and joins its partial results in a tree through local memory: neighbouring items read "
                + "neighbouring elements, and a few long rows still fill the device.";
    }

    @Override
    public List<Tunable> tunables() {
        return List.of(new Tunable("GROUP", List.of(128, 64, 256), "work-items a row"));
    }

    @Override
    public Support supports(P problem, DeviceInfo device) {
        return Support.when(device.maxGroupSize() >= 256, "needs groups of up to 256");
    }

    @Override
    public double preference(P problem, DeviceInfo device) {
        return device.isCpu() ? 0.02 : problem.axis() >= 32 && problem.inner() == 1 ? 0.6 : 0.2;
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        int group = parameters.value("GROUP");
        Map<String, Integer> defines = Map.of("LOG", problem.log() ? 1 : 0, "GROUP", group);
        return KernelPlan.of(new PlannedLaunch("rows",
                RowText.of(problem, problem.dtype(), name(), dialect(), RowText.shared("group_tree.cl"), defines), RowText.entry(problem),
                new Grid(problem.rows(), 1, 1, group, 1, 1),
                RowText.arguments(problem, Reference.number(problem.axis()), Reference.number(problem.inner()))));
    }
}
