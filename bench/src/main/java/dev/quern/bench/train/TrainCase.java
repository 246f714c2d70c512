package dev.quern.bench.train;

import dev.quern.bench.peer.PeerTask;
import dev.quern.bench.suite.BenchCase;
import dev.quern.bench.suite.Bout;
import dev.quern.bench.suite.Candidate;
import dev.quern.graph.compile.CompileOptions;
import dev.quern.examples.ExampleModel;
import dev.quern.runtime.Device;
import dev.quern.runtime.DeviceInfo;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A training step of a model: its recipe's optimizer, on its built-in data.
 *
 * @param example the model
 * @param batch   samples a step
 */
record TrainCase(ExampleModel example, int batch) implements BenchCase {
    /** The one way to do it: the plan as it is compiled without pins. */
    private static final String VARIANT = "plan";
    /** As golden cases allow for losses after several steps. */
    private static final double TOLERANCE = 1e-4;

    @Override
    public String name() {
        return example.model().name() + "/b" + batch;
    }

    @Override
    public String pass() {
        return "step";
    }

    @Override
    public List<String> variants(DeviceInfo device) {
        return List.of(VARIANT);
    }

    @Override
    public Bout open(Device device, List<String> variants) {
        return new TrainBout(TrainingStep.compile(example, batch, device, CompileOptions.defaults()));
    }

    private final class TrainBout implements Bout {
        private final TrainingStep step;
        private final Candidate candidate;

        TrainBout(TrainingStep step) {
            this.step = step;
            try {
                double error = step.errorOfTwoSteps();
                // Written so that NaN is turned away.
                this.candidate = error <= TOLERANCE ? new Candidate.Verified(VARIANT, true, error, "", step)
                        : new Candidate.Rejected(VARIANT, true, error, String.format(Locale.ROOT,
                                "wrong loss: relative error %.1e against the references, at most %.0e is right; not timed", error,
                                TOLERANCE));
            } catch (RuntimeException e) {
                step.close();
                throw e;
            }
        }

        @Override
        public List<Candidate> candidates() {
            return List.of(candidate);
        }

        @Override
        public Optional<PeerTask> peerTask() {
            return Optional.of(new PeerTask.Train(example.model().name(), batch));
        }

        @Override
        public double flops() {
            return step.flops();
        }

        /** Not given: how often a step moves each tensor is the compiler's choice. */
        @Override
        public double bytes() {
            return 0;
        }

        @Override
        public void close() {
            step.close();
        }
    }
}
