package dev.quern.kernels.conv;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Problem;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.EpilogueText;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.ArrayList;
import java.util.List;

/** The bottom rung of each pass: one work-item an output element. */
final class NaiveConv2d<P extends Problem> implements Variant<P> {
    private static final int LOCAL = 64;

    private final Conv2dPass<P> pass;

    NaiveConv2d(Conv2dPass<P> pass) {
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
        return "One work-item sums one output element by the definition. It takes every stride, padding, dilation and number "
                + "of groups, and reuses nothing but what caches keep.";
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
        return 0.01;
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        long elements = pass.outputElements(problem);
        String entry = pass.file() + "_naive";
        KernelText text = Conv2dText.load(pass.family() + "/naive", Dialect.PORTABLE, entry + ".cl",
                epilogue, elements, 1);
        List<Reference> arguments = new ArrayList<>(Conv2dText.operandReferences());
        arguments.addAll(Conv2dText.numbers(pass.geometry().apply(problem)));
        arguments.addAll(Conv2dText.epilogueReferences(epilogue));
        return KernelPlan.of(new PlannedLaunch(pass.family(), text, entry, Grid.covering(elements, LOCAL), arguments));
    }
}
