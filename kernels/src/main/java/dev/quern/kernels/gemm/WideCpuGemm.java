package dev.quern.kernels.gemm;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Tunable;
import dev.quern.kernels.Variant;
import dev.quern.kernels.VectorWidth;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.Prologue;
import dev.quern.kernels.expr.Prologues;
import dev.quern.runtime.DType;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The rung for products of a small matrix and a large one with a step of k in each row, on CPUs: blocks are packed where they are used. */
final class WideCpuGemm implements Variant<GemmProblem> {
    private static final int MOST_LINES = 256;
    /** Bytes of a packed block, which should stay in the second-level cache. */
    private static final int BLOCK = 400 * 1024;
    private static final int TILES_PER_CORE = 4;
    /** Rows of the small operand that are longer lie so far apart that packing them pays: 35x8457x4096 takes a tenth longer in place. */
    private static final int LONGEST_IN_PLACE = 1024;
    /** Groups a core up to which each has room of its own for sums and blocks: rows of the small operand are then read where they lie. */
    private static final int MOST_GROUPS = 16;

    @Override
    public String name() {
        return "wide_cpu";
    }

    @Override
    public Dialect dialect() {
        return Dialect.OPENCL;
    }

    @Override
    public String summary() {
        return "Only the small operand is packed beforehand, or nothing where its rows can be read in place. A block of the large "
                + "one is packed by the work-item that multiplies it, into its own part of the second-level cache, while the next "
                + "block is being fetched: the large operand is read once and its copy never goes to memory.";
    }

    @Override
    public List<Tunable> tunables() {
        return List.of(VectorWidth.tunable(), new Tunable("KC", List.of(96, 64, 128, 192), "steps along k of one block"));
    }

    @Override
    public Support supports(GemmProblem problem, DeviceInfo device) {
        return Support.when(largeA(problem) || largeB(problem),
                "no operand with a step of k in each row lies beside a short side of c");
    }

    private static boolean largeB(GemmProblem problem) {
        return problem.m() <= problem.n() && problem.m() <= MOST_LINES && !problem.transposeB();
    }

    private static boolean largeA(GemmProblem problem) {
        return problem.n() <= problem.m() && problem.n() <= MOST_LINES && problem.transposeA();
    }

    @Override
    public Support takes(Epilogue epilogue, GemmProblem problem) {
        return GemmText.takesVectors(epilogue, problem);
    }

    @Override
    public Support takes(Prologue prologue, int operand, GemmProblem problem) {
        return GemmText.takesVectors(prologue, operand, problem);
    }

    @Override
    public double preference(GemmProblem problem, DeviceInfo device) {
        return device.isCpu() ? CpuGemmCost.wide(problem, device) : 0.01;
    }

    @Override
    public Parameters parameters(GemmProblem problem, DeviceInfo device) {
        return VectorWidth.defaults(tunables(), device);
    }

    @Override
    public KernelPlan plan(GemmProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        return plan(problem, device, parameters, Prologues.none(), epilogue);
    }

    @Override
    public KernelPlan plan(GemmProblem problem, DeviceInfo device, Parameters parameters, Prologues prologues,
            Epilogue epilogue) {
        boolean largeA = !largeB(problem);
        MicroTile micro = MicroTile.choose(parameters.value(VectorWidth.NAME), problem.m(), problem.n());
        int depth = parameters.value("KC");
        Panels panels = new Panels(problem, micro, depth, micro.lines(), micro.columns());
        int panelsL = largeA ? panels.panelsA() : panels.panelsB();
        int panelsS = largeA ? panels.panelsB() : panels.panelsA();
        int most = Math.max(1, BLOCK / Float.BYTES / depth / (largeA ? micro.lines() : micro.columns()));
        int cores = device.computeUnits();
        int wanted = Math.max(Math.ceilDiv(panelsL, most), Math.ceilDiv(cores * TILES_PER_CORE, problem.batch()));
        int tiles = Math.min(panelsL, Math.ceilDiv(wanted, cores) * cores);
        boolean inPlace = !largeA && !problem.transposeA() && problem.a().dtype() == DType.F32 && !problem.a().constant()
                && prologues.of(GemmProblem.A).isEmpty() && problem.k() <= LONGEST_IN_PLACE
                && (long) tiles * problem.batch() <= (long) MOST_GROUPS * cores;
        int groups = inPlace ? tiles * problem.batch() : (int) Math.min(cores, (long) tiles * problem.batch());
        KernelText text = GemmText.of("wide_cpu", dialect(), problem, prologues, epilogue,
                panels.defines(Map.of("LARGE_A", largeA ? 1 : 0, "IN_PLACE", inPlace ? 1 : 0)),
                List.of("gemm_vectors.cl", "gemm_pack_cpu.cl", "gemm_micro_cpu.cl", "gemm_wide_cpu.cl"), panels.widths());
        List<Reference> arguments = new ArrayList<>(GemmText.inputs(problem));
        arguments.addAll(List.of(Reference.workspace(0), Reference.workspace(1)));
        Reference packed = Reference.workspace(2);
        Reference count = Reference.workspace(3);
        if (!inPlace) {
            arguments.addAll(List.of(packed, count));
        }
        arguments.addAll(List.of(Reference.number(tiles), Reference.number(problem.batch()),
                Reference.number(problem.sharedA() ? 1 : 0), Reference.number(problem.sharedB() ? 1 : 0)));
        arguments.addAll(GemmText.outputs(problem, epilogue));
        arguments.addAll(Reference.ofPrologues(prologues));
        PlannedLaunch multiply = new PlannedLaunch("multiply", text, "multiply", Grid.ofTiles(groups), arguments);
        long panel = (long) groups * Math.ceilDiv(panelsL, tiles);
        long bytesOfSums = panel * panelsS * micro.lines() * micro.columns() * Float.BYTES;
        long bytesOfBlocks = panel * depth * (largeA ? micro.lines() : micro.columns()) * Float.BYTES;
        if (inPlace) {
            return new KernelPlan(List.of(multiply), List.of(bytesOfSums, bytesOfBlocks));
        }
        return new KernelPlan(List.of(panels.pack(largeA ? "pack b" : "pack a", text, prologues, packed, packed, count, !largeA, largeA),
                multiply), List.of(bytesOfSums, bytesOfBlocks, largeA ? panels.bytesB() : panels.bytesA(), (long) Integer.BYTES));
    }
}
