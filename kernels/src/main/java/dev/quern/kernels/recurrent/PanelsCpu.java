package dev.quern.kernels.recurrent;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Tunable;
import dev.quern.kernels.Variant;
import dev.quern.kernels.VectorTail;
import dev.quern.kernels.VectorWidth;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The rungs of both passes for OpenCL on CPUs: weights packed into panels once, tiles of sums in registers. */
final class PanelsCpu<P extends RecurrentProblem> implements Variant<P> {
    /** What a work-item owns. */
    enum Share {
        /** Some units of all rows: a launch a step, because a step reads all units of the one before. */
        UNITS,
        /** Some rows with all their units, through all steps: one launch. */
        ROWS
    }

    private static final String VECTORS = "NV";
    private static final String ITEMS = "ITEMS";
    private static final List<Tunable> TUNABLES = List.of(VectorWidth.tunable(),
            new Tunable(VECTORS, List.of(2, 4), "vectors of units in a tile; few rows need more"),
            new Tunable(ITEMS, List.of(1, 2), "work-items a core"));

    private final Share share;

    PanelsCpu(Share share) {
        this.share = share;
    }

    @Override
    public String name() {
        return share == Share.ROWS ? "batch_slice_cpu" : "unit_slice_cpu";
    }

    @Override
    public Dialect dialect() {
        return Dialect.OPENCL;
    }

    @Override
    public String summary() {
        return share == Share.ROWS
                ? "A work-item takes a slice of the batch through all steps, in one launch: its states stay in its caches and "
                        + "nobody waits for anybody between two steps."
                : "Weights are packed into panels once; a launch a step, in which a work-item owns some units of all rows, so that "
                        + "weights larger than a cache are read once a step for all rows.";
    }

    @Override
    public List<Tunable> tunables() {
        return TUNABLES;
    }

    @Override
    public Support supports(P problem, DeviceInfo device) {
        return Support.supported();
    }

    @Override
    public double preference(P problem, DeviceInfo device) {
        if (!device.isCpu()) {
            return 0.01;
        }
        return share == Share.ROWS ? 0.7 : 0.6;
    }

    @Override
    public Parameters parameters(P problem, DeviceInfo device) {
        int cores = share == Share.ROWS ? device.computeUnits() : 1;
        int rows = Math.ceilDiv(problem.geometry().batch(), cores);
        return VectorWidth.defaults(TUNABLES, device).with(VECTORS, rows <= 6 ? 4 : 2);
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        RecurrentGeometry g = problem.geometry();
        int width = parameters.value(VectorWidth.NAME);
        int line = width * parameters.value(VECTORS);
        int panels = Math.ceilDiv(g.hidden(), line);
        int items = device.computeUnits() * parameters.value(ITEMS);
        int rowItems = share == Share.ROWS ? Math.min(items, g.batch()) : 1;
        int unitItems = share == Share.UNITS ? Math.min(items, panels) : 1;
        int blocks = rowItems * Math.ceilDiv(Math.ceilDiv(g.batch(), rowItems), mostRows(width, parameters.value(VECTORS)));
        blocks = Math.min(blocks, g.batch());
        boolean forward = problem instanceof RecurrentForwardProblem;
        Map<String, Integer> defines = new TreeMap<>(parameters.values());
        defines.remove(ITEMS);
        defines.putAll(Map.of("STEPS", g.steps(), "BATCH", g.batch(), "HIDDEN", g.hidden(), "BLOCKS", blocks, "ROWS",
                Math.ceilDiv(g.batch(), blocks), "ROW_ITEMS", rowItems, "UNIT_ITEMS", unitItems, "DEPTH",
                forward ? g.hidden() : g.gateRows()));
        KernelText text = RecurrentText.of(problem, name(), dialect(), VectorTail.define(width, g.hidden() % width), defines,
                "recurrent_cpu.cl", forward ? "recurrent_forward_cpu.cl" : "recurrent_backward_cpu.cl");
        Layout layout = new Layout(g, panels, line, rowItems, Grid.ofTiles(rowItems, unitItems), text);
        return switch (problem) {
            case RecurrentForwardProblem pass -> forward(pass, layout);
            case RecurrentBackwardProblem pass -> backward(pass, layout);
        };
    }

