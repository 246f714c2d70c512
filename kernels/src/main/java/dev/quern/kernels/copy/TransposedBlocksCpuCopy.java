package dev.quern.kernels.copy;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelResource;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Tunable;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The rung for transpositions on CPUs: blocks of 16 by 16 words turned in registers. */
final class TransposedBlocksCpuCopy implements Variant<CopyProblem> {
    private static final int BLOCK = 16;
    private static final String ROWS = "PT";
    private static final String COLUMNS = "QS";

    @Override
    public String name() {
        return "transposed_blocks_cpu";
    }

    @Override
    public Dialect dialect() {
        return Dialect.OPENCL;
    }

    @Override
    public String summary() {
        return "Blocks of 16 by 16 words are loaded as rows, turned by 64 shuffles and stored as rows, so that both sides move whole "
                + "vectors; a work-item goes along the input, whose rows the processor then reads ahead.";
    }

    @Override
    public List<Tunable> tunables() {
        return List.of(new Tunable(COLUMNS, List.of(32, 16, 64), "columns of the output that a work-item writes side by side"),
                new Tunable(ROWS, List.of(2048, 128, 512), "rows of the output that a work-item writes at most"));
    }

    @Override
    public Support supports(CopyProblem problem, DeviceInfo device) {
        return Support.when(problem.dtype().bytes() == 4, "turns words of 4 bytes").and(Support.when(Transposition.of(problem)
                .filter(it -> it.p() >= BLOCK && it.q() >= BLOCK).isPresent(), "is for transpositions of " + BLOCK + " by " + BLOCK
                + " elements and more"));
    }

    @Override
    public double preference(CopyProblem problem, DeviceInfo device) {
        return device.isCpu() ? 0.8 : 0.01;
    }

    @Override
    public KernelPlan plan(CopyProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        Transposition turned = Transposition.of(problem).orElseThrow();
        long columns = parameters.value(COLUMNS);
        long share = turned.p() * Math.ceilDiv(turned.q(), columns) * turned.others().rows()
                / ((long) device.computeUnits() * 4);
        long rows = Math.clamp(share / BLOCK * BLOCK, BLOCK, parameters.value(ROWS));
        Map<String, Object> defines = new HashMap<>(Map.of("P", turned.p(), "Q", turned.q(), "SQ", turned.sourceStride(), "TP",
                turned.targetStride(), ROWS, rows, COLUMNS, columns));
        defines.putAll(CopyText.rowDefines(problem.dtype(), problem.cost().bytes()));
        String places = CopyText.places(turned.others(), "(o)", "    ").replace("\n", " \\\n");
        String text = CopyText.rows() + "#define PLACES(o) \\\n" + places + "\n"
                + KernelResource.text(TransposedBlocksCpuCopy.class, "copy_transposed_cpu.cl");
        return KernelPlan.of(new PlannedLaunch("copy", KernelText.of("copy/transposed_blocks_cpu", Dialect.OPENCL, text)
                .with(defines), "copy", Grid.ofTiles(Math.ceilDiv(turned.q(), columns), Math.ceilDiv(turned.p(), rows),
                turned.others().rows()), CopyText.references(problem)));
    }
}
