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
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.List;
import java.util.Map;

/** The rung for large products on CPUs: packed panels, sums in vector registers, one work-item a macro tile. */
final class PackedCpuGemm implements Variant<GemmProblem> {
    /** Panels that one work-item packs: some thousand elements of each operand. */
    private static final int PACK_A = 4;
    private static final int PACK_B = 2;

    @Override
    public String name() {
        return "packed_cpu";
    }

    @Override
    public Dialect dialect() {
        return Dialect.OPENCL;
    }

    @Override
    public String summary() {
        return "One launch copies a and b into panels that the next reads front to back. A work-item owns a macro tile of c and "
                + "keeps a micro tile of it in vector registers, blocked along k so that a panel of b stays in the first-level "
                + "cache and the panels of a in the second: nearly every instruction is a multiply-add.";
    }

    @Override
    public List<Tunable> tunables() {
        return List.of(VectorWidth.tunable(),
                new Tunable("KC", List.of(256, 128, 384, 512), "steps along k of one block"),
                new Tunable("ROWS", List.of(192, 96, 384), "at most so many rows in a macro tile"),
                new Tunable("COLUMNS", List.of(512, 256, 1024), "at most so many columns in a macro tile"));
    }

    @Override
    public Support supports(GemmProblem problem, DeviceInfo device) {
        Blocking blocking = Blocking.of(problem, device, parameters(problem, device));
        long largest = Math.max(blocking.bytesA(), blocking.bytesB());
        return Support.when(largest <= device.maxAllocation(), "packing needs an allocation of " + largest + " bytes");
    }

    @Override
    public Support takes(Epilogue epilogue, GemmProblem problem) {
        return GemmText.takesVectors(epilogue, problem);
    }

    @Override
    public double preference(GemmProblem problem, DeviceInfo device) {
        return device.isCpu() ? CpuGemmCost.packed(problem, device) : 0.01;
    }

    @Override
    public Parameters parameters(GemmProblem problem, DeviceInfo device) {
        return VectorWidth.defaults(tunables(), device);
    }

    /** How a problem is cut up. */
    private record Blocking(GemmProblem problem, int width, int rows, int vectors, int depth, int tileRows, int tileColumns) {
        static Blocking of(GemmProblem problem, DeviceInfo device, Parameters parameters) {
            int width = parameters.value(VectorWidth.NAME);
            // 12 x 2 sums, 2 of b and 1 of a are 27 of 32 registers; 4 x 3 sums, 3 of b and 1 of a are all 16 of AVX.
            int rows = width == 16 ? 12 : 4;
            int vectors = width == 8 ? 3 : 2;
            int panelsM = Math.ceilDiv(problem.m(), rows);
            int panelsN = Math.ceilDiv(problem.n(), vectors * width);
            MacroTiles tiles = MacroTiles.choose(panelsM, panelsN, problem.batch(), Math.max(1, parameters.value("ROWS") / rows),
                    Math.max(1, parameters.value("COLUMNS") / (vectors * width)), device.computeUnits());
            return new Blocking(problem, width, rows, vectors, parameters.value("KC"), tiles.rows(), tiles.columns());
        }

        int panelsM() {
            return Math.ceilDiv(problem.m(), rows);
        }

        int panelsN() {
            return Math.ceilDiv(problem.n(), vectors * width);
        }

        int blocks() {
            return Math.ceilDiv(problem.k(), depth);
        }

        int productsOfA() {
            return problem.sharedA() ? 1 : problem.batch();
        }

        int productsOfB() {
            return problem.sharedB() ? 1 : problem.batch();
        }

        long bytesA() {
            return (long) productsOfA() * panelsM() * rows * problem.k() * Float.BYTES;
        }

        long bytesB() {
            return (long) productsOfB() * panelsN() * vectors * width * problem.k() * Float.BYTES;
        }

        Map<String, Integer> defines() {
            return Map.of("TRANSPOSE_A", problem.transposeA() ? 1 : 0, "TRANSPOSE_B", problem.transposeB() ? 1 : 0, "W", width,
                    "MR", rows, "NV", vectors, "KC", depth, "PACK_A", PACK_A, "PACK_B", PACK_B);
        }
    }

    @Override
    public KernelPlan plan(GemmProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        Blocking blocking = Blocking.of(problem, device, parameters);
        KernelText text = GemmText.of("packed_cpu", dialect(), problem, epilogue, blocking.defines(), blocking.width());
        int itemsB = Math.ceilDiv(blocking.panelsN(), PACK_B);
        Reference packedA = Reference.workspace(0);
        Reference packedB = Reference.workspace(1);
        Reference m = Reference.number(problem.m());
        Reference n = Reference.number(problem.n());
        Reference k = Reference.number(problem.k());
        List<Reference> multiply = List.of(packedA, packedB, Reference.operand(GemmProblem.C), m, n, k,
                Reference.number(blocking.tileRows()), Reference.number(blocking.tileColumns()),
                Reference.number(problem.sharedA() ? 1 : 0), Reference.number(problem.sharedB() ? 1 : 0),
                Reference.number(problem.alpha()));
        return new KernelPlan(List.of(
                new PlannedLaunch("pack", text, "pack",
                        Grid.ofTiles(itemsB + Math.ceilDiv(blocking.panelsM(), PACK_A), blocking.blocks(), problem.batch()),
                        List.of(Reference.operand(GemmProblem.A), Reference.operand(GemmProblem.B), packedA, packedB, m, n, k,
                                Reference.number(problem.strideA()), Reference.number(problem.strideB()),
                                Reference.number(itemsB))),
                new PlannedLaunch("multiply", text, "multiply",
                        Grid.ofTiles(Math.ceilDiv(blocking.panelsM(), blocking.tileRows()),
                                Math.ceilDiv(blocking.panelsN(), blocking.tileColumns()), problem.batch()),
                        Reference.withEpilogue(multiply, epilogue))),
                List.of(blocking.bytesA(), blocking.bytesB()));
    }
}
