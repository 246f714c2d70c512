package dev.quern.graph.plan;

import dev.quern.graph.expr.ExprForm;
import dev.quern.graph.fuse.Decision;
import dev.quern.graph.fuse.Fuser;
import dev.quern.graph.fuse.Region;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.Node;
import dev.quern.graph.ir.NodeOutput;
import dev.quern.kernels.Cost;
import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.Parameters;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Grid;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Says what a plan does and why. The text depends on the graph and the device alone. */
final class Explain {
    private final Graph graph;
    private final Fuser.Result fusion;
    private final List<Region> order;
    private final List<KernelPlan> kernels;
    private final Buffers buffers;
    private final Layout layout;
    private final DeviceInfo device;

    Explain(Graph graph, Fuser.Result fusion, List<Region> order, List<KernelPlan> kernels, Buffers buffers, Layout layout,
            DeviceInfo device) {
        this.graph = graph;
        this.fusion = fusion;
        this.order = order;
        this.kernels = kernels;
        this.buffers = buffers;
        this.layout = layout;
        this.device = device;
    }

    /** Equal for plans that do the same work in the same way: source lines and reasons are not part of it. */
    String hash() {
        StringBuilder text = new StringBuilder(device.id()).append('\n').append(device.name()).append('\n')
                .append(device.driver()).append('\n');
        for (int step = 0; step < order.size(); step++) {
            text.append(head(step)).append('\n').append(launches(step)).append(operands(step));
        }
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    String text() {
        int launches = kernels.stream().mapToInt(kernel -> kernel.launches().size()).sum();
        StringBuilder text = new StringBuilder();
        text.append("plan ").append(graph.name()).append(" on ").append(device.id()).append(": ").append(launches)
                .append(" launches in ").append(order.size()).append(" regions\n");
        text.append("temporaries ").append(bytes(layout.bytes())).append(" in ").append(layout.blocks().size())
                .append(" blocks, at least ").append(bytes(layout.bound())).append(" are live at once (")
                .append(String.format(Locale.ROOT, "%.3f", layout.bound() == 0 ? 1.0
                        : (double) layout.bytes() / layout.bound()))
                .append(" x, ").append(layout.strategy()).append("); inputs ").append(bytes(buffers.inputBytes()))
                .append(" in one copy\n");
        for (int step = 0; step < order.size(); step++) {
            text.append(region(step));
        }
        text.append("\nfusions\n");
        for (Decision decision : fusion.decisions()) {
            text.append("     ").append(decision).append('\n');
        }
        return text.toString().replace("\r\n", "\n");
    }

    /** What the plan says about one region. */
    String region(int step) {
        StringBuilder text = new StringBuilder();
        Region region = order.get(step);
        text.append(String.format(Locale.ROOT, "%n%3d  ", step + 1)).append(head(step)).append('\n');
        text.append("     why      ").append(region.choice().reason());
        if (!region.choice().others().isEmpty()) {
            text.append("; not ").append(region.choice().others().stream()
                    .map(other -> other.variant() + " (" + other.reason() + ")").collect(Collectors.joining(", ")));
        }
        text.append('\n');
        text.append("     nodes    ").append(region.nodes().stream().map(Node::place).collect(Collectors.joining(", ")))
                .append('\n');
        text.append(launches(step)).append(operands(step)).append(work(region));
        return text.toString().replace("\r\n", "\n");
    }

    /** The regions at these places alone, with the fusions that concern their nodes. */
    String text(List<Integer> steps) {
        StringBuilder text = new StringBuilder();
        Set<String> names = new HashSet<>();
        for (int step : steps) {
            text.append(region(step));
            order.get(step).nodes().forEach(node -> names.add(node.name()));
        }
        text.append("\nfusions\n");
        for (Decision decision : fusion.decisions()) {
            if (Arrays.stream(decision.what().split(" ")).anyMatch(names::contains)) {
                text.append("     ").append(decision).append('\n');
            }
        }
        return text.toString();
    }

    /** The same as data. */
    Explanation explanation(List<PlanStep> steps) {
        List<Explanation.ExplainedRegion> regions = new ArrayList<>();
        for (int step = 0; step < order.size(); step++) {
            Region region = order.get(step);
            long workspace = buffers.workspaces(step).stream().mapToLong(slot -> buffers.lifetimes().get(slot).bytes()).sum();
            regions.add(new Explanation.ExplainedRegion(steps.get(step), region.epilogue().isEmpty() ? "" : epilogue(region),
                    region.choice().others(), region.reads().stream().map(this::value).toList(),
                    region.writes().stream().map(this::value).toList(), workspace));
        }
        return new Explanation(graph.name(), device.id() + " " + device.name(), hash(), layout.bytes(), layout.bound(),
                buffers.inputBytes(), layout.strategy(), regions, fusion.decisions());
    }

    private String head(int step) {
        Region region = order.get(step);
        Parameters parameters = region.choice().parameters();
        return region.name() + ": " + region.work().problem().key() + " by " + region.choice().variant().name()
                + (parameters.values().isEmpty() ? "" : " " + parameters) + prologues(region)
                + (region.epilogue().isEmpty() ? "" : ", then " + epilogue(region));
    }

    /** What operands are made into as they are loaded; x0 is the operand's element, the others are named. */
    private static String prologues(Region region) {
        StringBuilder text = new StringBuilder();
        region.prologues().byOperand().forEach((operand, prologue) -> {
            text.append(", of ").append(region.work().problem().operands().get(operand).name()).append(" as ")
                    .append(ExprForm.text(prologue.expression()));
            for (int k = 0; k < prologue.operands().size(); k++) {
                text.append(k == 0 ? " with " : ", ").append('x').append(k + 1).append(" = ").append(prologue.operands().get(k).text());
            }
        });
        return text.toString();
    }

    /** The epilogue's expression; x0 is the kernel's own value, the others are named. */
    private static String epilogue(Region region) {
        StringBuilder text = new StringBuilder(ExprForm.text(region.epilogue().expression()));
        for (int k = 0; k < region.epilogueInputs().size(); k++) {
            text.append(k == 0 ? " with " : ", ").append('x').append(k + 1).append(" = ")
                    .append(region.epilogue().operands().get(k).name());
        }
        for (int k = 0; k < region.kept().size(); k++) {
            text.append(k == 0 ? "; keeps " : ", ").append(region.kept().get(k).name()).append(" = ")
                    .append(ExprForm.text(region.epilogue().kept().get(k)));
        }
        return text.toString();
    }

    private String launches(int step) {
        StringBuilder text = new StringBuilder();
        for (PlannedLaunch launch : kernels.get(step).launches()) {
            Grid grid = launch.grid();
            text.append("     launch   ").append(launch.role()).append(" (").append(launch.source().name()).append(", ")
                    .append(grid.groupsX()).append('x').append(grid.groupsY()).append('x').append(grid.groupsZ())
                    .append(" groups of ").append(grid.localX()).append('x').append(grid.localY()).append('x')
                    .append(grid.localZ()).append(")\n");
        }
        return text.toString();
    }

    private String operands(int step) {
        Region region = order.get(step);
        StringBuilder text = new StringBuilder();
        text.append("     reads    ").append(region.reads().stream().map(this::slot).collect(Collectors.joining(", ")))
                .append('\n');
        text.append("     writes   ").append(region.writes().stream().map(this::slot).collect(Collectors.joining(", ")))
                .append('\n');
        if (!buffers.workspaces(step).isEmpty()) {
            text.append("     scratch  ").append(buffers.workspaces(step).stream()
                    .map(slot -> place(slot) + " " + bytes(buffers.lifetimes().get(slot).bytes()))
                    .collect(Collectors.joining(", "))).append('\n');
        }
        return text.toString();
    }

    /** The least that any kernel must do: each operand moved once. */
    private static String work(Region region) {
        Cost cost = region.work().problem().cost();
        return String.format(Locale.ROOT, "     work     %.3f Mflop, %.3f MB at least%n", cost.flops() / 1e6, cost.bytes() / 1e6);
    }

    private String slot(NodeOutput value) {
        return value.name() + " " + value.type() + " @" + place(value) + (buffers.isInPlace(value) ? " in place" : "");
    }

    private Explanation.StoredValue value(NodeOutput value) {
        return new Explanation.StoredValue(value.name(), value.type().toString(), value.type().bytes(), place(value),
                buffers.isInPlace(value));
    }

    private String place(NodeOutput value) {
        return switch (buffers.home(value)) {
            case Home.InState(String path) -> "state";
            case Home.InInputs(long offset) -> "input+" + offset;
            case Home.InOutputs(int slot) -> "output" + slot;
            case Home.InTemporaries(int slot) -> place(slot);
        };
    }

    private String place(int slot) {
        Layout.Place place = layout.places().get(slot);
        return (layout.blocks().size() > 1 ? "block" + place.block() : "") + "+" + place.offset();
    }

    private static String bytes(long bytes) {
        return bytes < 10_240 ? bytes + " B" : bytes < 10_485_760 ? String.format(Locale.ROOT, "%.1f KiB", bytes / 1024.0)
                : String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0);
    }
}
