package dev.quern.kernels.normalize;

import dev.quern.kernels.HostStorage;
import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.EpilogueText;
import dev.quern.kernels.expr.HostEpilogue;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.HostArguments;
import dev.quern.runtime.HostCode;
import java.util.Arrays;

/** The host device's rung of local response norm and its gradient: a group takes a strip of pixels along all channels. */
final class HostLocalResponseNorm<P extends ResponseProblem> implements Variant<P> {
    private static final int STRIP = 256;
    private static final double THREE_QUARTERS = 0.75;

    /** Arrays of a thread: strips of every channel, and one strip of sums. */
    private record Scratch(float[][] x, float[][] power, float[][] crossed, float[] sum) {
        static Scratch of(int channels) {
            return new Scratch(new float[channels][STRIP], new float[channels][STRIP], new float[channels][STRIP],
                    new float[STRIP]);
        }
    }

    @Override
    public String name() {
        return "host_strips";
    }

    @Override
    public Dialect dialect() {
        return Dialect.JAVA;
    }

    @Override
    public String summary() {
        return "A group copies a strip of pixels of all channels into arrays of its thread and sums squares channel by channel in "
                + "plain loops; strips run in parallel.";
    }

    @Override
    public Support supports(P problem, DeviceInfo device) {
        return Support.supported();
    }

    @Override
    public Support takes(Epilogue epilogue, P problem) {
        return Support.unless(EpilogueText.scalarObstacle(epilogue));
    }

    @Override
    public double preference(P problem, DeviceInfo device) {
        return 0.5;
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        HostEpilogue finish = new HostEpilogue(epilogue);
        ThreadLocal<Scratch> scratch = ThreadLocal.withInitial(() -> Scratch.of(problem.channels()));
        int strips = Math.ceilDiv(problem.inner(), STRIP);
        HostCode code = HostCode.of(problem.family() + "/host_strips", "strips", (arguments, group) -> {
            int pixel = (int) (group % strips) * STRIP;
            long first = group / strips * problem.channels() * problem.inner() + pixel;
            strip(problem, arguments, first, Math.min(STRIP, problem.inner() - pixel), scratch.get(), finish);
        });
        return KernelPlan.of(new PlannedLaunch("strips", code, "strips", Grid.ofTiles((long) problem.batch() * strips),
                Reference.withEpilogue(NormText.arguments(problem), epilogue)));
    }

    private static void strip(ResponseProblem problem, HostArguments arguments, long first, int n, Scratch s,
            HostEpilogue finish) {
        boolean backward = problem instanceof LocalResponseNormBackwardProblem;
        LocalResponse response = problem.response();
        int channels = problem.channels();
        int inner = problem.inner();
        int x = problem.at("x");
        int result = problem.operands().size() - 1;
        float share = response.alpha() / response.size();
        for (int c = 0; c < channels; c++) {
            HostStorage.load(arguments.memory(x), problem.dtype(), first + (long) c * inner, s.x[c], 0, n);
        }
        for (int c = 0; c < channels; c++) {
            Arrays.fill(s.sum, 0);
            for (int o = Math.max(0, c - response.before()); o <= Math.min(channels - 1, c + response.behind()); o++) {
                float[] other = s.x[o];
                for (int i = 0; i < n; i++) {
                    s.sum[i] += other[i] * other[i];
                }
            }
            for (int i = 0; i < n; i++) {
                s.sum[i] = response.k() + share * s.sum[i];
                s.power[c][i] = power(s.sum[i], response.beta());
            }
            if (backward) {
                HostStorage.load(arguments.memory(0), problem.dtype(), first + (long) c * inner, s.crossed[c], 0, n);
                for (int i = 0; i < n; i++) {
                    s.power[c][i] *= s.crossed[c][i];
                    s.crossed[c][i] = s.power[c][i] * s.x[c][i] / s.sum[i];
                }
            }
        }
        for (int c = 0; c < channels; c++) {
            if (backward) {
                Arrays.fill(s.sum, 0);
                for (int o = Math.max(0, c - response.behind()); o <= Math.min(channels - 1, c + response.before()); o++) {
                    float[] other = s.crossed[o];
                    for (int i = 0; i < n; i++) {
                        s.sum[i] += other[i];
                    }
                }
                float factor = 2 * share * response.beta();
                for (int i = 0; i < n; i++) {
                    s.sum[i] = s.power[c][i] - factor * s.x[c][i] * s.sum[i];
                }
            } else {
                for (int i = 0; i < n; i++) {
                    s.sum[i] = s.x[c][i] * s.power[c][i];
                }
            }
            finish.apply(s.sum, 0, n, first + (long) c * inner, arguments, result + 1);
            HostStorage.store(arguments.memory(result), problem.dtype(), first + (long) c * inner, s.sum, 0, n);
        }
    }

    /** s to the power of -beta; the usual exponent by two square roots, which are far quicker than a power. */
    private static float power(float s, float beta) {
        if (beta == THREE_QUARTERS) {
            double root = Math.sqrt(s);
            return (float) (1 / (root * Math.sqrt(root)));
        }
        return (float) Math.pow(s, -beta);
    }
}
