package dev.quern.kernels.pool;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Problem;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.EpilogueText;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;

/** The bottom rung of each pooling: one work-item an output element. */
final class NaivePool2d<P extends Problem> implements Variant<P> {
    private static final int LOCAL = 64;

    private final Pool2dPass<P> pass;

    NaivePool2d(Pool2dPass<P> pass) {
        this.pass = pass;
    }

    @Override
    public String name() {
        return "naive";
    }

    @Override
    public Dialect dialect() {
        return Dialect.PORTABLE;
    }

    @Override
    public String summary() {
        return "One work-item makes one output element; backward gathers from the windows that see its pixel. It takes every "
                + "attribute. Neighbouring items read neighbouring pixels, so on a GPU it runs near the memory's speed.";
    }

    @Override
    public Support supports(P problem, DeviceInfo device) {
        return Support.when(device.maxGroupSize() >= LOCAL, "needs groups of " + LOCAL);
    }

    @Override
    public Support takes(Epilogue epilogue, P problem) {
        return Support.unless(EpilogueText.scalarObstacle(epilogue));
    }

    @Override
    public double preference(P problem, DeviceInfo device) {
        return device.isCpu() ? 0.1 : 0.5;
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        return KernelPlan.of(new PlannedLaunch(pass.family(),
                pass.load("naive", Dialect.PORTABLE, "pool2d_naive.cl", problem, epilogue), pass.entry(),
                Grid.covering(pass.output(problem).shape().elements(), LOCAL),
                pass.references(problem, epilogue, (int) pass.geometry().apply(problem).planes())));
    }
}
