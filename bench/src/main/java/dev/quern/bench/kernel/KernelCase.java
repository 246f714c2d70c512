package dev.quern.bench.kernel;

import dev.quern.bench.measure.Machine;
import dev.quern.bench.peer.PeerInput;
import dev.quern.bench.peer.PeerTask;
import dev.quern.bench.suite.Bout;
import dev.quern.bench.tune.TuningCase;
import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.Operand;
import dev.quern.kernels.Problem;
import dev.quern.kernels.Role;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.select.Families;
import dev.quern.kernels.select.Pins;
import dev.quern.kernels.select.Selector;
import dev.quern.kernels.tune.Tuning;
import dev.quern.kernels.tune.TuningDatabase;
import dev.quern.runtime.Device;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.ProgramSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntFunction;

/**
 * A problem of a kernel family as a case. {@link #of} makes one that is checked against the family's reference and that no
 * peer knows; the other methods give it more.
 *
 * @param name      the case's name
 * @param pass      the case's pass
 * @param problem   the problem
 * @param check     what says how wrong a result is
 * @param tolerance the largest error that passes
 * @param inputs    how the inputs are filled, in their order among the problem's operands
 * @param fillers   what fills an input that random numbers cannot be, by the operand's name
 * @param peerTask  the same work for peers, given the number of sets of operands, where peers can do it
 * @param <P>       the family's problem
 */
record KernelCase<P extends Problem>(String name, String pass, P problem, Check<P> check, double tolerance,
        List<PeerInput> inputs, Map<String, OperandFiller> fillers, Optional<IntFunction<PeerTask>> peerTask) implements TuningCase {
    private static final double TOLERANCE = 1e-5;

    KernelCase {
        inputs = List.copyOf(inputs);
        fillers = Map.copyOf(fillers);
        if (inputs.size() != problem.operands().stream().filter(operand -> operand.role() == Role.INPUT).count()) {
            throw new IllegalArgumentException(problem.key() + ": " + inputs.size() + " inputs described");
        }
    }

    /** A case with random inputs in the usual ranges, checked against the whole reference to a relative error of 1e-5. */
    static <P extends Problem> KernelCase<P> of(String name, String pass, P problem) {
        List<PeerInput> inputs = problem.operands().stream().filter(operand -> operand.role() == Role.INPUT)
                .map(operand -> PeerInput.of(operand.dtype(), operand.shape())).toList();
        return new KernelCase<>(name, pass, problem, ReferenceCheck.whole(problem), TOLERANCE, inputs, Map.of(),
                Optional.empty());
    }

    /**
     * The same with a script for peers (see {@link dev.quern.bench.peer.TorchScript}), whose arguments are the problem's
     * inputs in their order.
     */
    KernelCase<P> script(String script) {
        return peerTask(sets -> new PeerTask.Operation(problem.family(), inputs, script, sets));
    }

    /** The same with a script and its work as nodes of an ONNX graph too (see {@link PeerTask.Operation}). */
    KernelCase<P> script(String script, String nodes) {
        return peerTask(sets -> new PeerTask.Operation(problem.family(), inputs, script, nodes, sets));
    }

    /** The same with this work for peers, given the number of sets of operands. */
    KernelCase<P> peerTask(IntFunction<PeerTask> task) {
        return new KernelCase<>(name, pass, problem, check, tolerance, inputs, fillers,
                Optional.of(task));
    }

    /** The same with another check and what it allows. */
    KernelCase<P> check(Check<P> other, double largestError) {
        return new KernelCase<>(name, pass, problem, other, largestError, inputs, fillers, peerTask);
    }

    /** The same with another largest error. */
    KernelCase<P> tolerance(double largestError) {
        return check(check, largestError);
    }

    /** The same with random numbers in [low, high) for one input; to be called before {@link #script}. */
    KernelCase<P> range(String operand, double low, double high) {
        List<Operand> read = problem.operands().stream().filter(one -> one.role() == Role.INPUT).toList();
        List<PeerInput> changed = new ArrayList<>(inputs);
        for (int i = 0; i < read.size(); i++) {
            if (read.get(i).name().equals(operand)) {
                changed.set(i, inputs.get(i).in(low, high));
                return new KernelCase<>(name, pass, problem, check, tolerance, changed, fillers, peerTask);
            }
        }
        throw new IllegalArgumentException(problem.key() + " reads no " + operand);
    }

    /** The same with an input that random numbers cannot be. */
    KernelCase<P> fill(String operand, OperandFiller filler) {
        Map<String, OperandFiller> more = new HashMap<>(fillers);
        more.put(operand, filler);
        return new KernelCase<>(name, pass, problem, check, tolerance, inputs, more, peerTask);
    }

    @Override
    public List<String> variants(DeviceInfo device) {
        return supported(new Selector(Families.load(), device, Pins.none())).stream().map(Variant::name).toList();
    }

    @Override
    public List<String> chosen(DeviceInfo device) {
        return List.of(new Selector(Families.load(), device, Pins.none(), Tuning.of(device))
                .choose(name, problem, Epilogue.none()).variant().name());
    }

    List<Variant<P>> supported(Selector selector) {
        return selector.families().variantsFor(problem).stream()
                .filter(variant -> selector.supports(variant, problem, Epilogue.none()).yes()).toList();
    }

    @Override
    public Bout open(Device device, List<String> variants) {
        return new KernelBout<>(this, device, operandSets(device), variants);
    }

    private OperandSets operandSets(Device device) {
        int sets = OperandSets.countFor(device, problem, Machine.lastLevelCacheBytes());
        return new OperandSets(device, problem, sets, operands());
    }

    @Override
    public String family() {
        return problem.family();
    }

    @Override
    public boolean isSettled(TuningDatabase database, DeviceInfo device) {
        Selector selector = new Selector(Families.load(), device, Pins.none(), new Tuning(List.of(database)));
        return selector.isTuned(problem);
    }

    @Override
    public List<ProgramSource> sources(DeviceInfo device, String variant) {
        Variant<P> named = supported(new Selector(Families.load(), device, Pins.none())).stream()
                .filter(one -> one.name().equals(variant)).findFirst().orElseThrow();
        return named.plan(problem, device, named.parameters(problem, device), Epilogue.none()).launches().stream()
                .map(KernelPlan.PlannedLaunch::source).distinct().toList();
    }

    @Override
    public Workbench workbench(Device device) {
        return new KernelWorkbench<>(this, device, operandSets(device));
    }

    /** Inputs filled, the same in every run, and outputs of zeros. */
    private List<HostTensor> operands() {
        Random random = new Random(1);
        List<HostTensor> operands = new ArrayList<>();
        int next = 0;
        for (Operand operand : problem.operands()) {
            if (operand.role() != Role.INPUT) {
                operands.add(HostTensor.zeros(operand.dtype(), operand.shape()));
                continue;
            }
            PeerInput input = inputs.get(next++);
            if (fillers.containsKey(operand.name())) {
                HostTensor tensor = HostTensor.zeros(operand.dtype(), operand.shape());
                fillers.get(operand.name()).fill(tensor, List.copyOf(operands), random);
                operands.add(tensor);
            } else {
                operands.add(input.random(random));
            }
        }
        return operands;
    }
}
