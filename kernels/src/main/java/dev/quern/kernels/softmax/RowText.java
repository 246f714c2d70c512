package dev.quern.kernels.softmax;

import dev.quern.kernels.Cost;
import dev.quern.kernels.CpuVectors;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.KernelResource;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.PastCaches;
import dev.quern.kernels.Problem;
import dev.quern.kernels.StorageText;
import dev.quern.kernels.Support;
import dev.quern.kernels.Tunable;
import dev.quern.kernels.VectorTail;
import dev.quern.runtime.DType;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.KernelText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Finds the kernel files of this folder: {@code <family>_<rung>.cl} with what they need in front. */
final class RowText {
    /** The name of a tunable. */
    static final String STREAM = "STREAM";
    /** Operands together from which on a last-level cache is taken not to hold them. */
    private static final long STREAMED_BYTES = 48L << 20;

    private RowText() {
    }

    /** The kernel's and the file's name for a family. */
    static String entry(Problem problem) {
        return problem.family().replace('-', '_');
    }

    /** The program of a rung. */
    static KernelText of(Problem problem, DType dtype, String rung, Dialect dialect, String front, Map<String, ?> defines) {
        String text = StorageText.define("X", dtype) + front + KernelResource.text(RowText.class, entry(problem) + "_" + rung + ".cl");
        return KernelText.of(problem.family() + "/" + rung, dialect, text).with(defines);
    }

    /** A file of functions that kernels share. */
    static String shared(String file) {
        return KernelResource.text(RowText.class, file);
    }

    /** The problem's operands, in order, with more arguments behind them. */
    static List<Reference> arguments(Problem problem, Reference... more) {
        List<Reference> all = new ArrayList<>();
        for (int i = 0; i < problem.operands().size(); i++) {
            all.add(Reference.operand(i));
        }
        all.addAll(List.of(more));
        return all;
    }

    /**
     * What the rungs of vectors need in front: X_LOAD and X_STORE of vectors, TAIL_LOAD and TAIL_STORE of the first live lanes of
     * one, the names of {@link CpuVectors}, vectors.cl and online.cl.
     */
    static String vectors(DType dtype, int width, int live) {
        return StorageText.define("X", dtype, width)
                + (dtype == DType.F32 ? VectorTail.define(width, live) : tail(width, live)) + CpuVectors.names() + shared("vectors.cl") + shared("online.cl");
    }

    /** A tail of converted elements, one by one. */
    private static String tail(int width, int live) {
        StringBuilder load = new StringBuilder();
        StringBuilder store = new StringBuilder();
        for (int lane = 0; lane < width; lane++) {
            load.append(lane == 0 ? "" : ", ").append(lane < live ? "X_LOAD(p, " + lane + ")" : "fill");
            store.append(lane < live ? "X_STORE(p, " + lane + ", (v).s" + Integer.toHexString(lane) + "); " : "");
        }
        return "#define TAIL_LOAD(p, fill) ((float" + width + ")(" + load + "))\n#define TAIL_STORE(v, p) do { " + store
                + "} while (0)\n";
    }

    /** Whether results are stored past the caches. */
    static Tunable streamed() {
        return new Tunable(STREAM, List.of(0, 1), "1 stores results past the caches; where they would not stay there anyway unless said");
    }

    /** The default of that tunable. */
    static int streamed(DType dtype, Cost cost, boolean aligned) {
        return aligned && dtype == DType.F32 && PastCaches.are(cost.bytes(), STREAMED_BYTES) ? 1 : 0;
    }

    /** Whether a value of that tunable is possible: only whole vectors of F32 are stored so. */
    static Support acceptsStream(Parameters parameters, DType dtype, boolean aligned) {
        return Support.when(parameters.value(STREAM) == 0 || aligned && dtype == DType.F32,
                "only vectors of F32 at multiples of their width are stored past the caches");
    }
}
