package dev.quern.kernels.reduce;

import dev.quern.kernels.HostStorage;
import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.Prologue;
import dev.quern.kernels.expr.Prologues;
import dev.quern.kernels.expr.HostEpilogue;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.HostArguments;
import dev.quern.runtime.HostCode;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The host device's rung: blocks of neighbours joined element by element in plain loops. */
final class HostReduce implements Variant<ReduceProblem> {
    /** Elements of a block: two of them stay in the first-level cache. */
    private static final int BLOCK = 512;
    /** Blocks joined before they are added to the total, which keeps the rounding of long sums small. */
    private static final int BLOCKS_PER_TOTAL = 128;
    private static final int PARTS_PER_CORE = 4;
    private static final int LEAST_ELEMENTS = 16 * 1024;

    private record Scratch(float[] next, float[] block, float[] total) {
        Scratch() {
            this(new float[BLOCK], new float[BLOCK], new float[BLOCK]);
        }
    }

    /** What is applied to a tensor as it is loaded, and the position of the first argument that it takes. */
    private record Before(HostEpilogue expression, int first) {
        static List<Before> of(ReduceProblem problem, Prologues prologues) {
            List<Before> all = new ArrayList<>();
            int first = problem.members() + 1;
            for (int member = 0; member < problem.members(); member++) {
                Prologue prologue = prologues.of(ReduceProblem.X + member);
                all.add(new Before(HostEpilogue.of(prologue), first));
                first += prologue.operands().size();
            }
            return all;
        }
    }

    /** How the work is cut: units of outputs, and pieces of each unit's terms, in parts. */
    private record Cut(int units, int pieces, int parts, int perPart) {
        static Cut of(ReduceProblem problem, ReduceLayout layout, DeviceInfo device) {
            int blocks = Math.ceilDiv(layout.inner(), BLOCK);
            int units = layout.keptCount() * (layout.innerReduced() ? 1 : blocks);
            int pieces = layout.runCount() * (layout.innerReduced() ? blocks : 1);
            long elements = (long) problem.terms() * problem.outputs();
            int wanted = Math.clamp(elements / LEAST_ELEMENTS, 1, device.computeUnits() * PARTS_PER_CORE);
            int perPart = Math.ceilDiv(pieces, Math.clamp(wanted / units, 1, pieces));
            return new Cut(units, pieces, Math.ceilDiv(pieces, perPart), perPart);
        }
    }

    @Override
    public String name() {
        return "host_blocks";
    }

    @Override
    public Dialect dialect() {
        return Dialect.JAVA;
    }

    @Override
    public String summary() {
        return "Blocks of neighbours are copied into an array of the thread and joined with another array element by element, a "
                + "plain loop that the JIT turns into vector code; long reductions are cut into parts for the cores.";
    }

    @Override
    public Support supports(ReduceProblem problem, DeviceInfo device) {
        return Support.supported();
    }

    @Override
    public Support takes(Epilogue epilogue, ReduceProblem problem) {
        return ReduceText.takes(epilogue, problem);
    }

    @Override
    public Support takes(Prologue prologue, int operand, ReduceProblem problem) {
        return ReduceText.takes(prologue, operand, problem);
    }

    @Override
    public double preference(ReduceProblem problem, DeviceInfo device) {
        return 0.5;
    }

    @Override
    public KernelPlan plan(ReduceProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        return plan(problem, device, parameters, Prologues.none(), epilogue);
    }

    @Override
    public KernelPlan plan(ReduceProblem problem, DeviceInfo device, Parameters parameters, Prologues prologues, Epilogue epilogue) {
        ReduceLayout layout = ReduceLayout.of(problem);
        Cut cut = Cut.of(problem, layout, device);
        HostEpilogue finish = new HostEpilogue(epilogue);
        List<Before> before = Before.of(problem, prologues);
        ThreadLocal<Scratch> scratch = ThreadLocal.withInitial(Scratch::new);
        HostCode code = new HostCode("reduce/host_blocks", Map.of(
                "parts", (arguments, group) -> part(problem, layout, cut, arguments, (int) group, before, scratch.get()),
                "combine", (arguments, group) -> combine(problem, cut.parts, arguments, scratch.get(), finish, (int) group)));
        Reference partial = Reference.workspace(0);
        List<Reference> results = new ArrayList<>(List.of(partial));
        results.addAll(ReduceText.outputs(problem));
        return new KernelPlan(List.of(
                new PlannedLaunch("parts", code, "parts", Grid.ofTiles((long) problem.members() * cut.units * cut.parts),
                        ReduceText.arguments(problem, List.of(partial), prologues, Epilogue.none())),
                new PlannedLaunch("combine", code, "combine", 
                        Grid.ofTiles((long) problem.members() * Math.ceilDiv(problem.outputs(), BLOCK)), Reference.withEpilogue(results, epilogue))),
                ReduceText.partial(problem, cut.parts));
    }

