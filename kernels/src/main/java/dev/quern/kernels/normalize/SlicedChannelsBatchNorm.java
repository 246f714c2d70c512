package dev.quern.kernels.normalize;

import dev.quern.kernels.CudaRows;
import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.EpilogueText;
import dev.quern.kernels.expr.Prologue;
import dev.quern.kernels.expr.Prologues;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** The CUDA rung of batch norm in training and its gradients: parts of channels, channels, elements. */
final class SlicedChannelsBatchNorm<P extends NormProblem> implements Variant<P> {
    /** Elements below which three launches cost more than one that fills few multiprocessors. */
    private static final long LEAST_ELEMENTS = 1 << 17;

    @Override
    public String name() {
        return "sliced_channels";
    }

    @Override
    public Dialect dialect() {
        return Dialect.CUDA;
    }

    @Override
    public String summary() {
        return "Each channel's samples are cut into slices for blocks of their own, so that few channels fill the device too; a second "
                + "launch joins them, a third computes the elements. Accesses are of 16 bytes, threads meet through warp shuffles.";
    }

    @Override
    public Support supports(P problem, DeviceInfo device) {
        return Support.when(device.maxGroupSize() >= CudaNormText.BLOCK, "needs groups of " + CudaNormText.BLOCK);
    }

    @Override
    public Support takes(Epilogue epilogue, P problem) {
        return Support.unless(EpilogueText.scalarObstacle(epilogue));
    }

    @Override
    public Support takes(Prologue prologue, int operand, P problem) {
        return NormText.takes(prologue, operand, problem, OptionalLong.empty());
    }

    @Override
    public double preference(P problem, DeviceInfo device) {
        return problem.elements() >= LEAST_ELEMENTS ? 0.9 : 0.45;
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        return plan(problem, device, parameters, Prologues.none(), epilogue);
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Prologues prologues, Epilogue epilogue) {
        CudaRows rows = CudaNormText.channels(problem);
        int ofSlice = CudaNormText.ofSlice(problem, rows, device.computeUnits());
        int slices = Math.ceilDiv(problem.batch(), ofSlice);
        Grid parts = new Grid(CudaNormText.tiles(problem, rows), slices, 1, CudaNormText.BLOCK, 1, 1);
        Grid channels = Grid.covering(problem.channels(), CudaNormText.BLOCK);
        Grid elements = Grid.covering(Math.ceilDiv(problem.elements(), (long) rows.lanes()), CudaNormText.BLOCK);
        Map<String, Object> defines = new HashMap<>(Map.of("CHANNELS", problem.channels(), "COUNT",
                problem.batch() * (long) problem.inner(), "BATCH", 1));
        Reference partial = Reference.workspace(0);
        Reference batch = Reference.number(problem.batch());
        long bytes = (long) slices * 2 * problem.channels() * Float.BYTES;
        if (problem instanceof BatchNormProblem forward) {
            defines.putAll(Map.of("EPSILON", NormText.literal(forward.epsilon()), "MOMENTUM", NormText.literal(forward.momentum()),
                    "RUNNING", forward.running() ? 1 : 0));
            KernelText text = CudaNormText.of(problem, name(), rows, epilogue, defines, "batch_norm_sliced_channels.cu");
            return new KernelPlan(List.of(
                    new PlannedLaunch("parts", text, "batch_norm_parts", parts, List.of(Reference.operand(problem.at("x")), partial, batch,
                            Reference.number(ofSlice))),
                    new PlannedLaunch("channels", text, "batch_norm_channels", channels, NormText.arguments(problem, partial, batch,
                            Reference.number(ofSlice), Reference.number(slices))),
                    new PlannedLaunch("elements", text, "batch_norm_apply", elements,
                            Reference.withEpilogue(NormText.arguments(problem, batch), epilogue))), List.of(bytes));
        }
        KernelText text = CudaNormText.of(problem, name(), rows, prologues, epilogue, defines, "channel_sums.cu", "batch_norm_backward_apply.cu");
        Reference totals = Reference.workspace(1);
        return new KernelPlan(List.of(
                new PlannedLaunch("parts", text, "channel_sums", parts, NormText.withRiders(NormText.arguments(problem, partial, batch,
                        Reference.number(ofSlice)), prologues, Epilogue.none())),
                new PlannedLaunch("channels", text, "channel_totals", channels, NormText.arguments(problem, partial, totals,
                        Reference.number(slices))),
                new PlannedLaunch("elements", text, "batch_norm_backward_apply", elements,
                        NormText.withRiders(NormText.arguments(problem, totals, batch), prologues, epilogue))),
                List.of(bytes, 2L * problem.channels() * Float.BYTES));
    }
}
