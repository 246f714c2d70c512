package dev.quern.bench.kernel;

import dev.quern.bench.measure.Machine;
import dev.quern.bench.peer.PeerTask;
import dev.quern.bench.suite.BenchCase;
import dev.quern.bench.suite.Bout;
import dev.quern.bench.suite.Candidate;
import dev.quern.kernels.Problem;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.select.Families;
import dev.quern.kernels.select.Pins;
import dev.quern.kernels.select.Selector;
import dev.quern.runtime.Device;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.QuernException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;

/**
 * A problem of a kernel family as a case.
 *
 * @param name      the case's name
 * @param pass      the case's pass
 * @param problem   the problem
 * @param check     what says how wrong a result is
 * @param tolerance the largest error that passes
 * @param peerTask  the same work for peers, given the number of sets of operands
 * @param <P>       the family's problem
 */
record KernelCase<P extends Problem>(String name, String pass, P problem, Check<P> check, double tolerance,
        IntFunction<PeerTask> peerTask) implements BenchCase {

    @Override
    public List<String> variants(DeviceInfo device) {
        return supported(new Selector(Families.load(), device, Pins.none())).stream().map(Variant::name).toList();
    }

    private List<Variant<P>> supported(Selector selector) {
        return selector.families().variantsFor(problem).stream()
                .filter(variant -> selector.supports(variant, problem, Epilogue.none()).yes()).toList();
    }

    @Override
    public Bout open(Device device, List<String> variants) {
        int sets = OperandSets.countFor(device, problem, Machine.lastLevelCacheBytes());
        return new KernelBout(device, new OperandSets(device, problem, sets), variants);
    }

    private final class KernelBout implements Bout {
        private final Device device;
        private final OperandSets operands;
        private final List<VariantRun> runs = new ArrayList<>();
        private final List<Candidate> candidates = new ArrayList<>();

        KernelBout(Device device, OperandSets operands, List<String> wanted) {
            this.device = device;
            this.operands = operands;
            try {
                Selector selector = new Selector(Families.load(), device.info(), Pins.none());
                Variant<P> best = selector.choose(name, problem, Epilogue.none()).variant();
                for (Variant<P> variant : supported(selector)) {
                    if (wanted.contains(variant.name())) {
                        candidates.add(verify(variant, variant == best));
                    }
                }
            } catch (RuntimeException e) {
                close();
                throw e;
            }
        }

        private Candidate verify(Variant<P> variant, boolean best) {
            try {
                VariantRun run = VariantRun.bind(variant, problem, device, operands);
                runs.add(run);
                operands.poisonOutputs();
                run.runOnFirstSet();
                double error = check.error(problem, operands.read());
                // Written so that NaN is turned away.
                return error <= tolerance ? new Candidate.Verified(variant.name(), best, error, run)
                        : new Candidate.Rejected(variant.name(), best, error, String.format(Locale.ROOT,
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
        public PeerTask peerTask() {
            return peerTask.apply(operands.count());
        }

        @Override
        public double flops() {
            return problem.cost().flops();
        }

        @Override
        public double bytes() {
            return problem.cost().bytes();
        }

        @Override
        public void close() {
            runs.forEach(VariantRun::close);
            operands.close();
        }
    }
}
