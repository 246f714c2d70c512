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
import java.util.Map;

/** The bottom rung of local response norm and its gradient: one work-item an element. */
final class ElementLocalResponseNorm<P extends ResponseProblem> implements Variant<P> {
    private static final int LOCAL = 128;

    @Override
    public String name() {
        return "item_per_element";
    }

    @Override
    public Dialect dialect() {
        return Dialect.PORTABLE;
    }

    @Override
    public String summary() {
        return "One work-item computes one element from its neighbours across channels. The bottom of the ladder, and on a GPU not "
                + "a bad one: neighbouring items read neighbouring elements, which caches hold for the next channel.";
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
        return device.isCpu() ? 0.02 : 0.4;
    }

    /** The definitions that every rung has. */
    static Map<String, Object> defines(LocalResponse response) {
        return Map.of("BEFORE", response.before(), "BEHIND", response.behind(), "SHARE",
                NormText.literal(response.alpha() / response.size()), "BETA", "(" + NormText.literal(response.beta()) + ")", "K",
                NormText.literal(response.k()));
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        return KernelPlan.of(new PlannedLaunch("elements",
                NormText.portable(problem, name(), NormText.entry(problem) + "_element.cl", epilogue,
                        defines(problem.response())),
                NormText.entry(problem), Grid.covering(problem.elements(), LOCAL),
                Reference.withEpilogue(NormText.arguments(problem, Reference.number((int) problem.elements()),
                        Reference.number(problem.channels()), Reference.number(problem.inner())), epilogue)));
    }
}
