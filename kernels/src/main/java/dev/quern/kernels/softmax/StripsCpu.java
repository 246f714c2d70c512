package dev.quern.kernels.softmax;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Tunable;
import dev.quern.kernels.Variant;
import dev.quern.kernels.VectorWidth;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import java.util.List;
import java.util.Map;

/** The rung of softmax for OpenCL on CPUs along an axis that is not the last: strips of rows, kept without gaps. */
final class StripsCpu implements Variant<SoftmaxProblem> {
    /** Elements below which a work-item costs more than it gives. */
    private static final int LEAST_ELEMENTS = 4 * 1024;
    private static final int ITEMS_PER_CORE = 8;
    /** Strands of a strip's lines; the kernel's text says the same. */
    private static final int CHAINS = 4;
    /** Steps after which the maxima are looked at. */
    private static final int SEGMENT = 16;
    private static final int MOST_VECTORS = 16;
    /** What a strip may take of a second-level cache. */
    private static final long KEPT_BYTES = 640 * 1024;
    /** What whole slices may take: reading memory in order gains more than a part of what is kept in the last-level cache costs. */
    private static final long SLICE_BYTES = 1200 * 1024;
    /** Slices of a core that are enough for one to be read while another is written. */
    private static final int SLICES_PER_CORE = 8;

    @Override
    public String name() {
        return "strips_cpu";
    }

    @Override
    public Dialect dialect() {
        return Dialect.OPENCL;
    }

    @Override
    public String summary() {
        return "One work-item takes strips of neighbouring rows: each is gathered without gaps in the cache, as exponentials of distances from "
                + "the largest so far, in place of the one before, which is written. Each element comes from memory once, however far "
                + "apart the elements of a row lie.";
    }

    @Override
    public List<Tunable> tunables() {
        return List.of(VectorWidth.tunable(), RowText.streamed());
    }

    @Override
    public Support supports(SoftmaxProblem problem, DeviceInfo device) {
        int width = VectorWidth.of(device);
        return Support.when(problem.inner() > 1 && problem.inner() % width == 0, "neighbouring rows are not whole vectors")
                .and(Support.when(bytes(problem, width, 1) <= Math.min(device.localMemory(), KEPT_BYTES),
                        "a strip does not fit in the cache"));
    }

    /** Bytes of local memory for a strip of so many vectors, which begins at a multiple of one, and the maxima of its segments. */
    private static long bytes(SoftmaxProblem problem, int width, int vectors) {
        long segments = Math.ceilDiv(problem.axis() / CHAINS, SEGMENT) + 1L;
        return ((problem.axis() + segments) * vectors + 1) * width * Float.BYTES;
    }

    /** Vectors of a strip: strips are all of a width, or nearly. */
    private static int strip(SoftmaxProblem problem, int width, DeviceInfo device) {
        int vectors = problem.inner() / width;
        if (vectors <= MOST_VECTORS && problem.outer() >= device.computeUnits() * SLICES_PER_CORE
                && bytes(problem, width, vectors) <= Math.min(device.localMemory(), SLICE_BYTES)) {
            return vectors;
        }
        int most = MOST_VECTORS;
        while (most > 1 && bytes(problem, width, most) > Math.min(device.localMemory(), KEPT_BYTES)) {
            most--;
        }
        return Math.ceilDiv(vectors, Math.ceilDiv(vectors, most));
    }

    @Override
    public double preference(SoftmaxProblem problem, DeviceInfo device) {
        return device.isCpu() ? 0.8 : 0.01;
    }

    @Override
    public Parameters parameters(SoftmaxProblem problem, DeviceInfo device) {
        return VectorWidth.defaults(tunables(), device).with(RowText.STREAM, RowText.streamed(problem.dtype(), problem.cost(), true));
    }

    @Override
    public Support accepts(Parameters parameters, SoftmaxProblem problem, DeviceInfo device) {
        int width = parameters.value(VectorWidth.NAME);
        return RowText.acceptsStream(parameters, problem.dtype(), true)
                .and(Support.when(problem.inner() % width == 0, "neighbouring rows are not whole vectors"))
                .and(Support.when(bytes(problem, width, 1) <= Math.min(device.localMemory(), KEPT_BYTES),
                        "a strip does not fit in the cache"));
    }

    @Override
    public KernelPlan plan(SoftmaxProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        int width = parameters.value(VectorWidth.NAME);
        int strip = strip(problem, width, device);
        int strips = problem.outer() * Math.ceilDiv(problem.inner(), strip * width);
        int perItem = Math.max(Math.ceilDiv(LEAST_ELEMENTS, problem.axis() * strip * width),
                Math.ceilDiv(strips, device.computeUnits() * ITEMS_PER_CORE));
        Map<String, Integer> defines = Map.of("OUTER", problem.outer(), "AXIS", problem.axis(), "INNER", problem.inner(), "LOG",
                problem.log() ? 1 : 0, "W", width, "PER_ITEM", perItem, "STRIP", strip, "SEGMENT", SEGMENT, RowText.STREAM,
                parameters.value(RowText.STREAM));
        return KernelPlan.of(new PlannedLaunch("strips", RowText.of(problem, problem.dtype(), name(), dialect(),
                RowText.vectors(problem.dtype(), width, 0), defines), RowText.entry(problem), Grid.ofTiles(Math.ceilDiv(strips, perItem)),
                RowText.arguments(problem)));
    }
}
