package dev.quern.kernels.normalize;

import dev.quern.kernels.CudaRows;
import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Tunable;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.EpilogueText;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The CUDA rung of group norm (layer, instance and RMS norm with it) and its gradients. */
final class WarpShufflesGroupNorm<P extends GroupedProblem> implements Variant<P> {
    @Override
    public String name() {
        return "warp_shuffles";
    }

    @Override
    public Dialect dialect() {
        return Dialect.CUDA;
    }

    @Override
    public String summary() {
        return "Threads of a row move 16 bytes at a time, keep the row in registers so that it is read once, and join their sums "
                + "through warp shuffles; gradients of weight and bias are added up in slices of the batch by threads that read neighbours.";
    }

    @Override
    public List<Tunable> tunables() {
        return List.of(CudaRows.tunable());
    }

    @Override
    public Support supports(P problem, DeviceInfo device) {
        return Support.when(device.maxGroupSize() >= 1024, "needs groups of up to 1024");
    }

    @Override
    public Support takes(Epilogue epilogue, P problem) {
        return Support.unless(EpilogueText.scalarObstacle(epilogue));
    }

    @Override
    public double preference(P problem, DeviceInfo device) {
        return 0.9;
    }

    /** Within how many elements a chunk has to stay: those of a channel, unless each element is a channel. */
    private static int run(GroupedProblem problem) {
        return problem.inner() == 1 ? problem.row() : problem.inner();
    }

    @Override
    public Parameters parameters(P problem, DeviceInfo device) {
        return Parameters.defaults(tunables()).with(CudaRows.THREADS, CudaRows.threads(problem.dtype(), problem.row(), run(problem)));
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        boolean forward = (GroupedProblem) problem instanceof GroupNormProblem;
        CudaRows rows = CudaRows.of(problem.dtype(), problem.row(), run(problem), forward ? 1 : 2, parameters.value(CudaRows.THREADS));
        Map<String, Object> defines = new HashMap<>(Map.of("GROUPS", problem.groups(), "PER_GROUP", problem.perGroup(), "CENTRED",
                problem.centred() ? 1 : 0));
        if ((GroupedProblem) problem instanceof GroupNormProblem norm) {
            defines.put("EPSILON", NormText.literal(norm.epsilon()));
        }
        String entry = NormText.entry(problem);
        KernelText text = CudaNormText.of(problem, name(), rows, epilogue, defines, entry + "_warp_shuffles.cu");
        List<PlannedLaunch> launches = new ArrayList<>(List.of(new PlannedLaunch("rows", text, entry, rows.grid(problem.rows()),
                Reference.withEpilogue(NormText.arguments(problem, Reference.number(problem.rows())), epilogue))));
        if (forward || !problem.affine().weight()) {
            return new KernelPlan(launches, List.of());
        }
        defines.putAll(Map.of("BATCH", 0, "CHANNELS", problem.channels(), "COUNT", problem.batch() * (long) problem.inner()));
        CudaRows channels = CudaNormText.channels(problem);
        int ofSlice = CudaNormText.ofSlice(problem, channels, device.computeUnits());
        int slices = Math.ceilDiv(problem.batch(), ofSlice);
        KernelText sums = CudaNormText.of(problem, name() + " parameters", channels, Epilogue.none(), defines, "channel_sums.cu");
        launches.add(new PlannedLaunch("parameters of slices", sums, "channel_sums",
                new Grid(CudaNormText.tiles(problem, channels), slices, 1, CudaNormText.BLOCK, 1, 1), NormText.arguments(problem,
                        Reference.workspace(0), Reference.number(problem.batch()), Reference.number(ofSlice))));
        // Group norm's rows do not need the totals; they are the parameters' gradients themselves.
        launches.add(new PlannedLaunch("parameters", sums, "channel_totals", Grid.covering(problem.channels(), CudaNormText.BLOCK),
                NormText.arguments(problem, Reference.workspace(0), Reference.workspace(1), Reference.number(slices))));
        return new KernelPlan(launches, List.of((long) slices * 2 * problem.channels() * Float.BYTES, (long) Float.BYTES));
    }
}