    private static void part(ReduceProblem problem, ReduceLayout layout, Cut cut, HostArguments arguments, int all,
            List<Before> before, Scratch scratch) {
        int member = all / (cut.units * cut.parts);
        int group = all % (cut.units * cut.parts);
        ReduceOp op = problem.op();
        int outputs = problem.outputs();
        boolean innerReduced = layout.innerReduced();
        int unit = group % cut.units;
        int part = group / cut.units;
        int blocks = Math.ceilDiv(layout.inner(), BLOCK);
        int keptRow = innerReduced ? unit : unit / blocks;
        int column = innerReduced ? 0 : unit % blocks * BLOCK;
        float neutral = (float) op.neutral();
        Arrays.fill(scratch.total, neutral);
        int end = Math.min(cut.pieces, (part + 1) * cut.perPart);
        for (int first = part * cut.perPart; first < end; first += BLOCKS_PER_TOTAL) {
            Arrays.fill(scratch.block, neutral);
            for (int piece = first; piece < Math.min(end, first + BLOCKS_PER_TOTAL); piece++) {
                int run = innerReduced ? piece / blocks : piece;
                int from = innerReduced ? piece % blocks * BLOCK : column;
                int count = Math.min(BLOCK, layout.inner() - from);
                long at = (long) layout.keptAt(keptRow) + layout.runAt(run) + from;
                HostStorage.load(arguments.memory(member), problem.dtype(), at, scratch.next, 0, count);
                before.get(member).expression.apply(scratch.next, 0, count, at, arguments, before.get(member).first);
                terms(op, scratch.next, count);
                join(op, scratch.block, scratch.next, count);
            }
            join(op, scratch.total, scratch.block, BLOCK);
        }
        long output = ((long) member * cut.parts + part) * outputs + (innerReduced ? keptRow : (long) keptRow * layout.inner() + column);
        if (innerReduced) {
            joinPairs(op, scratch);
        }
        MemorySegment.copy(scratch.total, 0, arguments.memory(problem.members()), ValueLayout.JAVA_FLOAT, output * Float.BYTES,
                innerReduced ? 1 : Math.min(BLOCK, layout.inner() - column));
    }

    /** Joins the elements of the total pair by pair, into its first one. */
    private static void joinPairs(ReduceOp op, Scratch scratch) {
        for (int half = BLOCK / 2; half > 0; half /= 2) {
            System.arraycopy(scratch.total, half, scratch.next, 0, half);
            join(op, scratch.total, scratch.next, half);
        }
    }

    private static void combine(ReduceProblem problem, int parts, HostArguments arguments, Scratch scratch, HostEpilogue finish,
            int group) {
        int groups = Math.ceilDiv(problem.outputs(), BLOCK);
        int member = group / groups;
        int first = group % groups * BLOCK;
        int count = Math.min(BLOCK, problem.outputs() - first);
        Arrays.fill(scratch.total, (float) problem.op().neutral());
        for (int part = 0; part < parts; part++) {
            long at = ((long) member * parts + part) * problem.outputs() + first;
            MemorySegment.copy(arguments.memory(0), ValueLayout.JAVA_FLOAT, at * Float.BYTES, scratch.next, 0, count);
            join(problem.op(), scratch.total, scratch.next, count);
        }
        if (problem.op() == ReduceOp.MEAN || problem.op() == ReduceOp.NORM2) {
            for (int i = 0; i < count; i++) {
                scratch.total[i] = (float) problem.op().finish(scratch.total[i], problem.terms());
            }
        }
        finish.apply(scratch.total, 0, count, first, arguments, 2);
        HostStorage.store(arguments.memory(1 + member), problem.dtype(), first, scratch.total, 0, count);
    }

    /** Makes elements what they count as. */
    private static void terms(ReduceOp op, float[] elements, int count) {
        if (op == ReduceOp.SUM_SQUARES || op == ReduceOp.NORM2) {
            for (int i = 0; i < count; i++) {
                elements[i] *= elements[i];
            }
        } else if (op == ReduceOp.NORM1) {
            for (int i = 0; i < count; i++) {
                elements[i] = Math.abs(elements[i]);
            }
        }
    }

    /** One loop an operation, so that the JIT vectorises each. */
    private static void join(ReduceOp op, float[] into, float[] from, int count) {
        switch (op) {
            case SUM, MEAN, SUM_SQUARES, NORM1, NORM2 -> {
                for (int i = 0; i < count; i++) {
                    into[i] += from[i];
                }
            }
            case PROD -> {
                for (int i = 0; i < count; i++) {
                    into[i] *= from[i];
                }
            }
            case MAX -> {
                for (int i = 0; i < count; i++) {
                    into[i] = Math.max(into[i], from[i]);
                }
            }
            case MIN -> {
                for (int i = 0; i < count; i++) {
                    into[i] = Math.min(into[i], from[i]);
                }
            }
        }
    }
}
