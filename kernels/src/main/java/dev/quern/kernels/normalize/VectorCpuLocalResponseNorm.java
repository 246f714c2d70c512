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
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The rung of local response norm and its gradient for OpenCL on CPUs: strips of pixels along the channels. */
final class VectorCpuLocalResponseNorm<P extends ResponseProblem> implements Variant<P> {
    private static final int MOST_NEIGHBOURS = 32;
    private static final int ITEMS_PER_CORE = 8;
    private static final int LEAST_ELEMENTS = 4 * 1024;
    private static final String VECTORS = "VECTORS";
    private static final String TOGETHER = "TOGETHER";
    /** How far from 1 numbers may be whose third powers and quotients are to be far from underflow. */
    private static final float MODERATE = 1e10f;
    /** Elements of the channels' strips that a step works on, which are to stay in the second-level cache. */
    private static final int NEAR_ELEMENTS = 128 * 1024;

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
        return "One work-item takes strips of neighbouring pixels along all channels, several channels at once, so that memory is "
                + "read once, in long runs, and written in whole lines; where the exponent is 3/4 a few multiplications replace logarithm "
                + "and exponential.";
    }

    @Override
    public List<Tunable> tunables() {
        return List.of(VectorWidth.tunable(), new Tunable(VECTORS, List.of(192, 4, 48, 96), "vectors of a strip at most"),
                new Tunable(TOGETHER, List.of(6, 1, 4, 8), "neighbouring channels at once"),
                NormText.streamedTunable());
    }

    @Override
    public Support supports(P problem, DeviceInfo device) {
        return Support.when(problem.response().size() <= MOST_NEIGHBOURS, "more than " + MOST_NEIGHBOURS + " neighbours");
    }

    @Override
    public Support accepts(Parameters parameters, P problem, DeviceInfo device) {
        return NormText.streamable(parameters, problem);
    }

    @Override
    public Support takes(Epilogue epilogue, P problem) {
        return Support.unless(EpilogueText.vectorObstacle(epilogue, problem.elements(), problem.inner()));
    }

    @Override
    public double preference(P problem, DeviceInfo device) {
        return device.isCpu() ? 0.8 : 0.01;
    }

    @Override
    public Parameters parameters(P problem, DeviceInfo device) {
        boolean streamed = NormText.streamed(problem, VectorWidth.of(device), problem.inner());
        return VectorWidth.defaults(tunables(), device).with(NormText.STREAM, streamed ? 1 : 0);
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        int width = parameters.value(VectorWidth.NAME);
        LocalResponse response = problem.response();
        int strip = strip(problem, width, parameters.value(VECTORS), parameters.value(TOGETHER));
        int strips = problem.batch() * Math.ceilDiv(problem.inner(), strip);
        int least = Math.ceilDiv(LEAST_ELEMENTS, strip * problem.channels());
        int perItem = Math.max(least, Math.ceilDiv(strips, ITEMS_PER_CORE * device.computeUnits()));
        Map<String, Object> defines = new HashMap<>(ElementLocalResponseNorm.defines(response));
        float share = response.alpha() / response.size();
        boolean quarters = response.beta() == 0.75f && moderate(share) && moderate(response.k());
        defines.putAll(Map.of("BATCH", problem.batch(), "CHANNELS", problem.channels(), "INNER", problem.inner(), "SIZE",
                response.size(), "STRIP", strip, "PER_ITEM", perItem, TOGETHER, parameters.value(TOGETHER), NormText.STREAM,
                parameters.value(NormText.STREAM), "QUARTERS", quarters ? 1 : 0));
        if (quarters) {
            defines.put("START", NormText.literal((float) ((double) response.k() / share)));
            defines.put("RAISED", NormText.literal((float) Math.pow(share, -0.75)));
        }
        return KernelPlan.of(new PlannedLaunch("strips",
                NormText.vectors(problem, name(), List.of("local_response_powers.cl", "local_response_runs.cl",
                        NormText.entry(problem) + "_vector_cpu.cl"), epilogue, width, problem.inner(), defines),
                NormText.entry(problem), Grid.ofTiles(Math.ceilDiv(strips, perItem)),
                Reference.withEpilogue(NormText.arguments(problem), epilogue)));
    }

    private static boolean moderate(float number) {
        return number >= 1 / MODERATE && number <= MODERATE;
    }

    /** Pixels of a strip, a multiple of the vectors' width: all strips of about the same length. */
    private static int strip(ResponseProblem problem, int width, int most, int together) {
        int near = (together + problem.response().size()) * (problem instanceof LocalResponseNormProblem ? 1 : 3);
        int vectors = Math.clamp(NEAR_ELEMENTS / (near * width), 1, most);
        int strips = Math.ceilDiv(problem.inner(), vectors * width);
        return Math.ceilDiv(Math.ceilDiv(problem.inner(), strips), width) * width;
    }
}
