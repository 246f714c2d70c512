package dev.quern.kernels.attention;

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
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The rung of attention's gradients for OpenCL on CPUs: blocks of queries against a run of keys, in register tiles. */
final class RegisterTilesCpuBackward implements Variant<AttentionBackwardProblem> {
    private static final int ITEMS_PER_CORE = 4;
    private static final int JOINED_ELEMENTS = 32 * 1024;

    @Override
    public String name() {
        return "register_tiles_cpu";
    }

    @Override
    public Dialect dialect() {
        return Dialect.OPENCL;
    }

    @Override
    public String summary() {
        return "A work-item takes all queries of a head through a run of its keys, block by block: five products a pair, each with "
                + "a tile of sums in registers. The gradients of its keys and values are its own; of the queries' gradient it makes a "
                + "part, and a second launch adds the parts up where there are several.";
    }

    @Override
    public List<Tunable> tunables() {
        return Stream.concat(RegisterTilesCpu.tunables().stream(),
                Stream.of(new Tunable("RUN", List.of(1024, 256, 512, 2048), "at most so many keys of a work-item"))).toList();
    }

    @Override
    public Support supports(AttentionBackwardProblem problem, DeviceInfo device) {
        AttentionGeometry geometry = problem.geometry();
        return RegisterTilesCpu.supports(geometry).and(Support.when(
                partBytes(geometry, Math.ceilDiv(geometry.keys(), run(geometry, device, 256))) <= device.maxAllocation(),
                "the runs' parts of dq do not fit an allocation"));
    }

    @Override
    public double preference(AttentionBackwardProblem problem, DeviceInfo device) {
        return device.isCpu() ? 0.7 : 0.005;
    }

    @Override
    public Parameters parameters(AttentionBackwardProblem problem, DeviceInfo device) {
        // Smaller blocks of keys waste less on a causal mask's edge, and five blocks of this size share the caches.
        return RegisterTilesCpu.parameters(problem.geometry(), device).with("KB", 48).with("RUN", 1024);
    }

    @Override
    public Support accepts(Parameters parameters, AttentionBackwardProblem problem, DeviceInfo device) {
        return RegisterTilesCpu.accepts(parameters);
    }

    /** The keys of a run: some work-items for every core, and no more than the second-level cache holds with their gradients. */
    private static int run(AttentionGeometry geometry, DeviceInfo device, int most) {
        int wanted = Math.ceilDiv(device.computeUnits() * ITEMS_PER_CORE, geometry.allHeads());
        int runs = Math.max(Math.ceilDiv(geometry.keys(), most), Math.min(wanted, Math.ceilDiv(geometry.keys(), 64)));
        return Math.ceilDiv(geometry.keys(), runs);
    }

    private static long partBytes(AttentionGeometry geometry, int runs) {
        return runs == 1 ? 0 : (long) runs * geometry.allHeads() * geometry.queries() * geometry.dim() * Float.BYTES;
    }

    @Override
    public KernelPlan plan(AttentionBackwardProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        AttentionGeometry geometry = problem.geometry();
        String front = RegisterTilesCpu.tail("KEY", parameters.value(VectorWidth.NAME), geometry.dim());
        KernelText text = AttentionText.of(problem.family(), name(), dialect(), geometry,
                front + RegisterTilesCpu.front(geometry, parameters), RegisterTilesCpu.defines(parameters));
        int run = run(geometry, device, parameters.value("RUN"));
        int runs = Math.ceilDiv(geometry.keys(), run);
        int result = problem.result();
        List<Reference> arguments = AttentionText.arguments(0, geometry.mask() ? result - 1 : result);
        List<PlannedLaunch> launches = new ArrayList<>();
        List<Long> workspaces = new ArrayList<>();
        if (geometry.mask()) {
            launches.add(RegisterTilesCpu.turnMask(text, geometry, Reference.operand(result - 1), parameters));
            workspaces.add(RegisterTilesCpu.turnedMaskBytes(geometry, parameters));
            arguments.add(Reference.workspace(0));
        }
        Reference dq = Reference.operand(result + 2);
        Reference parts = runs == 1 ? dq : Reference.workspace(workspaces.size());
        arguments.addAll(List.of(Reference.operand(result), Reference.operand(result + 1), parts, Reference.operand(result + 3),
                Reference.operand(result + 4), Reference.number(geometry.allHeads())));
        arguments.addAll(AttentionText.sizes(geometry));
        arguments.addAll(List.of(Reference.number(run), Reference.number(geometry.scale())));
        launches.add(new PlannedLaunch("gradients", text, "attention_backward",
                Grid.ofTiles((long) geometry.allHeads() * runs), arguments));
        if (runs > 1) {
            workspaces.add(partBytes(geometry, runs));
            int rows = geometry.allHeads() * geometry.queries();
            int rowsOfItem = Math.ceilDiv(JOINED_ELEMENTS, geometry.dim() * runs);
            launches.add(new PlannedLaunch("join", text, "join", Grid.ofTiles(Math.ceilDiv(rows, rowsOfItem)),
                    List.of(parts, dq, Reference.number(rows), Reference.number(rowsOfItem), Reference.number(geometry.queries()),
                            Reference.number(geometry.keys()), Reference.number(run))));
        }
        return new KernelPlan(launches, workspaces);
    }
}
