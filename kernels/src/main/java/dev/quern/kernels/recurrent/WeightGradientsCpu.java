package dev.quern.kernels.recurrent;

import dev.quern.kernels.CpuVectors;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.KernelResource;
import dev.quern.runtime.DType;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.List;
import java.util.Map;

/** The launch that makes both weights' gradients of the gradients of the gates' sums, on CPUs. */
final class WeightGradientsCpu {
    private static final int VECTORS = 2;
    /** Lines whose panel of another operand stays near the first-level cache. */
    private static final int MOST_DEPTH = 256;
    /** Bytes of the packed gates' gradients that should stay in the second-level cache. */
    private static final int CACHED = 384 * 1024;
    /** Floats of a line of the caches. */
    private static final long LINE = 16;
    private static final String TEXT = CpuVectors.names() + KernelResource.text(WeightGradientsCpu.class, "recurrent_vectors_cpu.cl")
            + KernelResource.text(WeightGradientsCpu.class, "recurrent_weights_cpu.cl");

    private WeightGradientsCpu() {
    }

    /** Appends the launch to a plan that has made dpre and, of a GRU, dhidden. */
    static void append(LayerPlan plan, RecurrentBackwardProblem problem, DeviceInfo device, int width) {
        RecurrentGeometry g = problem.geometry();
        int tileRows = width == 16 ? 12 : 4;
        int tileColumns = VECTORS * width;
        int lines = g.steps() * g.batch();
        int depth = Math.ceilDiv(lines, Math.ceilDiv(lines, MOST_DEPTH));
        int all = Math.ceilDiv(g.gateRows(), tileRows);
        int groups = Math.min(device.computeUnits(), all);
        int perGroup = Math.ceilDiv(all, groups);
        int most = Math.max(1, CACHED / (depth * tileRows * DType.F32.bytes()));
        int tiles = Math.ceilDiv(perGroup, Math.ceilDiv(perGroup, most));
        int panels = Math.ceilDiv(problem.features(), tileColumns) + Math.ceilDiv(g.hidden(), tileColumns);
        // In whole lines: a vector that crosses one is loaded twice.
        long itemSize = Math.ceilDiv((long) tiles * depth * tileRows, LINE) * LINE
                + Math.ceilDiv((long) depth * tileColumns + (long) tiles * panels * tileRows * tileColumns, LINE) * LINE;
        plan.workspace("scratch", groups * itemSize);
        KernelText text = KernelText.of("recurrent-backward/weights_cpu", Dialect.OPENCL, TEXT)
                .with(Map.of("W", width, "NV", VECTORS, "MR", tileRows));
        plan.launch("weights' gradients", text, "recurrent_weights", Grid.ofTiles(groups), List.of(plan.tensor("dpre"),
                plan.tensor(g.gru() ? "dhidden" : "dpre"), Reference.number(g.gru() ? 1 : 0), plan.tensor("x"),
                plan.tensor("previous_h"), plan.tensor("dweight_ih"), plan.tensor("dweight_hh"), plan.tensor("scratch"),
                Reference.number(itemSize), Reference.number(lines), Reference.number(g.gateRows()),
                Reference.number(problem.features()), Reference.number(g.hidden()), Reference.number(depth),
                Reference.number(tiles)));
    }
}