    /** Most rows of a tile: its sums, its weights and one broadcast fit 32 registers of 512 bits, or 16 of fewer. */
    private static int mostRows(int width, int vectors) {
        return width == 16 ? Math.min(16, 24 / vectors) : 12 / vectors;
    }

    private record Layout(RecurrentGeometry g, int panels, int line, int rowItems, Grid grid, KernelText text) {
        long stateBytes() {
            return (long) g.batch() * g.hidden() * Float.BYTES;
        }

        long packedBytes() {
            return (long) panels * line * g.gateRows() * Float.BYTES;
        }

        /** Lines of biases: one a gate, and n's input share of a GRU apart. */
        int biasLines() {
            return g.gru() ? 4 : g.cell().gates();
        }
    }

    private KernelPlan forward(RecurrentForwardProblem problem, Layout layout) {
        RecurrentGeometry g = layout.g;
        Reference packed = Reference.workspace(0);
        Reference biases = Reference.workspace(1);
        List<Reference> ofPack = new ArrayList<>(List.of(Reference.operand(problem.position("weight_hh"))));
        if (g.bias()) {
            ofPack.add(Reference.operand(problem.position("bias_ih")));
            ofPack.add(Reference.operand(problem.position("bias_hh")));
        }
        ofPack.addAll(List.of(packed, biases));
        List<PlannedLaunch> launches = new ArrayList<>();
        launches.add(new PlannedLaunch("pack", layout.text, "pack", Grid.ofTiles(layout.panels, g.cell().gates()), ofPack));
        int together = share == Share.ROWS ? g.steps() : 1;
        for (int s = 0; s < g.steps(); s += together) {
            launches.add(new PlannedLaunch(share == Share.ROWS ? "steps" : "step " + s, layout.text, "recurrent_forward",
                    layout.grid, RecurrentText.arguments(problem, packed, biases, Reference.workspace(2),
                            Reference.number(s), Reference.number(s + together))));
        }
        return new KernelPlan(launches, List.of(layout.packedBytes(),
                (long) layout.panels * layout.line * layout.biasLines() * Float.BYTES, 2 * layout.stateBytes()));
    }

    private KernelPlan backward(RecurrentBackwardProblem problem, Layout layout) {
        RecurrentGeometry g = layout.g;
        Reference packed = Reference.workspace(0);
        Reference sums = Reference.workspace(3);
        List<PlannedLaunch> launches = new ArrayList<>();
        launches.add(new PlannedLaunch("pack", layout.text, "pack", Grid.ofTiles(layout.panels),
                List.of(Reference.operand(problem.position("weight_hh")), packed)));
        int end = g.initial() ? -1 : 0;
        int together = share == Share.ROWS ? g.steps() - end : 1;
        for (int s = g.steps() - 1; s >= end; s -= together) {
            launches.add(new PlannedLaunch(share == Share.ROWS ? "steps" : "step " + s, layout.text, "recurrent_backward",
                    layout.grid, RecurrentText.arguments(problem, packed, Reference.workspace(1), Reference.workspace(2), sums,
                            Reference.number(s), Reference.number(s - together + 1))));
        }
        if (g.bias()) {
            List<Reference> ofSums = new ArrayList<>(List.of(sums, Reference.operand(problem.position("dbias_ih"))));
            if (g.gru()) {
                ofSums.add(Reference.operand(problem.position("dbias_hh")));
            }
            launches.add(new PlannedLaunch("add up biases", layout.text, "add_up", Grid.ofTiles(layout.biasLines()), ofSums));
        }
        return new KernelPlan(launches, List.of(layout.packedBytes(), layout.stateBytes(), layout.stateBytes(),
                (long) layout.rowItems * layout.biasLines() * g.hidden() * Float.BYTES));
    }
}
