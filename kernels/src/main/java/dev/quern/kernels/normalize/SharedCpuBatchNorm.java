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
import java.util.List;
import java.util.Map;

/** The rung of batch norm and its gradients for OpenCL on CPUs whose cores share the samples of some channels. */
final class SharedCpuBatchNorm<P extends NormProblem> implements Variant<P> {
    private static final String PARTS = "PARTS";
    private static final int MOST_PARTS = 8;
    /** Bytes of a part up to which more of them win nothing: two, with what else passes through, fill half of a second-level cache. */
    private static final long PART_BYTES = 256 << 10;
    /** Samples of a part: as many are looked at at once. */
    private static final int LEAST_SAMPLES = 4;
    /** More than one, so that whichever core is free first finds work; who comes late finds all units taken. */
    private static final int ITEMS_PER_CORE = 4;
    /** Units for each core below which the first and the last pass, which only look or only write, cost too much. */
    private static final int LEAST_UNITS = 8;
    /** Ints of a line of the state. */
    private static final int STATE_LINE = 16;
    private static final int LOCAL = 64;

    @Override
    public String name() {
        return "shared_cpu";
    }

    @Override
    public Dialect dialect() {
        return Dialect.OPENCL;
    }

    @Override
    public String summary() {
        return "Cores share the samples of some channels and tell each other their sums, so that each keeps a part of what it looked at in its "
                + "cache until it writes it.";
    }

    @Override
    public List<Tunable> tunables() {
        return List.of(VectorWidth.tunable(), new Tunable(PARTS, List.of(1, 2, 4, 8), "work-items that share a block of channels"),
                NormText.streamedTunable());
    }

    @Override
    public Support supports(P problem, DeviceInfo device) {
        return Support.when(problem.inner() > 1, "channels have one pixel")
                .and(ChannelBlocks.of(problem, VectorWidth.of(device)).exist());
    }

    @Override
    public Support accepts(Parameters parameters, P problem, DeviceInfo device) {
        return ChannelBlocks.of(problem, parameters.value(VectorWidth.NAME)).exist().and(NormText.streamable(parameters, problem))
                .and(Support.when(problem.batch() % parameters.value(PARTS) == 0, "samples cannot be shared evenly"));
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
        ChannelBlocks blocks = ChannelBlocks.of(problem, width);
        boolean many = blocks.count() * parts(blocks, device) >= LEAST_UNITS * device.computeUnits();
        return NormText.streamed(problem, width, width) && many ? 0.87 : 0.55;
    }

    @Override
    public Parameters parameters(P problem, DeviceInfo device) {
        int width = VectorWidth.of(device);
        return VectorWidth.defaults(tunables(), device).with(NormText.STREAM, NormText.streamed(problem, width, width) ? 1 : 0)
                .with(PARTS, parts(ChannelBlocks.of(problem, width), device));
    }

    /** As few as leave parts that are small enough, but no more than cores: one core gains nothing from a block's parts. */
    private static int parts(ChannelBlocks blocks, DeviceInfo device) {
        int batch = blocks.problem().batch();
        int parts = 1;
        while (blocks.bytes() / parts > PART_BYTES && 2 * parts <= Math.min(MOST_PARTS, device.computeUnits())
                && batch % (2 * parts) == 0 && batch / (2 * parts) >= LEAST_SAMPLES) {
            parts *= 2;
        }
        return parts;
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        ChannelBlocks blocks = ChannelBlocks.of(problem, parameters.value(VectorWidth.NAME));
        int parts = parameters.value(PARTS);
        int units = blocks.count() * parts;
        int items = Math.min(units, device.computeUnits() * ITEMS_PER_CORE);
        KernelText text = blocks.text(name(), parts, parameters.value(NormText.STREAM), epilogue, Map.of("HELD", parts * (items + 2)));
        Reference state = Reference.workspace(0);
        long ints = STATE_LINE + (long) units * Math.ceilDiv(2 * blocks.together() + 1, STATE_LINE) * STATE_LINE;
        return new KernelPlan(List.of(
                new PlannedLaunch("clear", text, "clear", Grid.covering(ints, LOCAL), List.of(state)),
                new PlannedLaunch("channels", text, NormText.entry(problem), Grid.ofTiles(items),
                        Reference.withEpilogue(NormText.arguments(problem, state), epilogue))),
                List.of(ints * Integer.BYTES));
    }
}
