package dev.quern.bench.recurrent;

import dev.quern.bench.ceiling.Ceilings;
import dev.quern.bench.kernel.GemmSuite;
import dev.quern.bench.peer.PeerInput;
import dev.quern.bench.peer.PeerTask;
import dev.quern.bench.suite.BenchCase;
import dev.quern.bench.suite.Bout;
import dev.quern.bench.suite.Candidate;
import dev.quern.bench.suite.Yardstick;
import dev.quern.kernels.recurrent.RecurrentCell;
import dev.quern.kernels.select.Pins;
import dev.quern.runtime.Device;
import dev.quern.runtime.Devices;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;

/** A recurrent case made ready: a plan for each variant, held against the host device, whose kernels are other code. */
final class RecurrentBout implements Bout {
    /** Weight gradients are sums over all steps and rows. */
    private static final double TOLERANCE = 1e-4;
    /** As PyTorch initialises these layers, numbers of about this size times 1 / sqrt(H). */
    private static final double WEIGHT = 1;

    private final RecurrentCase benchCase;
    private final List<PeerInput> inputs;
    private final List<HostTensor> tensors = new ArrayList<>();
    private final List<RecurrentPlan> plans = new ArrayList<>();
    private final List<Candidate> candidates = new ArrayList<>();
    private final List<HostTensor> expected;
    private final Bout product;

    RecurrentBout(RecurrentCase benchCase, Device device, List<String> variants) {
        this.benchCase = benchCase;
        this.inputs = inputs(benchCase);
        Random random = new Random(20);
        inputs.forEach(input -> tensors.add(input.random(random)));
        try (Device host = Devices.open("host"); RecurrentPlan plan = RecurrentPlan.compile(benchCase, tensors, host, Pins.none())) {
            this.expected = plan.results();
        }
        List<String> best = benchCase.chosen(device.info());
        BenchCase square = GemmSuite.square(1024);
        this.product = square.open(device, square.chosen(device.info()));
        try {
            for (String variant : variants) {
                candidates.add(verify(variant, best.contains(variant), device));
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** x, weight_ih, weight_hh, bias_ih, bias_hh, dy. */
    private static List<PeerInput> inputs(RecurrentCase c) {
        int rows = c.cell().gates() * c.hidden();
        double bound = WEIGHT / Math.sqrt(c.hidden());
        return List.of(PeerInput.f32(c.steps(), c.batch(), c.features()), PeerInput.f32(rows, c.features()).in(-bound, bound),
                PeerInput.f32(rows, c.hidden()).in(-bound, bound), PeerInput.f32(rows).in(-bound, bound),
                PeerInput.f32(rows).in(-bound, bound), PeerInput.f32(c.steps(), c.batch(), c.hidden()));
    }

    private Candidate verify(String variant, boolean best, Device device) {
        try {
            RecurrentPlan plan = RecurrentPlan.compile(benchCase, tensors, device, best ? Pins.none()
                    : Pins.none().with("recurrent-forward", variant).with("recurrent-backward", variant));
            plans.add(plan);
            double error = error(plan.results());
            // Written so that NaN is turned away.
            return error <= TOLERANCE ? new Candidate.Verified(variant, best, error, plan.named(variant))
                    : new Candidate.Rejected(variant, best, error, String.format(Locale.ROOT,
                            "wrong result: relative error %.1e against the host device, at most %.0e is right; not timed", error,
                            TOLERANCE));
        } catch (QuernException e) {
            return new Candidate.Rejected(variant, best, Double.NaN, e.getMessage());
        }
    }

    private double error(List<HostTensor> results) {
        double worst = 0;
        for (int i = 0; i < expected.size(); i++) {
            HostTensor right = expected.get(i);
            double difference = 0;
            double size = 0;
            for (long k = 0; k < right.shape().elements(); k++) {
                double off = results.get(i).get(k) - right.get(k);
                difference += off * off;
                size += right.get(k) * right.get(k);
            }
            double error = Math.sqrt(difference / size);
            worst = error <= worst ? worst : error;
        }
        return worst;
    }

    @Override
    public List<Candidate> candidates() {
        return List.copyOf(candidates);
    }

    /** The gradients of x and all weights, which are what a training step needs of the backward pass. */
    @Override
    public Optional<PeerTask> peerTask() {
        boolean lstm = benchCase.cell() == RecurrentCell.LSTM;
        String operator = lstm ? "lstm" : benchCase.cell() == RecurrentCell.GRU ? "gru" : "rnn_tanh";
        String script = """
                def run(x, w, u, b, c, dy):
                  x1 = leaf(x)
                  w1 = leaf(w)
                  u1 = leaf(u)
                  b1 = leaf(b)
                  c1 = leaf(c)
                  h0 = torch.new_zeros(x, [1, %d, %d])
                  %s = torch.%s(x1, %s, [w1, u1, b1, c1], True, 1, 0., True, False, False)
                  return [y] + gradients([y], [x1, w1, u1, b1, c1], [dy])
                """.formatted(benchCase.batch(), benchCase.hidden(), lstm ? "y, hn, cn" : "y, hn", operator,
                lstm ? "[h0, h0]" : "h0");
        return Optional.of(new PeerTask.Operation(benchCase.name() + " training", inputs, script, 1));
    }

    @Override
    public List<HostTensor> peerInputs() {
        return tensors;
    }

    @Override
    public OptionalDouble peerError(List<double[]> outputs) {
        if (outputs.size() != expected.size()) {
            return OptionalDouble.empty();
        }
        List<HostTensor> theirs = new ArrayList<>();
        for (double[] output : outputs) {
            HostTensor tensor = HostTensor.zeros(dev.quern.runtime.DType.F64, Shape.of(output.length));
            for (int i = 0; i < output.length; i++) {
                tensor.set(i, output[i]);
            }
            theirs.add(tensor);
        }
        return OptionalDouble.of(error(theirs));
    }

    /** The six products of a training step: the input's and the hidden state's forward, and their two gradients each. */
    @Override
    public double flops() {
        return 6.0 * benchCase.steps() * benchCase.batch() * benchCase.cell().gates() * benchCase.hidden()
                * (benchCase.features() + benchCase.hidden());
    }

    /** Not given: how often a step moves each tensor is the compiler's choice. */
    @Override
    public double bytes() {
        return 0;
    }

    @Override
    public Optional<Yardstick> yardstick() {
        return product.candidates().stream().filter(Candidate.Verified.class::isInstance).map(Candidate.Verified.class::cast)
                .map(verified -> new Yardstick(verified.contestant(), product.flops(), Ceilings.Bound.GEMM)).findFirst();
    }

    @Override
    public void close() {
        product.close();
        plans.forEach(RecurrentPlan::close);
    }
}
