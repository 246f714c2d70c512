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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The rung of batch norm and its gradients for OpenCL on CPUs that reads some channels while it writes those before. */
final class PipelineCpuBatchNorm<P extends NormProblem> implements Variant<P> {
    /** Elements of a sample's run of channels below which the prefetcher has hardly begun when the run ends. */
    private static final int LEAST_RUN = 512;
    /** Vectors of such a run of several channels, for each of which sums are kept in the near caches. */
    private static final int MOST_VECTORS = 256;
    /** Bytes of a block up to which two of them stay in a second-level cache. */
    private static final long BLOCK_BYTES = 512 << 10;
    /** The first and the last pass of a work-item only look or only write, so many items cost more than they balance. */
    private static final int ITEMS_PER_CORE = 4;
    /** Blocks for each core below which that costs more than it gives. */
    private static final int LEAST_BLOCKS = 8;
    private static final int WIDEST = 16;

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
        return "One loop looks at four samples of some channels and writes four of the channels before, which the cache still holds: "
                + "memory is read and written all the time. Channels whose pixels are no whole vectors are taken together.";
    }

    @Override
    public List<Tunable> tunables() {
        return List.of(VectorWidth.tunable(), NormText.streamedTunable());
    }

    /** How many neighbouring channels make whole vectors of a sample's pixels, and long enough runs. */
    private static int together(NormProblem problem, int width) {
        int together = width / Math.min(width, Integer.lowestOneBit(problem.inner()));
        while (together * problem.inner() < LEAST_RUN && problem.channels() % (2 * together) == 0
                && 2L * together * problem.inner() * problem.batch() * Float.BYTES <= BLOCK_BYTES) {
            together *= 2;
        }
        return together;
    }

    private static Support divides(NormProblem problem, int width) {
        int together = together(problem, width);
        return Support.when(problem.channels() % together == 0, "pixels of all channels are no whole vectors")
                .and(Support.when(together == 1 || together * (long) problem.inner() <= (long) MOST_VECTORS * width,
                        "channels that make whole vectors have more than " + MOST_VECTORS + " of them"));
    }

    @Override
    public Support supports(P problem, DeviceInfo device) {
        return Support.when(problem.inner() > 1, "channels have one pixel")
                .and(divides(problem, VectorWidth.of(device)));
    }

    @Override
    public Support accepts(Parameters parameters, P problem, DeviceInfo device) {
        return divides(problem, parameters.value(VectorWidth.NAME)).and(NormText.streamable(parameters, problem));
    }

    /** Within how many elements each vector of the output lies: vectors of several channels share the tensor alone. */
    private static long run(NormProblem problem) {
        return problem.inner() % WIDEST == 0 ? problem.inner() : problem.elements();
    }

    @Override
    public Support takes(Epilogue epilogue, P problem) {
        return Support.unless(EpilogueText.vectorObstacle(epilogue, problem.elements(), run(problem)));
    }

    /** Only past the last-level cache is memory what one waits for; few blocks are for few cores. */
    @Override
    public double preference(P problem, DeviceInfo device) {
        if (!device.isCpu()) {
            return 0.01;
        }
        int width = VectorWidth.of(device);
        int blocks = problem.channels() / together(problem, width);
        return NormText.streamed(problem, width, width) && blocks >= LEAST_BLOCKS * device.computeUnits() ? 0.85 : 0.6;
    }

    @Override
    public Parameters parameters(P problem, DeviceInfo device) {
        int width = VectorWidth.of(device);
        return VectorWidth.defaults(tunables(), device).with(NormText.STREAM, NormText.streamed(problem, width, width) ? 1 : 0);
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        int width = parameters.value(VectorWidth.NAME);
        int together = together(problem, width);
        int blocks = problem.channels() / together;
        int perItem = Math.ceilDiv(blocks, ITEMS_PER_CORE * device.computeUnits());
        boolean forward = problem instanceof BatchNormProblem;
        long blockBytes = (forward ? 1L : 2L) * problem.batch() * together * problem.inner() * problem.dtype().bytes();
        Map<String, Object> defines = new HashMap<>(Map.of("BATCH", problem.batch(), "CHANNELS", problem.channels(), "INNER",
                problem.inner(), "TOGETHER", together, "PER_ITEM", perItem, "REVERSED", blockBytes > BLOCK_BYTES ? 1 : 0,
                NormText.STREAM, parameters.value(NormText.STREAM)));
        List<String> files = new ArrayList<>(List.of("batch_norm_pipeline.cl"));
        if (problem instanceof BatchNormProblem training) {
            defines.putAll(Map.of("EPSILON", NormText.literal(training.epsilon()), "MOMENTUM",
                    NormText.literal(training.momentum()), "RUNNING", training.running() ? 1 : 0));
            files.add("batch_norm_settle.cl");
        }
        files.add(NormText.entry(problem) + "_" + name() + ".cl");
        return KernelPlan.of(new PlannedLaunch("channels",
                NormText.vectors(problem, name(), files, epilogue, width, Math.toIntExact(run(problem)), defines),
                NormText.entry(problem), Grid.ofTiles(Math.ceilDiv(blocks, perItem)),
                Reference.withEpilogue(NormText.arguments(problem), epilogue)));
    }
}
