package dev.quern.kernels.copy;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelResource;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.Map;

/** The portable rung for transpositions: tiles turned in local memory. */
final class TiledTransposeCopy implements Variant<CopyProblem> {
    private static final int TILE = 32;
    private static final int STEP = 8;

    @Override
    public String name() {
        return "tiled_transpose";
    }

    @Override
    public Dialect dialect() {
        return Dialect.PORTABLE;
    }

    @Override
    public String summary() {
        return "A group reads a tile row by row into local memory and writes it column by column, so that a GPU joins the accesses of "
                + "neighbouring items on both sides.";
    }

    @Override
    public Support supports(CopyProblem problem, DeviceInfo device) {
        return Support.when(device.maxGroupSize() >= TILE * STEP, "needs groups of " + TILE * STEP)
                .and(Support.when(device.localMemory() >= (long) TILE * (TILE + 1) * problem.dtype().bytes(), "needs local memory"))
                .and(Support.when(Transposition.of(problem).isPresent(), "is for transpositions"));
    }

    @Override
    public double preference(CopyProblem problem, DeviceInfo device) {
        boolean large = Transposition.of(problem).filter(it -> it.p() >= TILE / 2 && it.q() >= TILE / 2).isPresent();
        return device.isCpu() ? 0.02 : large ? 0.8 : 0.1;
    }

    @Override
    public KernelPlan plan(CopyProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        Transposition turned = Transposition.of(problem).orElseThrow();
        String places = CopyText.places(turned.others(), "(o)", "    ").replace("\n", " \\\n");
        String text = "#define PLACES(o) \\\n" + places + "\n"
                + KernelResource.text(TiledTransposeCopy.class, "copy_tiled_transpose.cl");
        return KernelPlan.of(new PlannedLaunch("copy", KernelText.of("copy/tiled_transpose", Dialect.PORTABLE, text)
                .with(Map.of("P", turned.p() + "u", "Q", turned.q() + "u", "SQ", turned.sourceStride() + "u", "TP",
                        turned.targetStride() + "u", "WORD", CopyText.word(problem.dtype()))), "copy",
                new Grid(Math.ceilDiv(turned.p(), (long) TILE), Math.ceilDiv(turned.q(), (long) TILE), turned.others().rows(), TILE,
                        STEP, 1), CopyText.references(problem)));
    }
}
