package dev.quern.kernels.softmax;

import dev.quern.kernels.CudaRows;
import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Tunable;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.KernelText;
import java.util.List;
import java.util.Map;

/** The CUDA rung of cross-entropy: what rows count, the rows, the mean. */
final class CrossEntropyWarpShuffles implements Variant<CrossEntropyProblem> {
    /** Threads of the blocks that count rows and take the mean. */
    private static final int GROUP = 1024;

    @Override
    public String name() {
        return WarpShuffles.NAME;
    }

    @Override
    public Dialect dialect() {
        return Dialect.CUDA;
    }

    @Override
    public String summary() {
        return "Threads of a row move 16 bytes at a time, keep the logits in registers so that they are read once, and join their "
                + "results through warp shuffles; a last launch takes the mean.";
    }

    @Override
    public List<Tunable> tunables() {
        return List.of(CudaRows.tunable());
    }

    @Override
    public Support supports(CrossEntropyProblem problem, DeviceInfo device) {
        return Support.when(device.maxGroupSize() >= 1024, "needs groups of up to 1024");
    }

    @Override
    public double preference(CrossEntropyProblem problem, DeviceInfo device) {
        return 0.9;
    }

    @Override
    public Parameters parameters(CrossEntropyProblem problem, DeviceInfo device) {
        return Parameters.defaults(tunables()).with(CudaRows.THREADS,
                CudaRows.threads(problem.dtype(), problem.classes(), problem.classes()));
    }

    @Override
    public KernelPlan plan(CrossEntropyProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        CudaRows rows = CudaRows.of(problem.dtype(), problem.classes(), problem.classes(), 1, parameters.value(CudaRows.THREADS));
        Map<String, Object> defines = CrossEntropyText.defines(problem);
        defines.put("GROUP", GROUP);
        defines.put("PLAIN", defines.get("SMOOTH"));
        KernelText text = WarpShuffles.text(problem.family() + "/" + name(), problem.dtype(), rows, defines, "group_tree.cl",
                "cross_entropy_mean.cl", RowText.entry(problem) + "_warp_shuffles.cu");
        return CrossEntropyText.plan(problem, text, rows.grid(problem.rows()), GROUP);
    }
}
