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
import java.util.List;
import java.util.Map;

/** The rung of batch norm and its gradients for OpenCL on CPUs that reads some channels while it writes those before. */
final class PipelineCpuBatchNorm<P extends NormProblem> implements Variant<P> {
    /** The first and the last pass of a work-item only look or only write, so many items cost more than they balance. */
    private static final int ITEMS_PER_CORE = 4;
    /** Blocks for each core below which that costs more than it gives. */
    private static final int LEAST_BLOCKS = 8;

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

    @Override
    public Support supports(P problem, DeviceInfo device) {
        return Support.when(problem.inner() > 1, "channels have one pixel")
                .and(ChannelBlocks.of(problem, VectorWidth.of(device)).exist());
    }

    @Override
    public Support accepts(Parameters parameters, P problem, DeviceInfo device) {
        return ChannelBlocks.of(problem, parameters.value(VectorWidth.NAME)).exist().and(NormText.streamable(parameters, problem));
    }

    @Override
    public Support takes(Epilogue epilogue, P problem) {
        return Support.unless(EpilogueText.vectorObstacle(epilogue, problem.elements(), ChannelBlocks.run(problem)));
    }

    /** Only past the last-level cache is memory what one waits for; few blocks are for few cores. */
    @Override
    public double preference(P problem, DeviceInfo device) {
        if (!device.isCpu()) {
            return 0.01;
        }
        int width = VectorWidth.of(device);
        boolean many = ChannelBlocks.of(problem, width).count() >= LEAST_BLOCKS * device.computeUnits();
        return NormText.streamed(problem, width, width) && many ? 0.85 : 0.6;
    }

    @Override
    public Parameters parameters(P problem, DeviceInfo device) {
        int width = VectorWidth.of(device);
        return VectorWidth.defaults(tunables(), device).with(NormText.STREAM, NormText.streamed(problem, width, width) ? 1 : 0);
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        ChannelBlocks blocks = ChannelBlocks.of(problem, parameters.value(VectorWidth.NAME));
        int perItem = Math.ceilDiv(blocks.count(), ITEMS_PER_CORE * device.computeUnits());
        return KernelPlan.of(new PlannedLaunch("channels",
                blocks.text(name(), 1, parameters.value(NormText.STREAM), epilogue, Map.of("PER_ITEM", perItem)),
                NormText.entry(problem), Grid.ofTiles(Math.ceilDiv(blocks.count(), perItem)),
                Reference.withEpilogue(NormText.arguments(problem), epilogue)));
    }
}
