package dev.quern.kernels.pool;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Problem;
import dev.quern.kernels.Support;
import dev.quern.kernels.Tunable;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.DType;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.DeviceKind;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.KernelText;
import java.util.List;
import java.util.Map;

/** The rung of 3x3 pooling with a stride of 1 for OpenCL on CPUs, average and maximum backward, that takes planes as lines of pixels. */
final class FlatCpuPool2d<P extends Problem> implements Variant<P> {
    private static final int LANES = 16;
    /** Elements of a page: places at the same distance from the beginning of theirs are told apart late. */
    private static final int PAGE = 1024;
    /** Vectors of results that wait in registers. */
    private static final int MOST_WAITING = 6;

    private final Pool2dPass<P> pass;

    FlatCpuPool2d(Pool2dPass<P> pass) {
        this.pass = pass;
    }

    @Override
    public String name() {
        return "flat_cpu";
    }

    @Override
    public Dialect dialect() {
        return Dialect.OPENCL;
    }

    @Override
    public String summary() {
        return "Planes are one line of pixels, sixteen of which are joined in registers whatever rows they are of, and results wait there until "
                + "what lies at their places has been read. It takes 3x3 windows with a stride and a padding of 1, in planes that are whole lines.";
    }

    @Override
    public List<Tunable> tunables() {
        return Pool2dStrands.TUNABLES;
    }

    /** Vectors in which a row and a pixel end, whatever they begin with. */
    private static int waiting(Pool2dGeometry g) {
        return Math.ceilDiv(g.w() + 1, LANES) + 1;
    }

    @Override
    public Support supports(P problem, DeviceInfo device) {
        Pool2dGeometry g = pass.geometry().apply(problem);
        boolean padded = g.padTop() == 1 && g.padBottom() == 1 && g.padLeft() == 1 && g.padRight() == 1;
        boolean average = !pass.family().equals(MaxPool2dBackwardProblem.FAMILY);
        return Support.when(device.kind() == DeviceKind.CPU, "made for CPUs: one work-item owns whole planes")
                .and(Support.when(pass.dtype(problem) == DType.F32, "takes F32 alone"))
                .and(Support.when(g.windowH() == 3 && g.windowW() == 3 && padded, "takes 3x3 windows with a padding of 1 alone"))
                .and(Support.when(g.strideH() == 1 && g.strideW() == 1 && g.dilationH() == 1 && g.dilationW() == 1,
                        "takes a stride and a dilation of 1 alone"))
                .and(Support.when(g.h() >= 3 && g.w() >= 3, "planes of less than a window"))
                .and(Support.when((double) g.h() * g.w() < 1 << 30 && g.h() * g.w() % LANES == 0, "planes that are not whole lines of " + LANES
                        + " pixels"))
                .and(Support.when(waiting(g) <= MOST_WAITING && waiting(g) * LANES <= g.h() * g.w(), "rows of more than "
                        + ((MOST_WAITING - 1) * LANES - 1) + " pixels, or planes of fewer than a row and two lines"))
                .and(Support.when(!average || pass.countIncludePad().test(problem), "windows that are divided by different numbers of pixels"));
    }

    @Override
    public Support takes(Epilogue epilogue, P problem) {
        return pass.takesVectors(epilogue, problem);
    }

    @Override
    public double preference(P problem, DeviceInfo device) {
        return pass.passesCaches(problem) ? 0.77 : 0.7;
    }

    @Override
    public Parameters parameters(P problem, DeviceInfo device) {
        Pool2dGeometry g = pass.geometry().apply(problem);
        int strands = pass.family().equals(MaxPool2dBackwardProblem.FAMILY) ? 2 : 4;
        return Pool2dStrands.parameters(pass, problem, device, strands, (long) g.h() * g.w());
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        Pool2dGeometry g = pass.geometry().apply(problem);
        int strands = parameters.value(Pool2dStrands.STRANDS);
        int run = Math.ceilDiv(pass.planesOfAnItem(problem, device), strands);
        // Strands that begin at the same place of a page: what is stored of one is then behind what is read of the others, too.
        int page = PAGE / Math.min(PAGE, Integer.lowestOneBit(g.h() * g.w()));
        if (strands > 1 && 2 * run >= page) {
            run = Math.ceilDiv(run, page) * page;
        }
        KernelText text = pass.loadCpu("flat_cpu", "pool2d_flat_cpu.cl", problem, epilogue)
                .with(Map.of(Pool2dStrands.STRANDS, strands, "PASS_CACHES", parameters.value(Pool2dStrands.STREAM), "LAG", waiting(g)));
        return pass.overPlanes(text, problem, epilogue, strands, run);
    }
}
