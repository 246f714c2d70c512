package dev.quern.kernels.softmax;

import dev.quern.kernels.CudaRows;
import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.KernelResource;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Tunable;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.DType;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.KernelText;
import java.util.List;
import java.util.Map;

/** The CUDA rung of softmax and its gradient for rows of neighbours. */
final class WarpShuffles<P extends RowProblem> implements Variant<P> {
    static final String NAME = "warp_shuffles";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Dialect dialect() {
        return Dialect.CUDA;
    }

    @Override
    public String summary() {
        return "Threads of a row move 16 bytes at a time, keep the row in registers so that it is read once, and join their results "
                + "through warp shuffles; short rows share a warp.";
    }

    @Override
    public List<Tunable> tunables() {
        return List.of(CudaRows.tunable());
    }

    @Override
    public Support supports(P problem, DeviceInfo device) {
        return Support.when(problem.inner() == 1, "elements of a row are not neighbours")
                .and(Support.when(device.maxGroupSize() >= 1024, "needs groups of up to 1024"));
    }

    @Override
    public double preference(P problem, DeviceInfo device) {
        return 0.9;
    }

    @Override
    public Parameters parameters(P problem, DeviceInfo device) {
        return Parameters.defaults(tunables()).with(CudaRows.THREADS, CudaRows.threads(problem.dtype(), problem.axis(), problem.axis()));
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        int tensors = (RowProblem) problem instanceof SoftmaxBackwardProblem ? 2 : 1;
        CudaRows rows = CudaRows.of(problem.dtype(), problem.axis(), problem.axis(), tensors, parameters.value(CudaRows.THREADS));
        String entry = RowText.entry(problem);
        KernelText text = text(problem.family() + "/" + NAME, problem.dtype(), rows, Map.of("LOG", problem.log() ? 1 : 0, "PLAIN", 0),
                entry + "_warp_shuffles.cu");
        return KernelPlan.of(new PlannedLaunch("rows", text, entry, rows.grid(problem.rows()),
                RowText.arguments(problem, Reference.number(problem.rows()))));
    }

    /** A program of this folder's CUDA files. */
    static KernelText text(String name, DType dtype, CudaRows rows, Map<String, ?> defines, String... files) {
        StringBuilder text = new StringBuilder(CudaRows.storage("X", dtype)).append(CudaRows.functions());
        text.append(KernelResource.text(WarpShuffles.class, "online_rows.h"));
        for (String file : files) {
            text.append(KernelResource.text(WarpShuffles.class, file));
        }
        return KernelText.of(name, Dialect.CUDA, text.toString()).with(rows.defines()).with(defines);
    }
}
