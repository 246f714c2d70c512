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

/** The rung of softmax's gradient for OpenCL on CPUs along an axis that is not the last: strips of rows, one read while one is written. */
final class GradientStripsCpu implements Variant<SoftmaxBackwardProblem> {
    /** Elements below which a work-item costs more than it gives. */
    private static final int LEAST_ELEMENTS = 4 * 1024;
    private static final int ITEMS_PER_CORE = 8;
    /** Strips of a core that are enough for one to be read while another is written. */
    private static final int STRIPS_PER_CORE = 8;
    /** Elements of a line of a strip at most: a page of neighbours. */
    private static final int MOST_ELEMENTS = 1024;
    /** Elements of a line that narrowing leaves: below, memory is read slowly. */
    private static final int LEAST_LINE = 128;
    /** What y and dy of a strip may take of a last-level cache, which holds two strips a core. */
    private static final long STRIP_BYTES = 4L << 20;

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
        return "One loop over two strips of neighbouring rows: sums of one are added up at four places of it while the gradient of the one "
                + "before, which is in a cache, is written. Strips are as wide as a slice or a page, so that memory is read in order.";
    }

    @Override
    public List<Tunable> tunables() {
        return List.of(VectorWidth.tunable(), RowText.streamed());
    }

    @Override
    public Support supports(SoftmaxBackwardProblem problem, DeviceInfo device) {
        return wholeVectors(problem, VectorWidth.of(device));
    }

    private static Support wholeVectors(SoftmaxBackwardProblem problem, int width) {
        return Support.when(problem.inner() > 1 && problem.inner() % width == 0, "neighbouring rows are not whole vectors");
    }

    @Override
    public double preference(SoftmaxBackwardProblem problem, DeviceInfo device) {
        return device.isCpu() ? 0.8 : 0.01;
    }

    @Override
    public Parameters parameters(SoftmaxBackwardProblem problem, DeviceInfo device) {
        return VectorWidth.defaults(tunables(), device).with(RowText.STREAM, RowText.streamed(problem.dtype(), problem.cost(), true));
    }

    @Override
    public Support accepts(Parameters parameters, SoftmaxBackwardProblem problem, DeviceInfo device) {
        return RowText.acceptsStream(parameters, problem.dtype(), true).and(wholeVectors(problem, parameters.value(VectorWidth.NAME)));
    }

    /** Vectors of a strip: strips are all of a width, or nearly. */
    private static int strip(SoftmaxBackwardProblem problem, int width, DeviceInfo device) {
        int vectors = problem.inner() / width;
        int least = Math.max(1, LEAST_LINE / width);
        long fitting = STRIP_BYTES / (2L * problem.axis() * width * problem.dtype().bytes());
        int most = (int) Math.clamp(fitting, least, MOST_ELEMENTS / width);
        while (most > least && (long) problem.outer() * Math.ceilDiv(vectors, most) < (long) device.computeUnits() * STRIPS_PER_CORE) {
            most = Math.max(least, most / 2);
        }
        return Math.ceilDiv(vectors, Math.ceilDiv(vectors, most));
    }

    @Override
    public KernelPlan plan(SoftmaxBackwardProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        int width = parameters.value(VectorWidth.NAME);
        int strip = strip(problem, width, device);
        int strips = problem.outer() * Math.ceilDiv(problem.inner(), strip * width);
        int perItem = Math.max(Math.ceilDiv(LEAST_ELEMENTS, problem.axis() * strip * width),
                Math.ceilDiv(strips, device.computeUnits() * ITEMS_PER_CORE));
        Map<String, Integer> defines = Map.of("OUTER", problem.outer(), "AXIS", problem.axis(), "INNER", problem.inner(), "LOG",
                problem.log() ? 1 : 0, "W", width, "PER_ITEM", perItem, "STRIP", strip, RowText.STREAM, parameters.value(RowText.STREAM));
        String front = RowText.vectors(problem.dtype(), width, 0) + RowText.shared("gradient.cl");
        return KernelPlan.of(new PlannedLaunch("strips", RowText.of(problem, problem.dtype(), name(), dialect(), front, defines),
                RowText.entry(problem), Grid.ofTiles(Math.ceilDiv(strips, perItem)), RowText.arguments(problem)));
    }
}
