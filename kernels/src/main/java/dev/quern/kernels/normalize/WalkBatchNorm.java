package dev.quern.kernels.normalize;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.EpilogueText;
import dev.quern.kernels.expr.Prologue;
import dev.quern.kernels.expr.Prologues;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/** The portable rungs of batch norm and its gradients: a work-item, or a work-group, walks over a channel. */
final class WalkBatchNorm<P extends NormProblem> implements Variant<P> {
    private static final int GROUP = 256;
    private static final int LOCAL = 64;

    private final boolean shared;

    /** The rung; {@code shared} makes it that of work-groups. */
    WalkBatchNorm(boolean shared) {
        this.shared = shared;
    }

    @Override
    public String name() {
        return shared ? "group_tree" : "item_per_channel";
    }

    @Override
    public Dialect dialect() {
        return Dialect.PORTABLE;
    }

    @Override
    public String summary() {
        return shared ? "A work-group shares a channel and joins its sums in a tree through local memory: neighbouring items read "
                + "neighbouring elements."
                : "One work-item walks over one channel. The bottom of the ladder.";
    }

    @Override
    public Support supports(P problem, DeviceInfo device) {
        return Support.when(device.maxGroupSize() >= GROUP, "needs groups of " + GROUP);
    }

    @Override
    public Support takes(Epilogue epilogue, P problem) {
        return Support.unless(EpilogueText.scalarObstacle(epilogue));
    }

    @Override
    public Support takes(Prologue prologue, int operand, P problem) {
        return NormText.takes(prologue, operand, problem, OptionalLong.empty());
    }

    @Override
    public double preference(P problem, DeviceInfo device) {
        return device.isCpu() ? shared ? 0.02 : 0.05 : shared ? 0.5 : problem.inner() == 1 ? 0.2 : 0.05;
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        return plan(problem, device, parameters, Prologues.none(), epilogue);
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Prologues prologues, Epilogue epilogue) {
        Map<String, Object> defines = new HashMap<>(Map.of("GROUP", shared ? GROUP : 1));
        if (problem instanceof BatchNormProblem forward) {
            defines.putAll(Map.of("EPSILON", NormText.literal(forward.epsilon()), "MOMENTUM",
                    NormText.literal(forward.momentum()), "RUNNING", forward.running() ? 1 : 0));
        }
        Grid grid = shared ? new Grid(problem.channels(), 1, 1, GROUP, 1, 1) : Grid.covering(problem.channels(), LOCAL);
        return KernelPlan.of(new PlannedLaunch("channels",
                NormText.portable(problem, name(), NormText.entry(problem) + "_walk.cl", prologues, epilogue, defines),
                NormText.entry(problem), grid,
                NormText.withRiders(NormText.arguments(problem, Reference.number(problem.batch()),
                        Reference.number(problem.channels()), Reference.number(problem.inner())), prologues, epilogue)));
    }
}
