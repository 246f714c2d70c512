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
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The rung for large products on CPUs: packed panels, sums in vector registers, one work-item a macro tile. */
final class PackedCpuGemm implements Variant<GemmProblem> {
    /** The depth at which a slice of k still pays for its part of the second launch. */
    private static final int LEAST_SLICE = 1024;

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
                + "keeps a micro tile of it in vector registers, blocked along k so that a panel of a stays in the first-level "
                + "cache and the panels of b in the second: nearly every instruction is a multiply-add. A small c with a long k is "
                + "cut into slices of k.";
    }

    @Override
    public List<Tunable> tunables() {
        return List.of(VectorWidth.tunable(),
                new Tunable("KC", List.of(256, 128, 384, 512), "steps along k of one block"),
                new Tunable("ROWS", List.of(240, 96, 480), "at most so many rows in a macro tile"),
                new Tunable("COLUMNS", List.of(240, 480, 960), "at most so many columns in a macro tile"));
    }

    @Override
    public Support supports(GemmProblem problem, DeviceInfo device) {
        Blocking blocking = Blocking.of(problem, device, parameters(problem, device));
        long largest = Math.max(blocking.panels().bytesA(), blocking.panels().bytesB());
        return Support.when(largest <= device.maxAllocation(), "packing needs an allocation of " + largest + " bytes");
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
        return device.isCpu() ? CpuGemmCost.packed(problem, device) : 0.01;
    }

    @Override
    public Parameters parameters(GemmProblem problem, DeviceInfo device) {
        return VectorWidth.defaults(tunables(), device);
    }

    /** How a problem is cut up. */
    private record Blocking(Panels panels, MacroTiles tiles, int slices, int depthOfSlice, int groups) {
        static Blocking of(GemmProblem problem, DeviceInfo device, Parameters parameters) {
            int width = parameters.value(VectorWidth.NAME);
            MicroTile micro = MicroTile.choose(width, problem.m(), problem.n());
            int rows = micro.lines();
            int columns = micro.columns();
            int depth = parameters.value("KC");
            Panels panels = new Panels(problem, micro, depth, rows, columns);
            int cores = device.computeUnits();
            MacroTiles tiles = MacroTiles.choose(panels.panelsA(), panels.panelsB(), problem.batch(),
                    Math.max(1, parameters.value("ROWS") / rows), Math.max(1, parameters.value("COLUMNS") / columns),
                    cores);
            long count = tiles.count(panels.panelsA(), panels.panelsB(), problem.batch());
            int slices = 1;
            while (count * slices < 2L * cores && problem.k() / (2 * slices) >= LEAST_SLICE) {
                slices *= 2;
            }
            int depthOfSlice = Math.ceilDiv(Math.ceilDiv(problem.k(), slices), depth) * depth;
            slices = Math.ceilDiv(problem.k(), depthOfSlice);
            return new Blocking(panels, tiles, slices, depthOfSlice, (int) Math.min(cores, count * slices));
        }

        long bytesOfScratch() {
            return (long) groups * tiles.rows() * tiles.columns() * panels.panelA() * panels.panelB() * Float.BYTES;
        }
    }

    @Override
    public KernelPlan plan(GemmProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        return plan(problem, device, parameters, Prologues.none(), epilogue);
    }

    @Override
    public KernelPlan plan(GemmProblem problem, DeviceInfo device, Parameters parameters, Prologues prologues,
            Epilogue epilogue) {
        Blocking blocking = Blocking.of(problem, device, parameters);
        Panels panels = blocking.panels();
        boolean split = blocking.slices() > 1;
        KernelText text = GemmText.of("packed_cpu", dialect(), problem, prologues, epilogue,
                panels.defines(Map.of("SPLIT", split ? 1 : 0)), List.of("gemm_vectors.cl", "gemm_pack_cpu.cl",
                        "gemm_micro_cpu.cl", "gemm_packed_cpu.cl", "gemm_join_slices.cl"), panels.widths());
        Reference packedA = Reference.workspace(0);
        Reference packedB = Reference.workspace(1);
        Reference count = Reference.workspace(2);
        List<Long> workspaces = new ArrayList<>(List.of(panels.bytesA(), panels.bytesB(), (long) Integer.BYTES,
                blocking.bytesOfScratch()));
        List<Reference> arguments = new ArrayList<>(List.of(packedA, packedB, Reference.workspace(3), count));
        arguments.addAll(GemmText.sizes(problem));
        arguments.addAll(List.of(Reference.number(blocking.tiles().rows()), Reference.number(blocking.tiles().columns()),
                Reference.number(problem.batch()), Reference.number(problem.sharedA() ? 1 : 0),
                Reference.number(problem.sharedB() ? 1 : 0)));
        if (split) {
            arguments.addAll(List.of(Reference.workspace(4), Reference.number(blocking.slices()),
                    Reference.number(blocking.depthOfSlice())));
            workspaces.add((long) problem.batch() * blocking.slices() * problem.m() * problem.n() * Float.BYTES);
        } else {
            arguments.addAll(GemmText.outputs(problem, epilogue));
        }
        List<PlannedLaunch> launches = new ArrayList<>();
        if (problem.a().constant() || problem.b().constant()) {
            launches.add(panels.pack("pack b", text, prologues, packedA, packedB, count, false, true));
            launches.add(panels.pack("pack a", text, prologues, packedA, packedB, count, true, false));
        } else {
            launches.add(panels.pack("pack", text, prologues, packedA, packedB, count, true, true));
        }
        launches.add(new PlannedLaunch("multiply", text, "multiply", Grid.ofTiles(blocking.groups()), arguments));
        if (split) {
            launches.add(GemmText.join(problem, text, Reference.workspace(4), blocking.slices(), epilogue));
        }
        return new KernelPlan(launches, workspaces);
    }
}
