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

/** The rung of group norm and its gradients for OpenCL on CPUs: a row stays in one core's cache between its passes. */
final class VectorCpuGroupNorm<P extends GroupedProblem> implements Variant<P> {
    /** Elements of a chunk, which is summed twice out of the first-level cache. */
    private static final int CHUNK = 4096;
    /** Elements below which a work-item costs more than it gives. */
    private static final int LEAST_ELEMENTS = 8 * 1024;
    private static final int ITEMS_PER_CORE = 8;
    /** Elements of a tensor from which on few rows are shared by the cores: three launches instead of one. */
    private static final int LEAST_SHARED = 64 * 1024;
    private static final int JOINED_CHANNELS = 128;

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
        return "One work-item takes a run of rows: each comes from memory once and stays in the core's cache for the second pass, "
                + "and the gradients of weight and bias are gathered on the way. Few rows are cut into parts for the cores.";
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
        return problem.inner() == 1 ? problem.perGroup() : problem.inner();
    }

    @Override
    public Support takes(Epilogue epilogue, P problem) {
        return Support.unless(EpilogueText.vectorObstacle(epilogue, problem.elements(), run(problem)));
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
        int width = parameters.value(VectorWidth.NAME);
        int least = Math.ceilDiv(LEAST_ELEMENTS, problem.row());
        int perItem = Math.max(least, Math.ceilDiv(problem.rows(), ITEMS_PER_CORE * device.computeUnits()));
        int items = Math.ceilDiv(problem.rows(), perItem);
        boolean shared = problem.rows() < 4 * device.computeUnits() && problem.elements() >= LEAST_SHARED;
        Map<String, Object> defines = new HashMap<>(Map.of("BATCH", problem.batch(), "GROUPS", problem.groups(), "PER_GROUP",
                problem.perGroup(), "INNER", problem.inner(), "PER_ITEM", perItem, "CENTRED", problem.centred() ? 1 : 0));
        return switch ((GroupedProblem) problem) {
            case GroupNormProblem forward -> forward(forward, device, shared, items, epilogue, width, defines);
            case GroupNormBackwardProblem backward -> backward(backward, shared && problem.inner() > 1, items, epilogue, width,
                    defines);
        };
    }

    private KernelText text(GroupedProblem problem, Epilogue epilogue, int width, Map<String, ?> defines) {
        int run = problem.inner() == 1 ? problem.perGroup() : problem.inner();
        String file = NormText.entry(problem) + "_vector_cpu.cl";
        return NormText.vectors(problem, name(), problem instanceof GroupNormProblem ? List.of(file)
                : List.of("group_norm_backward_join.cl", file), epilogue, width, run, defines);
    }

    private KernelPlan forward(GroupNormProblem problem, DeviceInfo device, boolean shared, int items, Epilogue epilogue,
            int width, Map<String, Object> defines) {
        int chunks = Math.ceilDiv(problem.row(), CHUNK);
        int wanted = shared ? Math.ceilDiv(ITEMS_PER_CORE * device.computeUnits(), problem.rows()) : 1;
        int perPart = Math.ceilDiv(chunks, Math.min(wanted, chunks));
        int parts = Math.ceilDiv(chunks, perPart);
        int slices = Math.min(wanted, problem.perGroup());
        // A whole number of vectors where the weight runs along the row.
        int unit = problem.inner() == 1 ? width : 1;
        int perSlice = Math.ceilDiv(Math.ceilDiv(problem.perGroup(), slices), unit) * unit;
        defines.putAll(Map.of("CHUNK", CHUNK, "PARTS", parts, "PER_PART", perPart, "CHANNELS_PER_PART", perSlice, "EPSILON",
                NormText.literal(problem.epsilon())));
        KernelText text = text(problem, epilogue, width, defines);
        if (parts == 1) {
            return KernelPlan.of(new PlannedLaunch("rows", text, "group_norm", Grid.ofTiles(items),
                    Reference.withEpilogue(NormText.arguments(problem), epilogue)));
        }
        Reference partial = Reference.workspace(0);
        Reference centre = Reference.workspace(1);
        return new KernelPlan(List.of(
                new PlannedLaunch("parts", text, "parts", Grid.ofTiles(problem.rows(), parts),
                        List.of(Reference.operand(problem.at("x")), partial)),
                new PlannedLaunch("join", text, "join", Grid.ofTiles(1), NormText.arguments(problem, partial, centre)),
                new PlannedLaunch("apply", text, "apply",
                        Grid.ofTiles(problem.rows(), Math.ceilDiv(problem.perGroup(), perSlice)),
                        Reference.withEpilogue(NormText.arguments(problem, centre), epilogue))),
                List.of(3L * parts * problem.rows() * Float.BYTES, (long) problem.rows() * Float.BYTES));
    }

    private KernelPlan backward(GroupNormBackwardProblem problem, boolean shared, int items, Epilogue epilogue, int width,
            Map<String, Object> defines) {
        int shares = problem.inner() == 1 ? items : problem.batch();
        defines.putAll(Map.of("SHARES", shares, "JOINED_CHANNELS", JOINED_CHANNELS));
        KernelText text = text(problem, epilogue, width, defines);
        Reference partial = Reference.workspace(0);
        List<Reference> own = NormText.arguments(problem, partial);
        Grid channels = Grid.ofTiles(problem.channels(), problem.batch());
        List<PlannedLaunch> launches = new ArrayList<>();
        if (shared) {
            launches.add(new PlannedLaunch("sums", text, "sums", channels, own));
            launches.add(new PlannedLaunch("apply", text, "apply", channels, Reference.withEpilogue(own, epilogue)));
        } else {
            launches.add(new PlannedLaunch("rows", text, "group_norm_backward", Grid.ofTiles(items),
                    Reference.withEpilogue(own, epilogue)));
        }
        if (problem.affine().weight()) {
            launches.add(new PlannedLaunch("join", text, "join", Grid.ofTiles(Math.ceilDiv(problem.channels(), JOINED_CHANNELS)),
                    own));
        }
        return new KernelPlan(launches, List.of(2L * shares * problem.channels() * Float.BYTES));
    }
}
