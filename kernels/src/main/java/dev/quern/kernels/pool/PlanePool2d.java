package dev.quern.kernels.pool;

import dev.quern.kernels.HostStorage;
import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Problem;
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
import dev.quern.runtime.HostKernel;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The host device's rung of each pooling. */
final class PlanePool2d<P extends Problem> implements Variant<P> {
    private static final long PIXELS_PER_GROUP = 32 * 1024;

    /** What is done to one plane. */
    interface PlaneKernel {
        /** Reads the launch's inputs for a plane, and gives the array in {@code own} that holds its output. */
        float[] run(PlaneWindows windows, HostArguments arguments, long plane, PlaneScratch own);
    }

    private final Pool2dPass<P> pass;
    private final PlaneKernel kernel;

    PlanePool2d(Pool2dPass<P> pass, PlaneKernel kernel) {
        this.pass = pass;
        this.kernel = kernel;
    }

    @Override
    public String name() {
        return "plane";
    }

    @Override
    public Dialect dialect() {
        return Dialect.JAVA;
    }

    @Override
    public String summary() {
        return "Copies a plane into a Java array, pools it with window bounds taken from tables instead of tests, and copies the "
                + "result back; a group takes as many planes as make it worth starting.";
    }

    @Override
    public Support supports(P problem, DeviceInfo device) {
        Pool2dGeometry g = pass.geometry().apply(problem);
        return Support.when((double) g.h() * g.w() < 1 << 28 && (double) g.p() * g.q() < 1 << 28,
                "a plane does not fit the scratch memory");
    }

    @Override
    public Support takes(Epilogue epilogue, P problem) {
        return Support.unless(EpilogueText.scalarObstacle(epilogue));
    }

    @Override
    public double preference(P problem, DeviceInfo device) {
        return 0.3;
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        Pool2dGeometry g = pass.geometry().apply(problem);
        long planesPerGroup = Math.clamp(PIXELS_PER_GROUP / ((long) g.h() * g.w()), 1, Math.max(1, g.planes() / 4));
        long groups = Math.ceilDiv(g.planes(), planesPerGroup);
        HostCode code = HostCode.of(pass.family() + "/plane", pass.entry(), body(problem, planesPerGroup, epilogue));
        return KernelPlan.of(new PlannedLaunch(pass.family(), code, pass.entry(), Grid.ofTiles(groups),
                pass.references(problem, epilogue)));
    }

    private HostKernel body(P problem, long planesPerGroup, Epilogue epilogue) {
        Pool2dGeometry g = pass.geometry().apply(problem);
        PlaneWindows windows = new PlaneWindows(g, pass.countIncludePad().test(problem));
        HostEpilogue finish = new HostEpilogue(epilogue);
        int operands = problem.operands().size();
        int output = problem.operands().indexOf(pass.output(problem));
        int run = Math.toIntExact(pass.outputRun(problem));
        boolean indices = pass.withIndices().test(problem);
        ThreadLocal<PlaneScratch> scratch = ThreadLocal.withInitial(() -> new PlaneScratch(g, pass.dtype(problem)));
        return (arguments, group) -> {
            PlaneScratch own = scratch.get();
            long end = Math.min(g.planes(), (group + 1) * planesPerGroup);
            for (long plane = group * planesPerGroup; plane < end; plane++) {
                float[] result = kernel.run(windows, arguments, plane, own);
                finish.apply(result, 0, run, plane * run, arguments, operands);
                HostStorage.store(arguments.memory(output), own.dtype(), plane * run, result, 0, run);
                if (indices) {
                    MemorySegment.copy(own.indices(), 0, arguments.memory(output + 1), ValueLayout.JAVA_INT,
                            plane * run * Integer.BYTES, run);
                }
            }
        };
    }
}
