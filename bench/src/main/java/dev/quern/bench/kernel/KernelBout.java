package dev.quern.bench.kernel;

import dev.quern.bench.peer.PeerTask;
import dev.quern.bench.suite.Bout;
import dev.quern.bench.suite.Candidate;
import dev.quern.kernels.Operand;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Problem;
import dev.quern.kernels.Role;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.select.Choice;
import dev.quern.kernels.select.Families;
import dev.quern.kernels.select.Pins;
import dev.quern.kernels.select.Selector;
import dev.quern.kernels.tune.Tuning;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/** A kernel case made ready: its variants, each verified, on the same operands. */
final class KernelBout<P extends Problem> implements Bout {
    private final KernelCase<P> benchCase;
    private final Device device;
    private final OperandSets operands;
    private final List<VariantRun> runs = new ArrayList<>();
    private final List<Candidate> candidates = new ArrayList<>();
    /** Operands with the outputs of a variant that was found right; empty until there is one. */
    private List<HostTensor> right = List.of();

    KernelBout(KernelCase<P> benchCase, Device device, OperandSets operands, List<String> wanted) {
        this.benchCase = benchCase;
        this.device = device;
        this.operands = operands;
        try {
            Selector selector = new Selector(Families.load(), device.info(), Pins.none(), Tuning.of(device.info()));
            Choice<P> best = selector.choose(benchCase.name(), benchCase.problem(), Epilogue.none());
            Check<P> check = benchCase.check().forOneBout();
            for (Variant<P> variant : benchCase.supported(selector)) {
                if (wanted.contains(variant.name())) {
                    boolean chosen = variant == best.variant();
                    candidates.add(verify(variant, chosen ? best.parameters()
                            : variant.parameters(benchCase.problem(), device.info()), chosen, check));
                }
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private Candidate verify(Variant<P> variant, Parameters parameters, boolean best, Check<P> check) {
        double tolerance = benchCase.tolerance();
        try {
            VariantRun run = VariantRun.bind(variant, parameters, benchCase.problem(), device, operands);
            runs.add(run);
            operands.poisonOutputs();
            run.runOnFirstSet();
            List<HostTensor> results = operands.read();
            double error = check.error(benchCase.problem(), results);
            // Written so that NaN is turned away.
            if (error <= tolerance) {
                right = results;
                return new Candidate.Verified(variant.name(), best, error, run.sources(), run);
            }
            return new Candidate.Rejected(variant.name(), best, error, String.format(Locale.ROOT,
                    "wrong result: relative error %.1e, at most %.0e is right; not timed", error, tolerance));
        } catch (QuernException e) {
            return new Candidate.Rejected(variant.name(), best, Double.NaN, e.getMessage());
        }
    }

    @Override
    public List<Candidate> candidates() {
        return List.copyOf(candidates);
    }

    @Override
    public Optional<PeerTask> peerTask() {
        return benchCase.peerTask().map(task -> task.apply(operands.count()));
    }

    @Override
    public List<HostTensor> peerInputs() {
        return right.isEmpty() ? List.of() : only(Role.INPUT);
    }

    @Override
    public OptionalDouble peerError(List<double[]> outputs) {
        List<HostTensor> ours = only(Role.OUTPUT);
        if (ours.size() > outputs.size()) {
            return OptionalDouble.empty();
        }
        double worst = 0;
        for (int i = 0; i < ours.size(); i++) {
            double[] theirs = outputs.get(i);
            long count = ours.get(i).shape().elements();
            if (theirs.length != count) {
                return OptionalDouble.of(Double.POSITIVE_INFINITY);
            }
            worst = Math.max(worst, Check.relativeError(index -> theirs[(int) index], ours.get(i)::get, count));
        }
        return OptionalDouble.of(worst);
    }

    private List<HostTensor> only(Role role) {
        List<HostTensor> those = new ArrayList<>();
        for (int i = 0; i < right.size(); i++) {
            if (benchCase.problem().operands().get(i).role() == role) {
                those.add(right.get(i));
            }
        }
        return those;
    }

    @Override
    public double flops() {
        return benchCase.problem().cost().flops();
    }

    @Override
    public double bytes() {
        return benchCase.problem().cost().bytes();
    }

    @Override
    public double written() {
        return benchCase.problem().operands().stream().filter(operand -> operand.role() != Role.INPUT)
                .mapToLong(Operand::bytes).sum();
    }

    @Override
    public void close() {
        runs.forEach(VariantRun::close);
        operands.close();
    }
}
