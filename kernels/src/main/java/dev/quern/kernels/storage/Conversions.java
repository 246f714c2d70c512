package dev.quern.kernels.storage;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.Operand;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.Expr;
import dev.quern.kernels.pointwise.PointwiseProblem;
import dev.quern.kernels.select.Choice;
import dev.quern.kernels.select.Families;
import dev.quern.kernels.select.Pins;
import dev.quern.kernels.select.Selector;
import dev.quern.runtime.DType;
import dev.quern.runtime.DeviceInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** A plan whose launches see workspaces in the place of some operands, with what fills and empties these around it. */
final class Conversions {
    private final KernelPlan inner;
    private final DeviceInfo device;
    private final Selector selector;
    private final List<Long> workspaces;
    private final List<PlannedLaunch> before = new ArrayList<>();
    private final List<PlannedLaunch> behind = new ArrayList<>();
    /** The workspace that stands for an operand. */
    private final Map<Integer, Reference> inPlaceOf = new HashMap<>();

    Conversions(KernelPlan inner, DeviceInfo device) {
        this.inner = inner;
        this.device = device;
        this.selector = new Selector(Families.load(), device, Pins.none());
        this.workspaces = new ArrayList<>(inner.workspaces());
    }

    /** Lets the plan see an operand in F32. */
    void convert(int position, Operand stored) {
        Reference wide = Reference.workspace(workspaces.size());
        workspaces.add(stored.shape().elements() * DType.F32.bytes());
        inPlaceOf.put(position, wide);
        switch (stored.role()) {
            case INPUT -> {
                // What is prepared from the operand must find its workspace filled, and filled once is enough.
                boolean prepared = inner.launches().stream().anyMatch(launch -> launch.preparedFrom().contains(position));
                cast(stored, stored.dtype(), DType.F32, Reference.operand(position), wide)
                        .forEach(launch -> before.add(prepared ? launch.preparedFrom(position) : launch));
            }
            case OUTPUT -> behind.addAll(cast(stored, DType.F32, stored.dtype(), wide, Reference.operand(position)));
            case WINDOW -> throw new IllegalStateException(stored.name() + ": of a window not every element is there to be converted");
        }
    }

    private List<PlannedLaunch> cast(Operand stored, DType from, DType to, Reference source, Reference target) {
        PointwiseProblem cast = PointwiseProblem.of(new PointwiseProblem.Part(stored.shape(),
                List.of(PointwiseProblem.Input.contiguous(stored.name(), from, stored.shape())), List.of(new Expr.Input(0)),
                List.of(to)));
        Choice<PointwiseProblem> choice = selector.choose("convert " + stored.name(), cast, Epilogue.none());
        KernelPlan plan = choice.variant().plan(cast, device, choice.parameters(), Epilogue.none());
        int first = workspaces.size();
        workspaces.addAll(plan.workspaces());
        return plan.launches().stream().map(launch -> with("convert " + stored.name(), launch, argument -> switch (argument) {
            case Reference.OfOperand(int index) -> index == 0 ? source : target;
            case Reference.OfWorkspace(int index) -> Reference.workspace(first + index);
            default -> argument;
        })).toList();
    }

    private static PlannedLaunch with(String role, PlannedLaunch launch, UnaryOperator<Reference> replaced) {
        return new PlannedLaunch(role, launch.source(), launch.entry(), launch.grid(),
                launch.arguments().stream().map(replaced).toList(), launch.preparedFrom());
    }

    /** The whole. */
    KernelPlan plan() {
        List<PlannedLaunch> launches = new ArrayList<>(before);
        inner.launches().forEach(launch -> launches.add(with(launch.role(), launch, argument ->
                argument instanceof Reference.OfOperand(int index) ? inPlaceOf.getOrDefault(index, argument) : argument)));
        launches.addAll(behind);
        return new KernelPlan(launches, workspaces);
    }
}
