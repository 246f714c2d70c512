package dev.quern.kernels.pool;

import dev.quern.kernels.CpuVectors;
import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.KernelResource;
import dev.quern.kernels.Operand;
import dev.quern.kernels.PastCaches;
import dev.quern.kernels.Problem;
import dev.quern.kernels.Role;
import dev.quern.kernels.StorageText;
import dev.quern.kernels.Support;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.EpilogueText;
import dev.quern.runtime.DType;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import dev.quern.runtime.QuernException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * One of the four poolings, as far as their rungs agree.
 *
 * @param <P>             its problem
 * @param family          the family's name
 * @param entry           the kernel's name in a file
 * @param define          the definition that selects the kernel in a file
 * @param geometry        the geometry of a problem
 * @param withIndices     whether a problem writes indices
 * @param countIncludePad whether padding counts as pixels
 */
record Pool2dPass<P extends Problem>(String family, String entry, String define, Function<P, Pool2dGeometry> geometry,
        Predicate<P> withIndices, Predicate<P> countIncludePad) {
    /** What is larger leaves the caches before anybody reads it. */
    private static final long CACHED_BYTES = 32L << 20;
    /** Work-items a core of the rungs for CPUs: enough to even out, few enough that starting them costs nothing. */
    private static final int ITEMS_PER_CORE = 16;

    static final Pool2dPass<MaxPool2dForwardProblem> MAX_FORWARD = new Pool2dPass<>(MaxPool2dForwardProblem.FAMILY,
            "max_pool2d_forward", "MAX_FORWARD", MaxPool2dForwardProblem::geometry, MaxPool2dForwardProblem::withIndices,
            problem -> false);
    static final Pool2dPass<MaxPool2dBackwardProblem> MAX_BACKWARD = new Pool2dPass<>(MaxPool2dBackwardProblem.FAMILY,
            "max_pool2d_backward", "MAX_BACKWARD", MaxPool2dBackwardProblem::geometry, problem -> false, problem -> false);
    static final Pool2dPass<AvgPool2dForwardProblem> AVG_FORWARD = new Pool2dPass<>(AvgPool2dForwardProblem.FAMILY,
            "avg_pool2d_forward", "AVG_FORWARD", AvgPool2dForwardProblem::geometry, problem -> false,
            AvgPool2dForwardProblem::countIncludePad);
    static final Pool2dPass<AvgPool2dBackwardProblem> AVG_BACKWARD = new Pool2dPass<>(AvgPool2dBackwardProblem.FAMILY,
            "avg_pool2d_backward", "AVG_BACKWARD", AvgPool2dBackwardProblem::geometry, problem -> false,
            AvgPool2dBackwardProblem::countIncludePad);

    /** The output on which an epilogue rides: the first one. */
    Operand output(P problem) {
        return problem.operands().stream().filter(operand -> operand.role() == Role.OUTPUT).findFirst().orElseThrow();
    }

    /** Kernels store F32, F16 and BF16. */
    static void requireStorage(Pool2dGeometry geometry, DType dtype) {
        if (!StorageText.TYPES.contains(dtype)) {
            throw new QuernException("input " + geometry.inputShape() + ": pooling takes F32, F16 or BF16, not " + dtype);
        }
    }

    /** The storage type of the values. */
    DType dtype(P problem) {
        return output(problem).dtype();
    }

    /** Pixels of one plane of that output. */
    long outputRun(P problem) {
        return output(problem).shape().elements(2, 4);
    }

    /** A kernel file with the epilogue in front and everything defined. */
    KernelText load(String rung, Dialect dialect, String file, P problem, Epilogue epilogue, int... widths) {
        String text = EpilogueText.render(epilogue, output(problem).shape().elements(), outputRun(problem), widths)
                + StorageText.define("X", dtype(problem), widths) + KernelResource.text(Pool2dPass.class, file);
        return KernelText.of(family + "/" + rung, dialect, text).with(defines(problem));
    }

    /** The same of a rung for CPUs, with what these share in front of its own file. */
    KernelText loadCpu(String rung, String file, P problem, Epilogue epilogue) {
        KernelText text = load(rung, Dialect.OPENCL, "pool2d_cpu.cl", problem, epilogue, 16);
        return text.behind(CpuVectors.fetch()).and(KernelResource.text(Pool2dPass.class, file))
                .with(Map.of("PASS_CACHES", passesCaches(problem) ? 1 : 0, "WITH_EPILOGUE", epilogue.isEmpty() ? 0 : 1));
    }

    /** Whether results had better be stored past the caches. */
    boolean passesCaches(P problem) {
        return dtype(problem) == DType.F32 && PastCaches.are(problem.operands().stream().mapToLong(Operand::bytes).sum(), CACHED_BYTES);
    }

    /** What the rungs for CPUs ask of an epilogue: that sixteen neighbours take it together. */
    Support takesVectors(Epilogue epilogue, P problem) {
        return Support.unless(EpilogueText.vectorObstacle(epilogue, output(problem).shape().elements(), outputRun(problem)));
    }

    /** How many planes a work-item of a rung for CPUs takes. */
    int planesOfAnItem(P problem, DeviceInfo device) {
        return Math.toIntExact(Math.ceilDiv(geometry.apply(problem).planes(), (long) ITEMS_PER_CORE * device.computeUnits()));
    }

    /** The plan of a rung for CPUs: one launch, in which each work-item takes so many planes. */
    KernelPlan overPlanes(KernelText text, P problem, Epilogue epilogue, int planes) {
        return overPlanes(text, problem, epilogue, 1, planes);
    }

    /** The same where each work-item takes several runs of so many planes. */
    KernelPlan overPlanes(KernelText text, P problem, Epilogue epilogue, int runs, int planes) {
        long all = geometry.apply(problem).planes();
        return KernelPlan.of(new PlannedLaunch(family, text, entry, Grid.ofTiles(Math.ceilDiv(all, (long) runs * planes)),
                references(problem, epilogue, (int) all, planes)));
    }

    private Map<String, Long> defines(P problem) {
        Pool2dGeometry g = geometry.apply(problem);
        Map<String, Long> defines = new TreeMap<>();
        defines.put(define, 1L);
        defines.put("H", (long) g.h());
        defines.put("W", (long) g.w());
        defines.put("P", (long) g.p());
        defines.put("Q", (long) g.q());
        defines.put("WINDOW_H", (long) g.windowH());
        defines.put("WINDOW_W", (long) g.windowW());
        defines.put("STRIDE_H", (long) g.strideH());
        defines.put("STRIDE_W", (long) g.strideW());
        defines.put("PAD_TOP", (long) g.padTop());
        defines.put("PAD_LEFT", (long) g.padLeft());
        defines.put("PADDED_H", (long) g.h() + g.padBottom());
        defines.put("PADDED_W", (long) g.w() + g.padRight());
        defines.put("DILATION_H", (long) g.dilationH());
        defines.put("DILATION_W", (long) g.dilationW());
        defines.put("INDICES", withIndices.test(problem) ? 1L : 0L);
        defines.put("COUNT_INCLUDE_PAD", countIncludePad.test(problem) ? 1L : 0L);
        return defines;
    }

    /** The problem's operands, numbers, then the epilogue's operands. */
    List<Reference> references(P problem, Epilogue epilogue, int... numbers) {
        List<Reference> references = new ArrayList<>();
        for (int i = 0; i < problem.operands().size(); i++) {
            references.add(Reference.operand(i));
        }
        for (int number : numbers) {
            references.add(Reference.number(number));
        }
        for (int i = 0; i < epilogue.arguments(); i++) {
            references.add(Reference.epilogue(i));
        }
        return references;
    }
}
