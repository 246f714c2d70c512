package dev.quern.kernels.recurrent;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.Operand;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.gemm.GemmProblem;
import dev.quern.kernels.select.Choice;
import dev.quern.kernels.select.Families;
import dev.quern.kernels.select.Pins;
import dev.quern.kernels.select.Selector;
import dev.quern.runtime.DType;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Grid;
import dev.quern.runtime.ProgramSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A plan for a recurrent layer that is put together from parts: tensors between them are workspaces with names, and matrix
 * products over all steps at once are made by the variants that the heuristic chooses.
 */
final class LayerPlan {
    private final RecurrentProblem problem;
    private final DeviceInfo device;
    private final List<PlannedLaunch> launches = new ArrayList<>();
    private final List<Long> workspaces = new ArrayList<>();
    /** What stands for tensors that are no operands of the layer. */
    private final Map<String, Reference> inside = new HashMap<>();

    LayerPlan(RecurrentProblem problem, DeviceInfo device) {
        this.problem = problem;
        this.device = device;
    }

    /** Declares a tensor between two parts of the plan. */
    void workspace(String name, long elements) {
        inside.put(name, Reference.workspace(workspaces.size()));
        workspaces.add(elements * DType.F32.bytes());
    }

    /** An operand of the layer or a tensor between parts. */
    Reference tensor(String name) {
        return inside.containsKey(name) ? inside.get(name) : Reference.operand(problem.position(name));
    }

    /** All operands of a part, which have the names of the layer's operands or of workspaces, and more arguments behind them. */
    List<Reference> arguments(RecurrentProblem part, Reference... more) {
        return Stream.concat(part.operands().stream().map(Operand::name).map(this::tensor), Stream.of(more)).toList();
    }

    /** Appends a launch. */
    void launch(String role, ProgramSource source, String entry, Grid grid, List<Reference> arguments) {
        launches.add(new PlannedLaunch(role, source, entry, grid, arguments));
    }

    /** Appends c = op(a) * op(b). */
    void product(GemmProblem product, String a, String b, String c) {
        Choice<GemmProblem> choice = new Selector(Families.load(), device, Pins.none())
                .choose(c, product, Epilogue.none());
        append(choice.variant().plan(product, device, choice.parameters(), Epilogue.none()), c + ": ",
                List.of(tensor(a), tensor(b), tensor(c)));
    }

    /** Appends the layer's recurrence. */
    void recurrence(KernelPlan plan) {
        append(plan, "", arguments(problem.recurrence()));
    }

    private void append(KernelPlan plan, String prefix, List<Reference> operands) {
        int first = workspaces.size();
        workspaces.addAll(plan.workspaces());
        for (PlannedLaunch launch : plan.launches()) {
            launches.add(new PlannedLaunch(prefix + launch.role(), launch.source(), launch.entry(), launch.grid(),
                    launch.arguments().stream().map(argument -> switch (argument) {
                        case Reference.OfOperand operand -> operands.get(operand.index());
                        case Reference.OfWorkspace workspace -> Reference.workspace(first + workspace.index());
                        case Reference.OfEpilogue none -> throw new IllegalStateException("there is no epilogue");
                        case Reference.OfPrologue none -> throw new IllegalStateException("there is no prologue");
                        case Reference.OfNumber number -> number;
                    }).toList()));
        }
    }

    /** The whole. */
    KernelPlan plan() {
        return new KernelPlan(launches, workspaces);
    }

    /** Appends pre = x * weight_ih^T. */
    void inputProducts() {
        RecurrentGeometry g = problem.geometry();
        workspace("pre", g.sequence(g.cell().gates()).elements());
        product(GemmProblem.of(lines(), g.gateRows(), problem.features(), false, true), "x", "weight_ih", "pre");
    }

    /** Declares dpre and, of a GRU, dhidden, which a backward pass of a layer leaves to its products. */
    void gateGradients() {
        RecurrentGeometry g = problem.geometry();
        workspace("dpre", g.sequence(g.cell().gates()).elements());
        if (g.gru()) {
            workspace("dhidden", g.sequence(g.cell().gates()).elements());
        }
    }

    /** Appends the weights' gradients, a product each. */
    void weightGradients() {
        RecurrentGeometry g = problem.geometry();
        product(GemmProblem.of(g.gateRows(), g.hidden(), lines(), true, false), g.gru() ? "dhidden" : "dpre", "previous_h",
                "dweight_hh");
        product(GemmProblem.of(g.gateRows(), problem.features(), lines(), true, false), "dpre", "x", "dweight_ih");
    }

    /** Appends dx = dpre * weight_ih. */
    void inputGradient() {
        product(GemmProblem.of(lines(), problem.features(), problem.geometry().gateRows(), false, false), "dpre", "weight_ih", "dx");
    }

    private int lines() {
        return problem.geometry().steps() * problem.geometry().batch();
    }
}
