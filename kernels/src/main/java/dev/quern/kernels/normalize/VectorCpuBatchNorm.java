package dev.quern.kernels.normalize;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Tunable;
import dev.quern.kernels.Variant;
import dev.quern.kernels.VectorWidth;
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

/** The rung of batch norm and its gradients for OpenCL on CPUs: a channel stays in one core's cache between its passes. */
final class VectorCpuBatchNorm<P extends NormProblem> implements Variant<P> {
    /** Elements of a chunk, which is summed twice out of the first-level cache. */
    private static final int CHUNK = 4096;
    /** Elements below which a work-item costs more than it gives. */
    private static final int LEAST_ELEMENTS = 8 * 1024;
    /** Bytes of a channel up to which the next one is fetched into the second-level cache while it is worked on. */
    private static final long ROOM = 512 << 10;
    /** Bytes that are fetched ahead within a channel. */
    private static final int AHEAD = 3 << 10;
    private static final int ITEMS_PER_CORE = 4;
    /** Elements of a tensor from which on few channels are shared by the cores: three launches instead of one. */
    private static final int LEAST_SHARED = 64 * 1024;

    @Override
    public String name() {
        return "vector_cpu";
    }

    @Override
    public Dialect dialect() {
        return Dialect.OPENCL;
    }

    @Override
    public String summary() {
        return "One work-item takes a channel: its elements come from memory once and stay in the core's cache for the second "
                + "pass. Vectors run along the pixels, or over neighbouring channels where there are none; few channels are "
                + "cut into parts for the cores.";
    }

    @Override
    public List<Tunable> tunables() {
        return List.of(VectorWidth.tunable());
    }

    @Override
    public Support supports(P problem, DeviceInfo device) {
        return Support.supported();
    }

    /** Within how many elements each vector of the output lies. */
    private int run(P problem) {
        return problem.inner() == 1 ? problem.channels() : problem.inner();
    }

    @Override
    public Support takes(Epilogue epilogue, P problem) {
        return Support.unless(EpilogueText.vectorObstacle(epilogue, problem.elements(), run(problem)));
    }

    @Override
    public Support takes(Prologue prologue, int operand, P problem) {
        return NormText.takes(prologue, operand, problem, OptionalLong.of(run(problem)));
    }

    @Override
    public double preference(P problem, DeviceInfo device) {
        return device.isCpu() ? 0.8 : 0.01;
    }

    @Override
    public Parameters parameters(P problem, DeviceInfo device) {
        return VectorWidth.defaults(tunables(), device);
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        return plan(problem, device, parameters, Prologues.none(), epilogue);
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Prologues prologues, Epilogue epilogue) {
        int width = parameters.value(VectorWidth.NAME);
        boolean forward = problem instanceof BatchNormProblem;
        Map<String, Object> defines = new HashMap<>(Map.of("BATCH", problem.batch(), "CHANNELS", problem.channels()));
        if (problem instanceof BatchNormProblem training) {
            defines.putAll(Map.of("EPSILON", NormText.literal(training.epsilon()), "MOMENTUM",
                    NormText.literal(training.momentum()), "RUNNING", training.running() ? 1 : 0));
        }
        if (problem.inner() == 1) {
            int blocks = Math.ceilDiv(problem.channels(), width);
            int perItem = perItem(blocks, problem.batch() * width, device);
            defines.put("PER_ITEM", perItem);
            return single(problem, text(problem, "columns_cpu", prologues, epilogue, width, defines), Math.ceilDiv(blocks, perItem),
                    prologues, epilogue);
        }
        int piece = Math.min(problem.inner(), CHUNK);
        int pieces = problem.batch() * Math.ceilDiv(problem.inner(), piece);
        int channelElements = problem.batch() * problem.inner();
        boolean shared = problem.channels() < 4 * device.computeUnits() && pieces > 1 && problem.elements() >= LEAST_SHARED;
        int parts = shared ? Math.min(pieces, Math.ceilDiv(ITEMS_PER_CORE * device.computeUnits(), problem.channels())) : 1;
        int perPart = Math.ceilDiv(pieces, parts);
        parts = Math.ceilDiv(pieces, perPart);
        int perItem = perItem(problem.channels(), channelElements, device);
        boolean roomy = (forward ? 1L : 2L) * channelElements * problem.dtype().bytes() <= ROOM;
        defines.putAll(Map.of("DISTANCE", Math.ceilDiv(AHEAD, piece * problem.dtype().bytes()), "ROOMY", roomy ? 1 : 0));
        defines.putAll(Map.of("INNER", problem.inner(), "PIECE", piece, "PER_CHUNK", Math.max(1, CHUNK / piece), "PER_ITEM",
                perItem, "PARTS", parts, "PER_PART", perPart));
        KernelText text = text(problem, "vector_cpu", prologues, epilogue, width, defines);
        return parts == 1 ? single(problem, text, Math.ceilDiv(problem.channels(), perItem), prologues, epilogue)
                : shared(problem, text, parts, prologues, epilogue);
    }

    private KernelText text(P problem, String rung, Prologues prologues, Epilogue epilogue, int width, Map<String, ?> defines) {
        String file = NormText.entry(problem) + "_" + rung + ".cl";
        boolean settled = problem instanceof BatchNormProblem && problem.inner() > 1;
        return NormText.vectors(problem, name(), settled ? List.of("batch_norm_settle.cl", file) : List.of(file), prologues,
                epilogue, width, run(problem), defines);
    }

    private static int perItem(int units, long unitElements, DeviceInfo device) {
        int least = Math.toIntExact(Math.ceilDiv((long) LEAST_ELEMENTS, unitElements));
        return Math.max(least, Math.ceilDiv(units, ITEMS_PER_CORE * device.computeUnits()));
    }

    private static KernelPlan single(NormProblem problem, KernelText text, int items, Prologues prologues, Epilogue epilogue) {
        return KernelPlan.of(new PlannedLaunch("channels", text, NormText.entry(problem), Grid.ofTiles(items),
                NormText.withRiders(NormText.arguments(problem), prologues, epilogue)));
    }

    private static KernelPlan shared(NormProblem problem, KernelText text, int parts, Prologues prologues, Epilogue epilogue) {
        boolean forward = problem instanceof BatchNormProblem;
        Reference partial = Reference.workspace(0);
        Reference total = Reference.workspace(1);
        Grid grid = Grid.ofTiles(problem.channels(), parts);
        List<Reference> own = forward ? List.of(Reference.operand(problem.at("x")), partial)
                : NormText.arguments(problem, partial);
        long partialNumbers = forward ? 3 : 2;
        long totalNumbers = forward ? 1 : 2;
        return new KernelPlan(List.of(new PlannedLaunch("parts", text, "parts", grid, NormText.withRiders(own, prologues, Epilogue.none())),
                new PlannedLaunch("join", text, "join", Grid.ofTiles(1), NormText.arguments(problem, partial, total)),
                new PlannedLaunch("apply", text, "apply", grid,
                        NormText.withRiders(NormText.arguments(problem, total), prologues, epilogue))),
                List.of(partialNumbers * parts * problem.channels() * Float.BYTES, totalNumbers * problem.channels() * Float.BYTES));
    }
}
