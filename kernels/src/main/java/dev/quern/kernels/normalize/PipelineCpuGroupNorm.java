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
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The rung of group norm, layer norm and their gradients for OpenCL on CPUs that reads some rows while it writes those before. */
final class PipelineCpuGroupNorm<P extends GroupedProblem> implements Variant<P> {
    /** Elements below which a work-item costs more than it gives. */
    private static final int LEAST_ELEMENTS = 8 * 1024;
    private static final int ITEMS_PER_CORE = 4;
    /** Rows that a work-item walks at once. */
    private static final int STRANDS = 4;
    /** Those of layer norm, whose weights and biases take registers too. */
    private static final int LAYER_STRANDS = 2;
    /** Rows for each strand of each core below which the first and the last pass, which only look or only write, cost too much. */
    private static final int LEAST_ROWS = 32;
    /** Bytes of a row of which the eight that are worked on stay in a second-level cache. */
    private static final long ROW_BYTES = 96 << 10;
    private static final int JOINED_CHANNELS = 128;

    @Override
    public String name() {
        return "pipelined_cpu";
    }

    @Override
    public Dialect dialect() {
        return Dialect.OPENCL;
    }

    @Override
    public String summary() {
        return "One loop looks at a few rows and writes as many before, which the cache still holds: memory is read and written all "
                + "the time.";
    }

    @Override
    public List<Tunable> tunables() {
        return List.of(VectorWidth.tunable(), NormText.streamedTunable());
    }

    private static int run(GroupedProblem problem) {
        return problem.inner() == 1 ? problem.perGroup() : problem.inner();
    }

    private static Support whole(GroupedProblem problem, int width) {
        return Support.when(run(problem) % width == 0, "rows or channels are no whole vectors");
    }

    @Override
    public Support supports(P problem, DeviceInfo device) {
        return Support.when(problem.inner() > 1 || problem.groups() == 1, "groups of channels without pixels")
                .and(whole(problem, VectorWidth.of(device)));
    }

    @Override
    public Support accepts(Parameters parameters, P problem, DeviceInfo device) {
        return whole(problem, parameters.value(VectorWidth.NAME)).and(NormText.streamable(parameters, problem));
    }

    @Override
    public Support takes(Epilogue epilogue, P problem) {
        return Support.unless(EpilogueText.vectorObstacle(epilogue, problem.elements(), run(problem)));
    }

    /** Only past the last-level cache is memory what one waits for. */
    @Override
    public double preference(P problem, DeviceInfo device) {
        if (!device.isCpu()) {
            return 0.01;
        }
        boolean many = problem.rows() >= LEAST_ROWS * STRANDS * device.computeUnits();
        boolean near = (problem instanceof GroupNormProblem ? 1L : 2L) * problem.row() * problem.dtype().bytes() <= ROW_BYTES;
        return NormText.streamed(problem, VectorWidth.of(device), run(problem)) && many && near ? 0.85 : 0.6;
    }

    @Override
    public Parameters parameters(P problem, DeviceInfo device) {
        boolean streamed = NormText.streamed(problem, VectorWidth.of(device), run(problem));
        return VectorWidth.defaults(tunables(), device).with(NormText.STREAM, streamed ? 1 : 0);
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        int width = parameters.value(VectorWidth.NAME);
        int least = Math.ceilDiv(LEAST_ELEMENTS, problem.row());
        int perItem = Math.max(least, Math.ceilDiv(problem.rows(), ITEMS_PER_CORE * device.computeUnits()));
        int items = Math.ceilDiv(problem.rows(), perItem);
        boolean forward = problem instanceof GroupNormProblem;
        Map<String, Object> defines = new HashMap<>(Map.of("BATCH", problem.batch(), "GROUPS", problem.groups(), "PER_GROUP",
                problem.perGroup(), "INNER", problem.inner(), "PER_ITEM", perItem, "CENTRED", problem.centred() ? 1 : 0,
                "STRANDS", forward && problem.inner() == 1 ? LAYER_STRANDS : STRANDS, NormText.STREAM, parameters.value(NormText.STREAM)));
        return switch ((GroupedProblem) problem) {
            case GroupNormProblem training -> {
                defines.put("EPSILON", NormText.literal(training.epsilon()));
                KernelText text = text(problem, List.of(), epilogue, width, defines);
                yield KernelPlan.of(new PlannedLaunch("rows", text, "group_norm", Grid.ofTiles(items),
                        Reference.withEpilogue(NormText.arguments(problem), epilogue)));
            }
            case GroupNormBackwardProblem backward -> {
                int shares = problem.inner() == 1 ? items : problem.batch();
                defines.putAll(Map.of("SHARES", shares, "JOINED_CHANNELS", JOINED_CHANNELS));
                yield backward(backward, text(problem, List.of("group_norm_backward_join.cl"), epilogue, width, defines), items, shares,
                        epilogue);
            }
        };
    }

    private KernelText text(P problem, List<String> more, Epilogue epilogue, int width, Map<String, ?> defines) {
        List<String> files = new ArrayList<>(more);
        files.add("group_norm_pipeline.cl");
        files.add(NormText.entry(problem) + "_" + name() + ".cl");
        return NormText.vectors(problem, name(), files, epilogue, width, run(problem), defines);
    }

    private static KernelPlan backward(GroupNormBackwardProblem problem, KernelText text, int items, int shares, Epilogue epilogue) {
        List<Reference> own = NormText.arguments(problem, Reference.workspace(0));
        List<PlannedLaunch> launches = new ArrayList<>(List.of(new PlannedLaunch("rows", text, "group_norm_backward",
                Grid.ofTiles(items), Reference.withEpilogue(own, epilogue))));
        if (problem.affine().weight()) {
            launches.add(new PlannedLaunch("join", text, "join", Grid.ofTiles(Math.ceilDiv(problem.channels(), JOINED_CHANNELS)),
                    own));
        }
        return new KernelPlan(launches, List.of(2L * shares * problem.channels() * Float.BYTES));
    }
}
