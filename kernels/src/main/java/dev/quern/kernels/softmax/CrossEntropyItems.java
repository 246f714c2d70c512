package dev.quern.kernels.softmax;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.List;

/**
 * How the rungs of cross-entropy for CPUs share rows among work-items.
 *
 * @param count   work-items
 * @param perItem rows of each but the last
 */
record CrossEntropyItems(int count, int perItem) {
    /** Logits below which another work-item and the second launch cost more than they give. */
    private static final int LEAST_ELEMENTS = 16 * 1024;
    private static final int ITEMS_PER_CORE = 8;

    /** For vectors of so many lanes. */
    static CrossEntropyItems of(CrossEntropyProblem problem, int width, DeviceInfo device) {
        int least = Math.ceilDiv(LEAST_ELEMENTS, Math.ceilDiv(problem.classes(), width) * width);
        int perItem = Math.max(least, Math.ceilDiv(problem.rows(), device.computeUnits() * ITEMS_PER_CORE));
        return new CrossEntropyItems(Math.ceilDiv(problem.rows(), perItem), perItem);
    }

    /** The launches of a program with row_losses and mean_loss; a small batch is one. */
    KernelPlan plan(CrossEntropyProblem problem, KernelText text) {
        Reference loss = Reference.operand(CrossEntropyProblem.LOSS);
        Grid grid = Grid.ofTiles(count);
        if (count == 1) {
            return KernelPlan.of(new PlannedLaunch("rows and mean", text, "row_losses", grid,
                    CrossEntropyText.rowArguments(problem, loss)));
        }
        Reference sums = Reference.workspace(0);
        return new KernelPlan(List.of(
                new PlannedLaunch("rows", text, "row_losses", grid, CrossEntropyText.rowArguments(problem, sums)),
                new PlannedLaunch("mean", text, "mean_loss", Grid.ofTiles(1),
                        List.of(sums, Reference.operand(CrossEntropyProblem.LABELS), loss))),
                List.of((long) count * Float.BYTES));
    }
}
