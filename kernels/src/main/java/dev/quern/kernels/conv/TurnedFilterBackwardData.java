package dev.quern.kernels.conv;

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
import dev.quern.runtime.KernelText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A forward rung as a backward-data rung. Where the stride is 1, the gradient of the input is a convolution forward of dy with
 * the filter's channels exchanged and its taps reversed, padded by what the filter's reach leaves of the padding:
 *
 * <pre>
 * dx[n, c, h, w] = sum over k, r, s of  dy[n, k, h - pad' + r * dilationH, ...] * filter[k, c, R - 1 - r, S - 1 - s]
 *                                       with pad' = (R - 1) * dilationH - padTop, and the columns alike
 * </pre>
 */
final class TurnedFilterBackwardData implements Variant<Conv2dBackwardDataProblem> {
    /** As in the kernel. */
    private static final int CHUNK = 128;

    private final Variant<Conv2dForwardProblem> forward;

    TurnedFilterBackwardData(Variant<Conv2dForwardProblem> forward) {
        this.forward = forward;
    }

    /** The forward rung's name. */
    @Override
    public String name() {
        return forward.name();
    }

    @Override
    public Dialect dialect() {
        return forward.dialect();
    }

    @Override
    public String summary() {
        return "Turns the filter, so that the gradient of the input is a convolution forward. " + forward.summary();
    }

    @Override
    public List<Tunable> tunables() {
        return forward.tunables();
    }

    private static boolean isTurnable(Conv2dGeometry g) {
        return g.strideH() == 1 && g.strideW() == 1 && g.padTop() <= reach(g.r(), g.dilationH())
                && g.padBottom() <= reach(g.r(), g.dilationH()) && g.padLeft() <= reach(g.s(), g.dilationW())
                && g.padRight() <= reach(g.s(), g.dilationW());
    }

    private static int reach(int taps, int dilation) {
        return (taps - 1) * dilation;
    }

    /** The convolution forward from dy to dx. */
    static Conv2dForwardProblem turned(Conv2dGeometry g) {
        int reachH = reach(g.r(), g.dilationH());
        int reachW = reach(g.s(), g.dilationW());
        return new Conv2dForwardProblem(new Conv2dGeometry(g.n(), g.k(), g.p(), g.q(), g.c(), g.r(), g.s(), 1, 1,
                reachH - g.padTop(), reachH - g.padBottom(), reachW - g.padLeft(), reachW - g.padRight(), g.dilationH(),
                g.dilationW(), g.groups()));
    }

    @Override
    public Support supports(Conv2dBackwardDataProblem problem, DeviceInfo device) {
        Conv2dGeometry g = problem.geometry();
        return !isTurnable(g) ? Support.no("made for stride 1 and padding within the filter's reach")
                : DirectCpu.onlyCpu(device).and(forward.supports(turned(g), device));
    }

    @Override
    public Support takes(Epilogue epilogue, Conv2dBackwardDataProblem problem) {
        return isTurnable(problem.geometry()) ? forward.takes(epilogue, turned(problem.geometry()))
                : Support.no("made for stride 1");
    }

    @Override
    public double preference(Conv2dBackwardDataProblem problem, DeviceInfo device) {
        return forward.preference(turned(problem.geometry()), device);
    }

    @Override
    public Parameters parameters(Conv2dBackwardDataProblem problem, DeviceInfo device) {
        return isTurnable(problem.geometry()) ? forward.parameters(turned(problem.geometry()), device)
                : Parameters.defaults(tunables());
    }

    @Override
    public KernelPlan plan(Conv2dBackwardDataProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        Conv2dGeometry g = problem.geometry();
        KernelPlan plan = forward.plan(turned(g), device, parameters, epilogue);
        Reference filter = Reference.workspace(plan.workspaces().size());
        List<Long> workspaces = new ArrayList<>(plan.workspaces());
        workspaces.add(4 * g.filterShape().elements());
        KernelText text = KernelText.of("conv2d-backward-data/turn_filter", Dialect.OPENCL,
                DirectCpu.texts("conv2d_vectors.h", "conv2d_turn_filter.cl")).with(Map.of("TAPS", g.r() * g.s()));
        List<PlannedLaunch> launches = new ArrayList<>();
        launches.add(new PlannedLaunch("turn filter", text, "conv2d_turn_filter",
                Grid.ofTiles(Math.ceilDiv(g.groupC(), 16), Math.ceilDiv(g.groupK(), CHUNK), g.groups()),
                List.of(Reference.operand(1), filter, Reference.number(g.groupC()), Reference.number(g.groupK()))));
        for (PlannedLaunch launch : plan.launches()) {
            launches.add(new PlannedLaunch(launch.role(), launch.source(), launch.entry(), launch.grid(),
                    launch.arguments().stream().map(one -> one.equals(Reference.operand(1)) ? filter : one).toList()));
        }
        return new KernelPlan(launches, workspaces);
    }
}
