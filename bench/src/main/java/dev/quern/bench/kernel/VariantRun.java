package dev.quern.bench.kernel;

import dev.quern.bench.measure.Contestant;
import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Problem;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.tune.SourceHash;
import dev.quern.runtime.Argument;
import dev.quern.runtime.Device;
import dev.quern.runtime.Launch;
import dev.quern.runtime.Memory;
import dev.quern.runtime.Recording;
import dev.quern.runtime.Slice;
import java.util.ArrayList;
import java.util.List;

/**
 * One variant bound to the sets of operands. Runs are timed on the device's own clock, all launches of a run together:
 * packing and other preparation count, except what a plan marks as done once for operands that seldom change.
 */
final class VariantRun implements Contestant, AutoCloseable {
    private final String name;
    private final Device device;
    private final String sources;
    private final List<Memory> workspaces = new ArrayList<>();
    private final List<Recording> recordings = new ArrayList<>();
    private int turn;

    private VariantRun(String name, Device device, String sources) {
        this.name = name;
        this.device = device;
        this.sources = sources;
    }

    /** Compiles the variant's kernels with these parameters and binds them. */
    static <P extends Problem> VariantRun bind(Variant<P> variant, Parameters parameters, P problem, Device device,
            OperandSets operands) {
        KernelPlan plan = variant.plan(problem, device.info(), parameters, Epilogue.none());
        VariantRun run = new VariantRun(variant.name(), device, SourceHash.of(plan));
        try {
            List<Slice> workspaces = run.workspaces(plan);
            for (int i = 0; i < operands.count(); i++) {
                if (plan.isPrepared()) {
                    // What is prepared from an operand belongs to its set.
                    workspaces = i == 0 ? workspaces : run.workspaces(plan);
                    device.queue().runOnce(run.launches(plan.only(true), operands.set(i), workspaces), device);
                }
                run.recordings.add(device.record(run.launches(plan.only(false), operands.set(i), workspaces)));
            }
            return run;
        } catch (RuntimeException e) {
            run.close();
            throw e;
        }
    }

    private List<Slice> workspaces(KernelPlan plan) {
        List<Slice> slices = new ArrayList<>();
        for (long bytes : plan.workspaces()) {
            workspaces.add(device.allocate(bytes, name + " workspace"));
            slices.add(workspaces.getLast().slice());
        }
        return slices;
    }

    private List<Launch> launches(KernelPlan plan, List<Slice> operands, List<Slice> workspaces) {
        return plan.launches().stream().map(launch -> launch(launch, operands, workspaces)).toList();
    }

    private Launch launch(KernelPlan.PlannedLaunch planned, List<Slice> operands, List<Slice> workspaces) {
        List<Argument> arguments = new ArrayList<>();
        for (KernelPlan.Reference reference : planned.arguments()) {
            arguments.add(switch (reference) {
                case KernelPlan.Reference.OfOperand(int index) -> operands.get(index);
                case KernelPlan.Reference.OfWorkspace(int index) -> workspaces.get(index);
                case KernelPlan.Reference.OfNumber(Argument number) -> number;
                case KernelPlan.Reference.OfPrologue(int operand, int index) ->
                        throw new IllegalStateException(name + ": no prologue was asked for, and it wants one of operand " + operand);
                case KernelPlan.Reference.OfEpilogue(int index) ->
                        throw new IllegalStateException(name + ": no epilogue was asked for, and it wants operand " + index);
            });
        }
        return new Launch(name + ": " + planned.role(), device.compile(planned.source()).kernel(planned.entry()),
                planned.grid(), arguments);
    }

    /** A hash of the kernels' texts with their definitions. */
    String sources() {
        return sources;
    }

    /** Runs once on the first set, and waits. */
    void runOnFirstSet() {
        device.queue().run(recordings.getFirst());
        device.queue().finish();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long[] block(int warm, int runs) {
        for (int i = 0; i < warm; i++) {
            device.queue().run(next());
        }
        device.queue().finish();
        long[] nanos = new long[runs];
        for (int i = 0; i < runs; i++) {
            for (long launch : device.queue().time(next())) {
                nanos[i] += launch;
            }
        }
        return nanos;
    }

    private Recording next() {
        Recording recording = recordings.get(turn);
        turn = (turn + 1) % recordings.size();
        return recording;
    }

    @Override
    public void close() {
        recordings.forEach(Recording::close);
        workspaces.forEach(Memory::close);
    }
}
