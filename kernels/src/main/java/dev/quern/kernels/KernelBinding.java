package dev.quern.kernels;

import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.runtime.Argument;
import dev.quern.runtime.Device;
import dev.quern.runtime.Launch;
import dev.quern.runtime.Slice;
import java.util.List;
import java.util.Map;

/**
 * The memory that a {@link KernelPlan} runs on: what its references stand for.
 *
 * @param operands   a slice for each of the problem's operands
 * @param epilogue   a slice for each of the epilogue's operands, then one for each value that it keeps
 * @param workspaces a slice for each of the plan's workspaces
 * @param prologues  for each operand of the problem that has a prologue, a slice for each of the prologue's operands
 */
public record KernelBinding(List<Slice> operands, List<Slice> epilogue, List<Slice> workspaces,
        Map<Integer, List<Slice>> prologues) {
    /** Memory for a plan without prologues. */
    public KernelBinding(List<Slice> operands, List<Slice> epilogue, List<Slice> workspaces) {
        this(operands, epilogue, workspaces, Map.of());
    }

    public KernelBinding {
        prologues = Map.copyOf(prologues);
        operands = List.copyOf(operands);
        epilogue = List.copyOf(epilogue);
        workspaces = List.copyOf(workspaces);
    }

    /**
     * The plan's launches on this memory, compiled for a device.
     *
     * @param label  what the plan is for; each launch's label is this and the launch's role
     * @param plan   the plan
     * @param device the device that owns the memory
     * @throws IllegalArgumentException if the plan has more workspaces than were given
     */
    public List<Launch> launches(String label, KernelPlan plan, Device device) {
        if (plan.workspaces().size() != workspaces.size()) {
            throw new IllegalArgumentException(label + ": the plan has " + plan.workspaces().size() + " workspaces, "
                    + workspaces.size() + " were given");
        }
        return plan.launches().stream().map(launch -> bind(label, launch, device)).toList();
    }

    private Launch bind(String label, PlannedLaunch launch, Device device) {
        List<Argument> arguments = launch.arguments().stream().map(this::resolve).toList();
        return new Launch(label + ": " + launch.role(), device.compile(launch.source()).kernel(launch.entry()), launch.grid(),
                arguments);
    }

    private Argument resolve(Reference reference) {
        return switch (reference) {
            case Reference.OfOperand operand -> operands.get(operand.index());
            case Reference.OfEpilogue operand -> epilogue.get(operand.index());
            case Reference.OfPrologue operand -> prologues.get(operand.operand()).get(operand.index());
            case Reference.OfWorkspace workspace -> workspaces.get(workspace.index());
            case Reference.OfNumber number -> number.number();
        };
    }
}
