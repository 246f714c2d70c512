package dev.quern.kernels.recurrent;

import dev.quern.kernels.CpuVectors;
import dev.quern.kernels.KernelPlan;
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

    /** Bytes of weights that the second-level cache keeps beside what passes through it. */
    private static final int CACHED = 768 * 1024;

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
        Layout layout = layout(problem, device, parameters);
        LayerPlan plan = new LayerPlan(problem, device);
        switch (problem) {
            case RecurrentForwardProblem pass -> forward(pass, layout, plan);
            case RecurrentBackwardProblem pass -> {
                backward(pass, layout, plan);
                if (pass.features() > 0) {
                    WeightGradientsCpu.append(plan, pass, device, parameters.value(VectorWidth.NAME));
                }
                if (pass.toInput() && layout.features == 0) {
                    plan.inputGradient();
                }
            }
        }
        return plan.plan();
    }

    /**
     * How a pass is laid out.
     *
     * @param part     the problem whose operands the kernels take
     * @param features of x that the steps take in; 0 if its products are made apart
     */
    private record Layout(RecurrentProblem part, int features, int panels, int line, int rowItems, Grid grid, KernelText text) {
        RecurrentGeometry g() {
            return part.geometry();
        }

        long state() {
            return (long) g().batch() * g().hidden();
        }

        /** Lines of biases: one a gate, and n's input share of a GRU apart. */
        int biasLines() {
            return g().gru() ? 4 : g().cell().gates();
        }
    }

    private Layout layout(P problem, DeviceInfo device, Parameters parameters) {
        RecurrentGeometry g = problem.geometry();
        boolean forward = problem instanceof RecurrentForwardProblem;
        int width = parameters.value(VectorWidth.NAME);
        int line = width * parameters.value(VECTORS);
        int panels = Math.ceilDiv(g.hidden(), line);
        int items = device.computeUnits() * parameters.value(ITEMS);
        int rowItems = share == Share.ROWS ? Math.min(items, g.batch()) : 1;
        int unitItems = share == Share.UNITS ? Math.min(items, panels) : 1;
        int blocks = rowItems * Math.ceilDiv(Math.ceilDiv(g.batch(), rowItems), mostRows(width, parameters.value(VECTORS)));
        blocks = Math.min(blocks, g.batch());
        // A step's part of the input's gradient needs all units, which only an owner of whole rows has at hand.
        boolean inside = (double) (g.hidden() + problem.features()) * g.gateRows() * Float.BYTES <= CACHED
                && (forward || share == Share.ROWS && problem.has("dx"));
        int features = inside ? problem.features() : 0;
        RecurrentProblem part = forward && features > 0 ? problem : problem.recurrence();
        Map<String, Integer> defines = new TreeMap<>(parameters.values());
        defines.remove(ITEMS);
        defines.putAll(Map.of("STEPS", g.steps(), "BATCH", g.batch(), "HIDDEN", g.hidden(), "BLOCKS", blocks, "ROWS",
                Math.ceilDiv(g.batch(), blocks), "ROW_ITEMS", rowItems, "UNIT_ITEMS", unitItems, "DEPTH",
                forward ? g.hidden() : g.gateRows(), "FEATURES", features));
        KernelText text = RecurrentText.of(part, name(), dialect(), CpuVectors.names() + VectorTail.define(width, g.hidden() % width), defines,
                "recurrent_vectors_cpu.cl", "recurrent_cpu.cl", forward ? "recurrent_forward_cpu.cl" : "recurrent_backward_cpu.cl");
        return new Layout(part, features, panels, line, rowItems, Grid.ofTiles(rowItems, unitItems), text);
    }

    /** Most rows of a tile: its sums, its weights and one broadcast fit 32 registers of 512 bits, or 16 of fewer. */
    private static int mostRows(int width, int vectors) {
        return width == 16 ? Math.min(16, 24 / vectors) : 12 / vectors;
    }

    private void forward(RecurrentForwardProblem problem, Layout layout, LayerPlan plan) {
        RecurrentGeometry g = layout.g();
        if (problem.features() > layout.features) {
            plan.inputProducts();
        }
        int sums = layout.features > 0 && g.gru() ? 4 : g.cell().gates();
        plan.workspace("packed", (long) layout.panels * layout.line * sums * (g.hidden() + layout.features));
        plan.workspace("biases", (long) layout.panels * layout.line * layout.biasLines());
        plan.workspace("state", 2 * layout.state());
        List<Reference> ofPack = new ArrayList<>(List.of(plan.tensor("weight_hh")));
        if (layout.features > 0) {
            ofPack.add(plan.tensor("weight_ih"));
        }
        if (g.bias()) {
            ofPack.add(plan.tensor("bias_ih"));
            ofPack.add(plan.tensor("bias_hh"));
        }
        ofPack.add(plan.tensor("packed"));
        ofPack.add(plan.tensor("biases"));
        plan.launch("pack", layout.text, "pack", Grid.ofTiles(layout.panels, sums), ofPack);
        int together = share == Share.ROWS ? g.steps() : 1;
        for (int s = 0; s < g.steps(); s += together) {
            plan.launch(share == Share.ROWS ? "steps" : "step " + s, layout.text, "recurrent_forward", layout.grid,
                    plan.arguments(layout.part, plan.tensor("packed"), plan.tensor("biases"), plan.tensor("state"),
                            Reference.number(s), Reference.number(s + together)));
        }
    }

    private void backward(RecurrentBackwardProblem problem, Layout layout, LayerPlan plan) {
        RecurrentGeometry g = layout.g();
        if (problem.features() > 0) {
            plan.gateGradients();
        }
        int panels = layout.panels + Math.ceilDiv(layout.features, layout.line);
        plan.workspace("packed", (long) panels * layout.line * g.gateRows());
        plan.workspace("bypass", layout.state());
        plan.workspace("memory", layout.state());
        plan.workspace("sums", (long) layout.rowItems * layout.biasLines() * g.hidden());
        List<Reference> ofPack = new ArrayList<>(List.of(plan.tensor("weight_hh")));
        List<Reference> more = new ArrayList<>(List.of(plan.tensor("packed"), plan.tensor("bypass"), plan.tensor("memory"),
                plan.tensor("sums")));
        if (layout.features > 0) {
            ofPack.add(plan.tensor("weight_ih"));
            more.add(plan.tensor("dx"));
        }
        ofPack.add(plan.tensor("packed"));
        plan.launch("pack", layout.text, "pack", Grid.ofTiles(panels), ofPack);
        int end = g.initial() ? -1 : 0;
        int together = share == Share.ROWS ? g.steps() - end : 1;
        for (int s = g.steps() - 1; s >= end; s -= together) {
            List<Reference> arguments = new ArrayList<>(more);
            arguments.add(Reference.number(s));
            arguments.add(Reference.number(s - together + 1));
            plan.launch(share == Share.ROWS ? "steps" : "step " + s, layout.text, "recurrent_backward", layout.grid,
                    plan.arguments(layout.part, arguments.toArray(Reference[]::new)));
        }
        if (g.bias()) {
            List<Reference> ofSums = new ArrayList<>(List.of(plan.tensor("sums"), plan.tensor("dbias_ih")));
            if (g.gru()) {
                ofSums.add(plan.tensor("dbias_hh"));
            }
            plan.launch("add up biases", layout.text, "add_up", Grid.ofTiles(layout.biasLines()), ofSums);
        }
    }
}
