package dev.quern.kernels.softmax;

import dev.quern.kernels.HostStorage;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.HostExp;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.HostArguments;
import dev.quern.runtime.HostCode;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The host device's rung of cross-entropy: a group walks a run of rows, then one group takes the mean. */
final class HostCrossEntropy implements Variant<CrossEntropyProblem> {
    private static final int ELEMENTS_PER_GROUP = 8 * 1024;

    private record Scratch(float[] row, int[] exponents) {
    }

    @Override
    public String name() {
        return "host_rows";
    }

    @Override
    public Dialect dialect() {
        return Dialect.JAVA;
    }

    @Override
    public String summary() {
        return "A group copies each of its rows into an array of its thread and writes the row's loss and gradient; a second "
                + "launch adds up the losses.";
    }

    @Override
    public Support supports(CrossEntropyProblem problem, DeviceInfo device) {
        return Support.supported();
    }

    @Override
    public double preference(CrossEntropyProblem problem, DeviceInfo device) {
        return 0.5;
    }

    @Override
    public KernelPlan plan(CrossEntropyProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        int perGroup = Math.max(1, ELEMENTS_PER_GROUP / problem.classes());
        ThreadLocal<Scratch> scratch = ThreadLocal
                .withInitial(() -> new Scratch(new float[problem.classes()], new int[problem.classes()]));
        HostCode code = new HostCode("softmax-cross-entropy/host_rows", Map.of("rows", (arguments, group) -> {
            int first = (int) group * perGroup;
            float share = 1f / kept(problem, arguments.memory(1));
            for (int row = first; row < Math.min(first + perGroup, problem.rows()); row++) {
                row(problem, arguments, row, share, scratch.get());
            }
        }, "mean", (arguments, group) -> mean(problem, arguments)));
        Reference losses = Reference.workspace(0);
        return new KernelPlan(List.of(
                new PlannedLaunch("rows", code, "rows", Grid.ofTiles(Math.ceilDiv(problem.rows(), perGroup)),
                        CrossEntropyText.rowArguments(problem, losses)),
                new PlannedLaunch("mean", code, "mean", Grid.ofTiles(1),
                        List.of(losses, Reference.operand(CrossEntropyProblem.LOSS),
                                Reference.operand(CrossEntropyProblem.LABELS)))),
                List.of((long) problem.rows() * Float.BYTES));
    }

    private static int kept(CrossEntropyProblem problem, MemorySegment labels) {
        int kept = 0;
        for (int row = 0; row < problem.rows(); row++) {
            kept += labels.getAtIndex(ValueLayout.JAVA_INT, row) == CrossEntropyProblem.IGNORED ? 0 : 1;
        }
        return kept;
    }

    private static void row(CrossEntropyProblem problem, HostArguments arguments, int row, float share, Scratch scratch) {
        int classes = problem.classes();
        long first = (long) row * classes;
        float[] z = scratch.row;
        int label = arguments.memory(1).getAtIndex(ValueLayout.JAVA_INT, row);
        if (label == CrossEntropyProblem.IGNORED) {
            arguments.memory(2).setAtIndex(ValueLayout.JAVA_FLOAT, row, 0);
            if (problem.withGradient()) {
                Arrays.fill(z, 0);
                HostStorage.store(arguments.memory(3), problem.dtype(), first, z, 0, classes);
            }
            return;
        }
        HostStorage.load(arguments.memory(0), problem.dtype(), first, z, 0, classes);
        boolean known = label >= 0 && label < classes;
        float largest = Float.NEGATIVE_INFINITY;
        for (float x : z) {
            largest = Math.max(largest, x);
        }
        float on = 1 - problem.labelSmoothing();
        float off = problem.labelSmoothing() / classes;
        float ofLabel = known ? z[label] - largest : Float.NaN;
        double plain = 0;
        for (int i = 0; i < classes; i++) {
            z[i] -= largest;
            plain += z[i];
        }
        HostExp.apply(z, scratch.exponents, classes);
        double sum = 0;
        for (float e : z) {
            sum += e;
        }
        double loss = Math.log(sum) - on * ofLabel - (off > 0 ? off * plain : 0);
        arguments.memory(2).setAtIndex(ValueLayout.JAVA_FLOAT, row, (float) loss);
        if (problem.withGradient()) {
            float factor = (float) (1 / sum);
            for (int i = 0; i < classes; i++) {
                float target = known ? off + (i == label ? on : 0) : Float.NaN;
                z[i] = (z[i] * factor - target) * share;
            }
            HostStorage.store(arguments.memory(3), problem.dtype(), first, z, 0, classes);
        }
    }

    private static void mean(CrossEntropyProblem problem, HostArguments arguments) {
        double sum = 0;
        for (int row = 0; row < problem.rows(); row++) {
            sum += arguments.memory(0).getAtIndex(ValueLayout.JAVA_FLOAT, row);
        }
        arguments.memory(1).setAtIndex(ValueLayout.JAVA_FLOAT, 0, (float) (sum / kept(problem, arguments.memory(2))));
    }
}
