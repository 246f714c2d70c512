package dev.quern.kernels.pool;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Problem;
import dev.quern.kernels.Support;
import dev.quern.kernels.Tunable;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.KernelText;
import java.util.List;
import java.util.Map;

/**
 * How the rungs that walk several runs of planes at once, a row of each in turns, deal planes out. A core alone waits for the dozen lines
 * that it may ask for, and the prefetcher follows each strand by itself.
 */
final class Pool2dStrands {
    /** The name of a tunable: how many runs of planes a work-item walks at once. */
    static final String STRANDS = "STRANDS";
    /** The name of a tunable: whether results are stored past the caches. */
    static final String STREAM = "STREAM";
    static final List<Tunable> TUNABLES = tunables(List.of(1, 2, 4));
    private static final int LANES = 16;

    private Pool2dStrands() {
    }

    /** The tunables of a rung that may walk so many runs of planes. */
    static List<Tunable> tunables(List<Integer> strands) {
        return List.of(new Tunable(STRANDS, strands, "runs of planes that are walked in turns"),
                new Tunable(STREAM, List.of(0, 1), "1 stores results past the caches; where they would not stay there anyway unless said"));
    }

    /**
     * The usual choice.
     *
     * @param strands how many there are where planes are many and past the caches
     * @param made    elements of a plane of the output
     */
    static <P extends Problem> Parameters parameters(Pool2dPass<P> pass, P problem, DeviceInfo device, int strands, long made) {
        return parameters(pass, problem, device, TUNABLES, strands, made);
    }

    /** The same with a rung's own tunables. */
    static <P extends Problem> Parameters parameters(Pool2dPass<P> pass, P problem, DeviceInfo device, List<Tunable> tunables, int strands,
            long made) {
        boolean streamed = pass.passesCaches(problem);
        boolean many = pass.planesOfAnItem(problem, device) >= 2L * strands * (streamed ? wholeLines(made) : 1);
        return Parameters.defaults(tunables).with(STREAM, streamed ? 1 : 0).with(STRANDS, streamed && many ? strands : 1);
    }

    /** Whether each column of a window is less than a vector from the window's own, in elements of its phase. */
    static Support movesLanes(int window, int stride, int padding) {
        return Support.when(Math.ceilDiv(padding, stride) < LANES && (window - 1 - padding) / stride < LANES, "windows of more than " + LANES
                + " steps to a side");
    }

    /** So many planes of an output are whole lines. */
    private static int wholeLines(long made) {
        return (int) (LANES / Math.min(LANES, Long.lowestOneBit(made)));
    }

    /** The plan: one launch, in which each work-item takes STRANDS runs of planes. */
    static <P extends Problem> KernelPlan plan(Pool2dPass<P> pass, KernelText text, P problem, DeviceInfo device, Parameters parameters,
            Epilogue epilogue, long made) {
        int strands = parameters.value(STRANDS);
        int whole = parameters.value(STREAM) == 1 ? wholeLines(made) : 1;
        int run = Math.ceilDiv(Math.ceilDiv(pass.planesOfAnItem(problem, device), strands), whole) * whole;
        KernelText dealt = text.with(Map.of(STRANDS, strands, "PASS_CACHES", parameters.value(STREAM), "WHOLE", whole));
        return pass.overPlanes(dealt, problem, epilogue, strands, run);
    }
}
