package dev.quern.kernels.normalize;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.EpilogueText;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The portable rungs of group norm and its gradients: a work-item, or a work-group, walks over a row. */
final class WalkGroupNorm<P extends GroupedProblem> implements Variant<P> {
    private static final int GROUP = 128;
    private static final int LOCAL = 64;

    private final boolean shared;

    /** The rung; {@code shared} makes it that of work-groups. */
    WalkGroupNorm(boolean shared) {
        this.shared = shared;
    }

    @Override
    public String name() {
        return shared ? "group_tree" : "item_per_row";
    }

    @Override
    public Dialect dialect() {
        return Dialect.PORTABLE;
    }

    @Override
    public String summary() {
        return shared ? "A work-group shares a row and joins its sums in a tree through local memory: neighbouring items read "
                + "neighbouring elements." : "One work-item walks over one row. The bottom of the ladder.";
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
    public double preference(P problem, DeviceInfo device) {
        return device.isCpu() ? shared ? 0.02 : 0.05 : shared ? 0.5 : 0.05;
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        Map<String, Object> defines = new HashMap<>(Map.of("GROUP", shared ? GROUP : 1, "CENTRED", problem.centred() ? 1 : 0));
        if ((GroupedProblem) problem instanceof GroupNormProblem forward) {
            defines.put("EPSILON", NormText.literal(forward.epsilon()));
            List<Reference> arguments = NormText.arguments(problem, Reference.number(problem.rows()),
                    Reference.number(problem.groups()), Reference.number(problem.perGroup()), Reference.number(problem.inner()));
            return KernelPlan.of(new PlannedLaunch("rows", text(problem, epilogue, defines), "group_norm", grid(problem.rows()),
                    Reference.withEpilogue(arguments, epilogue)));
        }
        KernelText text = text(problem, epilogue, defines);
        List<Reference> arguments = NormText.arguments(problem, Reference.number(problem.batch()),
                Reference.number(problem.groups()), Reference.number(problem.perGroup()), Reference.number(problem.inner()));
        List<PlannedLaunch> launches = new ArrayList<>();
        launches.add(new PlannedLaunch("rows", text, "group_norm_backward", grid(problem.rows()),
                Reference.withEpilogue(arguments, epilogue)));
        if (problem.affine().weight()) {
            launches.add(new PlannedLaunch("parameters", text, "parameters", grid(problem.channels()), arguments));
        }
        return new KernelPlan(launches, List.of());
    }

    private KernelText text(P problem, Epilogue epilogue, Map<String, ?> defines) {
        return NormText.portable(problem, name(), NormText.entry(problem) + "_walk.cl", epilogue, defines);
    }

    private Grid grid(int units) {
        return shared ? new Grid(units, 1, 1, GROUP, 1, 1) : Grid.covering(units, LOCAL);
    }
}
