package dev.quern.kernels.recurrent;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The bottom rung of both passes: a launch a step, one work-item a row and unit. */
final class StepPerLaunch<P extends RecurrentProblem> implements Variant<P> {
    private static final int LOCAL = 64;

    @Override
    public String name() {
        return "step_per_launch";
    }

    @Override
    public Dialect dialect() {
        return Dialect.PORTABLE;
    }

    @Override
    public String summary() {
        return "A launch a step, in which one work-item makes the sums of one unit of one row and then does what the cell does "
                + "with them, in registers. The bottom of the ladder.";
    }

    @Override
    public Support supports(P problem, DeviceInfo device) {
        return Support.when(device.maxGroupSize() >= LOCAL, "needs groups of " + LOCAL);
    }

    @Override
    public double preference(P problem, DeviceInfo device) {
        return device.isCpu() ? 0.02 : 0.1;
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        return switch (problem) {
            case RecurrentForwardProblem forward -> forward(forward);
            case RecurrentBackwardProblem backward -> backward(backward);
        };
    }

    private KernelPlan forward(RecurrentForwardProblem problem) {
        RecurrentGeometry g = problem.geometry();
        KernelText text = RecurrentText.of(problem, name(), dialect(), "", Map.of(), "recurrent_forward_step.cl");
        List<PlannedLaunch> launches = new ArrayList<>();
        for (int s = 0; s < g.steps(); s++) {
            launches.add(new PlannedLaunch("step " + s, text, "recurrent_forward_step", grid(g),
                    RecurrentText.arguments(problem, Reference.workspace(0), Reference.number(s), Reference.number(g.steps()),
                            Reference.number(g.batch()), Reference.number(g.hidden()))));
        }
        return new KernelPlan(launches, List.of(2L * g.batch() * g.hidden() * Float.BYTES));
    }

    private KernelPlan backward(RecurrentBackwardProblem problem) {
        RecurrentGeometry g = problem.geometry();
        KernelText text = RecurrentText.of(problem, name(), dialect(), "", Map.of(), "recurrent_backward_step.cl");
        List<PlannedLaunch> launches = new ArrayList<>();
        for (int s = g.steps() - 1; s >= (g.initial() ? -1 : 0); s--) {
            launches.add(new PlannedLaunch("step " + s, text, "recurrent_backward_step", grid(g),
                    RecurrentText.arguments(problem, Reference.workspace(0), Reference.workspace(1), Reference.number(s),
                            Reference.number(g.steps()), Reference.number(g.batch()), Reference.number(g.hidden()))));
        }
        if (g.bias()) {
            launches.add(sumLines(problem, text, "dpre", "dbias_ih"));
        }
        if (problem.has("dbias_hh")) {
            launches.add(sumLines(problem, text, "dhidden", "dbias_hh"));
        }
        long state = (long) g.batch() * g.hidden() * Float.BYTES;
        return new KernelPlan(launches, List.of(state, state));
    }

    private static Grid grid(RecurrentGeometry g) {
        return new Grid(Math.ceilDiv(g.hidden(), LOCAL), g.batch(), 1, LOCAL, 1, 1);
    }

    private static PlannedLaunch sumLines(RecurrentBackwardProblem problem, KernelText text, String from, String to) {
        RecurrentGeometry g = problem.geometry();
        return new PlannedLaunch(to, text, "sum_lines", Grid.covering(g.gateRows(), LOCAL),
                List.of(Reference.operand(problem.position(from)), Reference.operand(problem.position(to)),
                        Reference.number(g.steps() * g.batch()), Reference.number(g.gateRows())));
    }
}
