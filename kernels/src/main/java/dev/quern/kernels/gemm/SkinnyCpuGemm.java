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

/** The rung for products of a large and a small matrix on CPUs: the large one is read where it lies, once. */
final class SkinnyCpuGemm implements Variant<GemmProblem> {
    private static final int MOST_COLUMNS = 256;
    private static final int MOST_LINES = 96;
    /** Bytes of the small operand that should stay in the second-level cache while a tile passes. */
    private static final int CACHED = 512 * 1024;
    private static final int TILES_PER_CORE = 8;

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
                ? Support.no("no operand is large, in rows that suit it, in F32, beside a short side of c")
                : Support.supported();
    }

    /**
     * What is large, and how it is read.
     *
     * @param directLines whether the large operand has its lines along k
     * @param swapped     whether lines are columns of c
     */
    private record Shape(GemmProblem problem, boolean directLines, boolean swapped) {
        static List<Shape> of(GemmProblem problem) {
            List<Shape> shapes = new ArrayList<>();
            boolean fewColumns = problem.n() <= problem.m();
            if (fewColumns && problem.a().dtype() == DType.F32) {
                if (!problem.transposeA() && problem.n() <= MOST_COLUMNS) {
                    shapes.add(new Shape(problem, true, false));
                } else if (problem.transposeA() && problem.n() <= MOST_LINES) {
                    shapes.add(new Shape(problem, false, true));
                }
            }
            if (problem.m() <= problem.n() && problem.b().dtype() == DType.F32) {
                if (problem.transposeB() && problem.m() <= MOST_COLUMNS) {
                    shapes.add(new Shape(problem, true, true));
                } else if (!problem.transposeB() && problem.m() <= MOST_LINES) {
                    shapes.add(new Shape(problem, false, false));
                }
            }
            return shapes;
        }

        /** The position of the large operand. */
        int large() {
            return directLines != swapped ? GemmProblem.A : GemmProblem.B;
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
        return Shape.of(problem).isEmpty() || Shape.of(problem).getFirst().large() == operand
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
        Shape shape = Shape.of(problem).getFirst();
        int width = parameters.value(VectorWidth.NAME);
        int lines = width == 16 ? 12 : 4;
        int vectors = shape.directLines() && shape.columns() <= width ? 1 : 2;
        int panelC = vectors * width;
        // Of the small operand, a block of k is so many lines wide.
        int wide = shape.directLines() ? Math.ceilDiv(shape.columns(), panelC) * panelC
                : Math.ceilDiv(shape.lines(), lines) * lines;
        int depth = Math.max(128, parameters.value("BLOCK") * 1024 / Float.BYTES / wide / 64 * 64);
        if (!shape.directLines()) {
            // A panel of the large operand's columns stays in the first-level cache for all lines.
            depth = Math.min(depth, 256);
        }
        boolean smallA = shape.large() == GemmProblem.B;
        int panelSmall = shape.directLines() ? panelC : lines;
        Panels panels = new Panels(problem, width, lines, vectors, depth, smallA ? panelSmall : 4, smallA ? 4 : panelSmall);
        KernelText text = GemmText.of("skinny_cpu", dialect(), problem, prologues, epilogue,
                panels.defines(Map.of("DIRECT_LINES", shape.directLines() ? 1 : 0, "SWAPPED", shape.swapped() ? 1 : 0)),
                List.of("gemm_vectors.cl", "gemm_pack_cpu.cl", "gemm_micro_cpu.cl", "gemm_skinny_cpu.cl"), panels.widths());
        int panelsL = Math.ceilDiv(shape.lines(), lines);
        int panelsC = Math.ceilDiv(shape.columns(), panelC);
        int most = Math.max(1, (int) Math.min(Integer.MAX_VALUE,
                (long) panelsL * panelsC * problem.batch() / (TILES_PER_CORE * device.computeUnits())));
        int tileLines = panelsL;
        int tileColumns = panelsC;
        if (shape.directLines()) {
            // While all of the small operand stays in the cache, lines are read to their ends; else some share a block of it.
            tileLines = (long) problem.k() * wide * Float.BYTES <= CACHED ? 1 : Math.clamp(most / panelsC, 1, 16);
        } else {
            tileColumns = Math.clamp(most / panelsL, 1, 8);
        }
        int tiles = Math.ceilDiv(panelsL, tileLines) * Math.ceilDiv(panelsC, tileColumns) * problem.batch();
        int groups = Math.min(device.computeUnits(), tiles);
        Reference packed = Reference.workspace(0);
        Reference tail = Reference.workspace(1);
        Reference count = Reference.workspace(2);
        boolean hasTail = !shape.directLines() && shape.columns() % panelC != 0;
        int products = shape.large() == GemmProblem.A ? problem.productsOfA() : problem.productsOfB();
        long tailBytes = hasTail ? (long) products * problem.k() * panelC * Float.BYTES : Float.BYTES;
        List<PlannedLaunch> launches = new ArrayList<>();
        launches.add(panels.pack(smallA ? "pack a" : "pack b", text, prologues, packed, packed, count, smallA, !smallA));
        if (hasTail) {
            List<Reference> arguments = new ArrayList<>(GemmText.inputs(problem));
            arguments.add(tail);
            launches.add(new PlannedLaunch("pack tail", text, "pack_tail", Grid.ofTiles(panels.blocks(), products), arguments));
        }
        boolean shared = smallA ? problem.sharedA() : problem.sharedB();
        List<Reference> arguments = new ArrayList<>(GemmText.inputs(problem));
        arguments.addAll(List.of(packed, tail, Reference.workspace(3), count, Reference.number(tileLines),
                Reference.number(tileColumns), Reference.number(problem.batch()), Reference.number(shared ? 1 : 0)));
        arguments.addAll(GemmText.outputs(problem, epilogue));
        launches.add(new PlannedLaunch("multiply", text, "multiply", Grid.ofTiles(groups), arguments));
        return new KernelPlan(launches, List.of(smallA ? panels.bytesA() : panels.bytesB(), tailBytes, (long) Integer.BYTES,
                (long) groups * tileLines * tileColumns * lines * panelC * Float.BYTES));
    }
}
