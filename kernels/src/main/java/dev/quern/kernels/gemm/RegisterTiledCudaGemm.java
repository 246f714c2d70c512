package dev.quern.kernels.gemm;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Tunable;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.Prologue;
import dev.quern.kernels.expr.Prologues;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The CUDA rung without tensor cores: squares of sums in registers, fours of neighbours everywhere, two pairs of buffers. */
final class RegisterTiledCudaGemm implements Variant<GemmProblem> {
    private static final String PER_ITEM = "PER_ITEM";
    private static final String DEPTH = "DEPTH";
    private static final String SLICES = "SLICES";
    private static final int THREADS = 256;
    /** Threads along each side of a tile. */
    private static final int SIDE = 16;
    /** Steps of k below which a slice costs more than it gives. */
    private static final int LEAST_DEPTH = 256;
    /** Blocks that a multiprocessor holds at once. */
    private static final int BLOCKS_PER_UNIT = 2;

    @Override
    public String name() {
        return "register_tiled_cuda";
    }

    @Override
    public Dialect dialect() {
        return Dialect.CUDA;
    }

    @Override
    public String summary() {
        return "Each thread keeps 8 x 8 sums and feeds 64 multiply-adds from four loads of 16 bytes; the next step of k is loaded "
                + "while this one is multiplied, with one barrier a step. Where c has few tiles, the sums are cut into slices along k, "
                + "which a second launch adds in order.";
    }

    @Override
    public List<Tunable> tunables() {
        return List.of(new Tunable(PER_ITEM, List.of(8, 4), "rows and columns of c that one thread owns"),
                new Tunable(DEPTH, List.of(8, 16, 32), "how much of k is in shared memory at a time"),
                new Tunable(SLICES, List.of(1, 2, 4, 8, 16, 32), "slices of k"));
    }

    @Override
    public Support supports(GemmProblem problem, DeviceInfo device) {
        int bytes = sharedBytes(8, 16);
        return Support.when(device.maxGroupSize() >= THREADS, "needs groups of 256 work-items")
                .and(Support.when(device.localMemory() >= bytes, "needs " + bytes + " bytes of local memory"));
    }

    private static int sharedBytes(int perItem, int depth) {
        return 2 * 2 * depth * SIDE * perItem * Float.BYTES;
    }

    @Override
    public Support accepts(Parameters parameters, GemmProblem problem, DeviceInfo device) {
        int area = parameters.value(PER_ITEM) * parameters.value(DEPTH);
        return Support.when(area >= 64 && area <= 128, "PER_ITEM times DEPTH must be 64 or 128, so that each thread loads one or two fours")
                .and(Support.when(parameters.value(SLICES) == 1 || problem.k() > 2 * parameters.value(DEPTH), "k is too short to cut"));
    }

    @Override
    public Support takes(Epilogue epilogue, GemmProblem problem) {
        return GemmText.takesScalar(epilogue);
    }

    @Override
    public Support takes(Prologue prologue, int operand, GemmProblem problem) {
        return GemmText.takesScalar(prologue, operand);
    }

    /** Tiles that are mostly outside of c are work for nothing. */
    @Override
    public double preference(GemmProblem problem, DeviceInfo device) {
        int tile = SIDE * parameters(problem, device).value(PER_ITEM);
        double inside = (double) problem.m() * problem.n()
                / ((double) Math.ceilDiv(problem.m(), tile) * tile * Math.ceilDiv(problem.n(), tile) * tile);
        return 0.6 + 0.3 * inside;
    }

    /** Smaller tiles, and then slices of k, where large tiles would leave most of the device idle. */
    @Override
    public Parameters parameters(GemmProblem problem, DeviceInfo device) {
        Parameters usual = Parameters.defaults(tunables());
        boolean large = groups(problem, 8) >= device.computeUnits();
        int perItem = large ? 8 : 4;
        int depth = large ? 8 : 16;
        long wanted = (long) BLOCKS_PER_UNIT * device.computeUnits();
        int slices = 1;
        while (slices < 32 && groups(problem, perItem) * slices * 2 <= wanted && problem.k() / (2 * slices) >= LEAST_DEPTH) {
            slices *= 2;
        }
        return usual.with(PER_ITEM, perItem).with(DEPTH, depth).with(SLICES, slices);
    }

    private static long groups(GemmProblem problem, int perItem) {
        return (long) problem.batch() * Math.ceilDiv(problem.m(), SIDE * perItem) * Math.ceilDiv(problem.n(), SIDE * perItem);
    }

    @Override
    public KernelPlan plan(GemmProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        return plan(problem, device, parameters, Prologues.none(), epilogue);
    }

    @Override
    public KernelPlan plan(GemmProblem problem, DeviceInfo device, Parameters parameters, Prologues prologues,
            Epilogue epilogue) {
        int tile = SIDE * parameters.value(PER_ITEM);
        int depth = parameters.value(DEPTH);
        // Slices begin at multiples of a step, where fours of neighbours begin.
        int ofSlice = Math.ceilDiv(Math.ceilDiv(problem.k(), parameters.value(SLICES)), depth) * depth;
        int slices = Math.ceilDiv(problem.k(), ofSlice);
        Grid grid = new Grid(Math.ceilDiv(problem.n(), tile), Math.ceilDiv(problem.m(), tile), (long) problem.batch() * slices,
                THREADS, 1, 1);
        Map<String, Integer> defines = Map.of(PER_ITEM, parameters.value(PER_ITEM), DEPTH, depth, "SPLIT", slices == 1 ? 0 : 1);
        String kernel = "gemm_register_tiled_cuda";
        if (slices == 1) {
            return KernelPlan.of(new PlannedLaunch("multiply", CudaTiles.text(name(), problem, prologues, epilogue, defines,
                    List.of(kernel + ".cu")), kernel, grid, GemmText.arguments(problem, prologues, epilogue)));
        }
        KernelText text = CudaTiles.text(name(), problem, prologues, epilogue, defines,
                List.of(kernel + ".cu", "gemm_join_slices.cl"));
        List<Reference> arguments = new ArrayList<>(GemmText.inputs(problem));
        arguments.addAll(List.of(Reference.workspace(0), Reference.number(slices), Reference.number(ofSlice)));
        arguments.addAll(Reference.ofPrologues(prologues));
        return new KernelPlan(List.of(new PlannedLaunch("multiply slices", text, kernel, grid, arguments),
                GemmText.join(problem, text, Reference.workspace(0), slices, epilogue)),
                List.of((long) problem.batch() * slices * problem.m() * problem.n() * Float.BYTES));
    }
}
