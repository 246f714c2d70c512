package dev.quern.graph.plan;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.VariantProvider;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.reduce.ReduceProblem;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.List;

/** A faulty rung of reduce, added from outside: it writes one element past its output. Never chosen unless pinned. */
public final class OverrunningVariant implements VariantProvider, Variant<ReduceProblem> {
    @Override
    public String family() {
        return "reduce";
    }

    @Override
    public List<Variant<?>> variants() {
        return List.of(this);
    }

    @Override
    public String name() {
        return "overrunning";
    }

    @Override
    public Dialect dialect() {
        return Dialect.PORTABLE;
    }

    @Override
    public String summary() {
        return "Writes past its end, so that tests see guard mode notice it.";
    }

    @Override
    public Support supports(ReduceProblem problem, DeviceInfo device) {
        return Support.supported();
    }

    @Override
    public double preference(ReduceProblem problem, DeviceInfo device) {
        return 1e-9;
    }

    @Override
    public KernelPlan plan(ReduceProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        String text = "Q_KERNEL void overrun(Q_GLOBAL const float* x, Q_GLOBAL float* y) { y[0] = x[0]; y["
                + problem.outputs() + "] = 1.0f; }\n";
        return KernelPlan.of(new PlannedLaunch("overrun", KernelText.of("reduce/overrunning", Dialect.PORTABLE, text), "overrun",
                Grid.ofTiles(1), List.of(Reference.operand(ReduceProblem.X), Reference.operand(problem.y(0)))));
    }
}
