package dev.quern.kernels.attention;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Tunable;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The rung of attention for OpenCL on CPUs: blocks of queries against blocks of keys, in register tiles. */
final class RegisterTilesCpuForward implements Variant<AttentionForwardProblem> {
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
        return "A work-item takes a block of queries through blocks of keys that stay in the first-level cache. Scores are computed "
                + "with queries side by side in vectors, so that keys are read as single numbers and largest scores and sums are "
                + "elementwise; both products keep a tile of sums in registers, and nothing is packed beforehand.";
    }

    @Override
    public List<Tunable> tunables() {
        return RegisterTilesCpu.tunables();
    }

    @Override
    public Support supports(AttentionForwardProblem problem, DeviceInfo device) {
        return RegisterTilesCpu.supports(problem.geometry());
    }

    @Override
    public double preference(AttentionForwardProblem problem, DeviceInfo device) {
        return device.isCpu() ? 0.7 : 0.005;
    }

    @Override
    public Parameters parameters(AttentionForwardProblem problem, DeviceInfo device) {
        return RegisterTilesCpu.parameters(problem.geometry(), device);
    }

    @Override
    public Support accepts(Parameters parameters, AttentionForwardProblem problem, DeviceInfo device) {
        return RegisterTilesCpu.accepts(parameters);
    }

    @Override
    public KernelPlan plan(AttentionForwardProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        AttentionGeometry geometry = problem.geometry();
        Map<String, Object> defines = new TreeMap<>(RegisterTilesCpu.defines(parameters));
        defines.put("LSE", problem.withLogSumExp() ? 1 : 0);
        KernelText text = AttentionText.of(problem.family(), name(), dialect(), geometry,
                RegisterTilesCpu.front(geometry, parameters), defines);
        int blocks = Math.ceilDiv(geometry.queries(), RegisterTilesCpu.queriesOfBlock(parameters));
        int masks = geometry.maskOperands().size();
        List<Reference> arguments = AttentionText.arguments(0, geometry.mask() ? 2 + masks : 3 + masks);
        List<PlannedLaunch> launches = new ArrayList<>();
        List<Long> workspaces = new ArrayList<>();
        if (geometry.mask()) {
            launches.add(RegisterTilesCpu.turnMask(text, geometry, Reference.operand(2 + masks), parameters));
            workspaces.add(RegisterTilesCpu.turnedMaskBytes(geometry, parameters));
            arguments.add(Reference.workspace(0));
        }
        arguments.addAll(AttentionText.arguments(3 + masks, problem.operands().size()));
        arguments.addAll(AttentionText.sizes(geometry));
        arguments.add(Reference.number(geometry.scale()));
        launches.add(new PlannedLaunch("attend", text, "attention_forward",
                Grid.ofTiles((long) geometry.allHeads() * blocks), arguments));
        return new KernelPlan(launches, workspaces);
    }
}
