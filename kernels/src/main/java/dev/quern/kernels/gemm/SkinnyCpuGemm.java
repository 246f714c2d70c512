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
import java.util.Optional;

/** The rung for products of a large and a small matrix on CPUs: the large one is read where it lies, once. */
final class SkinnyCpuGemm implements Variant<GemmProblem> {
    private static final int MOST_COLUMNS = 256;
    /** Bytes of the small operand that should stay in the second-level cache while a tile passes. */
    private static final int CACHED = 512 * 1024;
    private static final int TILES_PER_CORE = 8;
    /** Elements that may be packed by each of a few cores to spare a launch: about twenty microseconds' work. */
    private static final long REPACKED = 64 * 1024;
    private static final int FEW_CORES = 8;

    @Override
    public String name() {
        return "skinny_cpu";
    }

    @Override
    public Dialect dialect() {
        return Dialect.OPENCL;
    }

    @Override
    public String summary() {
        return "Only the small operand is packed. The large one is read where it lies, each row of it once, by micro tiles that "
                + "cover the whole short side of c: memory moves as little as the product allows.";
    }

    @Override
    public List<Tunable> tunables() {
        return List.of(VectorWidth.tunable(), new Tunable("BLOCK", List.of(128, 32, 64, 256),
                "KiB of the small operand that one block of k takes"));
    }

    @Override
    public Support supports(GemmProblem problem, DeviceInfo device) {
        return Shape.of(problem).isEmpty()
                ? Support.no("no F32 operand with its rows along k lies beside a short side of c")
                : Support.supported();
    }

    /**
     * What is large.
     *
     * @param swapped whether it is b, and its lines are columns of c
     */
    private record Shape(GemmProblem problem, boolean swapped) {
        static Optional<Shape> of(GemmProblem problem) {
            if (problem.n() <= problem.m() && problem.n() <= MOST_COLUMNS && !problem.transposeA() && problem.a().dtype() == DType.F32) {
                return Optional.of(new Shape(problem, false));
            }
            if (problem.m() <= problem.n() && problem.m() <= MOST_COLUMNS && problem.transposeB() && problem.b().dtype() == DType.F32) {
                return Optional.of(new Shape(problem, true));
            }
            return Optional.empty();
        }

        /** The position of the large operand. */
        int large() {
            return swapped ? GemmProblem.B : GemmProblem.A;
        }

        int lines() {
            return swapped ? problem.n() : problem.m();
        }

        int columns() {
            return swapped ? problem.m() : problem.n();
        }
    }

    @Override
    public Support takes(Epilogue epilogue, GemmProblem problem) {
        return GemmText.takesVectors(epilogue, problem);
    }

    @Override
    public Support takes(Prologue prologue, int operand, GemmProblem problem) {
        return Shape.of(problem).isEmpty() || Shape.of(problem).get().large() == operand
                ? Support.no("the large operand is multiplied as it is read")
                : GemmText.takesVectors(prologue, operand, problem);
    }

    @Override
    public double preference(GemmProblem problem, DeviceInfo device) {
        return device.isCpu() ? CpuGemmCost.skinny(problem, device) : 0.01;
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
        Shape shape = Shape.of(problem).orElseThrow();
        int width = parameters.value(VectorWidth.NAME);
        MicroTile micro = MicroTile.beside(width, shape.columns());
        int lines = micro.lines();
        int panelC = micro.columns();
        int panelsL = Math.ceilDiv(shape.lines(), lines);
        int panelsC = Math.ceilDiv(shape.columns(), panelC);
        int wide = panelsC * panelC;
        int depth = Math.max(128, parameters.value("BLOCK") * 1024 / Float.BYTES / wide / 64 * 64);
        boolean smallA = shape.swapped();
        boolean own = packsForItself(problem, device, (long) problem.k() * wide);
        Panels panels = new Panels(problem, micro, depth, smallA ? panelC : 4, smallA ? 4 : panelC);
        KernelText text = GemmText.of("skinny_cpu", dialect(), problem, prologues, epilogue,
                panels.defines(Map.of("SWAPPED", shape.swapped() ? 1 : 0, "OWN", own ? 1 : 0)),
                List.of("gemm_vectors.cl", "gemm_pack_cpu.cl", "gemm_micro_cpu.cl", "gemm_skinny_cpu.cl"), panels.widths());
        int most = (int) Math.min(16, (long) panelsL * problem.batch() / (TILES_PER_CORE * device.computeUnits()));
        // While all of the small operand stays in the cache, lines are read to their ends; else some share a block of it.
        int tileLines = (long) problem.k() * wide * Float.BYTES <= CACHED ? 1 : Math.max(most, 1);
        int tileColumns = panelsC;
        int tiles = Math.ceilDiv(panelsL, tileLines) * Math.ceilDiv(panelsC, tileColumns) * problem.batch();
        int groups = Math.min(device.computeUnits(), tiles);
        Reference packed = Reference.workspace(0);
        boolean shared = smallA ? problem.sharedA() : problem.sharedB();
        List<Reference> arguments = new ArrayList<>(GemmText.inputs(problem));
        arguments.addAll(List.of(packed, Reference.workspace(1)));
        if (!own) {
            arguments.add(Reference.workspace(2));
        }
        arguments.addAll(List.of(Reference.number(tileLines), Reference.number(tileColumns), Reference.number(problem.batch()),
                Reference.number(shared ? 1 : 0)));
        arguments.addAll(GemmText.outputs(problem, epilogue));
        if (own) {
            arguments.addAll(Reference.ofPrologues(prologues));
        }
        PlannedLaunch multiply = new PlannedLaunch("multiply", text, "multiply", Grid.ofTiles(groups), arguments);
        long bytesPacked = smallA ? panels.bytesA() : panels.bytesB();
        long bytesOfSums = (long) groups * tileLines * tileColumns * lines * panelC * Float.BYTES;
        if (own) {
            return new KernelPlan(List.of(multiply), List.of(groups * bytesPacked, bytesOfSums));
        }
        return new KernelPlan(List.of(panels.pack(smallA ? "pack a" : "pack b", text, prologues, packed, packed,
                Reference.workspace(2), smallA, !smallA), multiply), List.of(bytesPacked, bytesOfSums, (long) Integer.BYTES));
    }

    /** Where few cores share a small operand that changes: what they pack more than once costs less than a launch. */
    private static boolean packsForItself(GemmProblem problem, DeviceInfo device, long elements) {
        boolean constant = problem.a().constant() || problem.b().constant();
        return problem.batch() == 1 && !constant && device.computeUnits() <= FEW_CORES && elements <= REPACKED;
    }
}
