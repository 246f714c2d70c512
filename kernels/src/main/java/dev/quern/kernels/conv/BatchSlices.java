package dev.quern.kernels.conv;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A batch cut into slices whose filter gradients are summed apart, so that there is work for every core, and added by a
 * second launch in a fixed order. A single slice needs no second launch.
 *
 * @param images images of a slice; the last one may have fewer
 * @param count  slices
 */
record BatchSlices(int images, int count) {
    private static final int CHUNK = 512;
    /** A slice's gradients are written and read once more: not worth it past this. */
    private static final long MOST_BYTES = 16L << 20;

    /** Enough slices for this many work-items where each slice has {@code tiles} of them. */
    static BatchSlices forWork(Conv2dGeometry g, long tiles, long wanted) {
        long most = Math.max(1, MOST_BYTES / (4L * g.k() * g.taps()));
        int count = (int) Math.clamp(Math.ceilDiv(wanted, tiles), 1, Math.min(g.n(), most));
        int images = Math.ceilDiv(g.n(), count);
        return new BatchSlices(images, Math.ceilDiv(g.n(), images));
    }

    /**
     * The whole plan.
     *
     * @param text     sums slices; its arguments are x, dy, the result, the numbers and, for a single slice, the epilogue's
     *                 operands
     * @param entry    its kernel
     * @param tiles    its work-items
     */
    KernelPlan plan(Conv2dGeometry g, KernelText text, String entry, long tiles, Epilogue epilogue, int... numbers) {
        List<Reference> arguments = new ArrayList<>(List.of(Reference.operand(0), Reference.operand(1)));
        if (count == 1) {
            arguments.add(Reference.operand(2));
            IntStream.of(numbers).mapToObj(Reference::number).forEach(arguments::add);
            arguments.addAll(Conv2dText.epilogueReferences(epilogue));
            return KernelPlan.of(new PlannedLaunch(Conv2dBackwardWeightsProblem.FAMILY, text, entry, Grid.ofTiles(tiles),
                    arguments));
        }
        arguments.add(Reference.workspace(0));
        IntStream.of(numbers).mapToObj(Reference::number).forEach(arguments::add);
        PlannedLaunch sums = new PlannedLaunch("sum slices of the batch", text, entry, Grid.ofTiles(tiles), arguments);
        long elements = (long) g.k() * g.taps();
        KernelText joining = Conv2dText.load("conv2d-backward-weights/join_slices", Dialect.OPENCL, "conv2d_join_slices.cl",
                epilogue, elements, 1).with(Map.of("ELEMENTS", elements, "SLICES", count, "CHUNK", CHUNK));
        List<Reference> joined = new ArrayList<>(List.of(Reference.workspace(0), Reference.operand(2)));
        joined.addAll(Conv2dText.epilogueReferences(epilogue));
        PlannedLaunch join = new PlannedLaunch("join slices", joining, "conv2d_join_slices",
                Grid.ofTiles(Math.ceilDiv(elements, (long) CHUNK)), joined);
        return new KernelPlan(List.of(sums, join), List.of(4 * elements * count));
    }

    /** The epilogue of the launch that sums slices: the whole one if it is the last launch, else none. */
    Epilogue epilogueOfSums(Epilogue epilogue) {
        return count == 1 ? epilogue : Epilogue.none();
    }
}
