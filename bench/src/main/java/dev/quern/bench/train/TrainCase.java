package dev.quern.bench.train;

import dev.quern.bench.peer.PeerTask;
import dev.quern.bench.suite.BenchCase;
import dev.quern.bench.suite.Bout;
import dev.quern.bench.suite.Candidate;
import dev.quern.examples.ExampleModel;
import dev.quern.graph.compile.CompileOptions;
import dev.quern.layers.optim.Sgd;
import dev.quern.layers.train.ModelGraph;
import dev.quern.runtime.Device;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Devices;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A training step of a model: SGD with momentum, as peers do it, on its built-in data.
 *
 * @param example the model
 * @param batch   samples a step
 */
record TrainCase(ExampleModel example, int batch) implements BenchCase {
    /** The one way to do it: the plan as it is compiled without pins. */
    private static final String VARIANT = "plan";
    private static final double MOMENTUM = 0.9;
    private static final String HOST = "host";
    /** As golden cases allow for losses after several steps. */
    private static final double TOLERANCE = 1e-4;
    /**
     * The same for the state of a deep model after two steps: where a value is next to zero in front of a ReLU, or two next to each
     * other in a pool, roundings decide, and a single such decision moved gradients of VGG-11 by 2.5e-3 (Winograd's algorithm beside the
     * definition; without it they agree to 1.4e-6). What is wrong is off by more than this.
     */
    private static final double TOLERANCE_OF_STATE = 1e-2;
    /** Operations of a step up to which the references take seconds; larger steps are held against the host device, itself held to them. */
    private static final double REFERENCE_FLOPS = 3e9;

    @Override
    public String name() {
        return example.name() + "/b" + batch;
    }

    @Override
    public String pass() {
        return "step";
    }

    @Override
    public List<String> variants(DeviceInfo device) {
        boolean measured = !device.id().equals(HOST) || flops() <= REFERENCE_FLOPS;
        return measured ? List.of(VARIANT) : List.of();
    }

    private double flops() {
        return TrainingStep.flops(ModelGraph.training(example.task(), batch, Sgd.momentum(MOMENTUM)).graph());
    }

    private TrainingStep compile(Device device) {
        return TrainingStep.compile(example, example.recipe().optimizer(Sgd.momentum(MOMENTUM)), batch, device, CompileOptions.defaults());
    }

    @Override
    public Bout open(Device device, List<String> variants) {
        return new TrainBout(compile(device));
    }

    private final class TrainBout implements Bout {
        private final TrainingStep step;
        private final Candidate candidate;

        TrainBout(TrainingStep step) {
            this.step = step;
            try {
                TrainingStep.Difference difference = difference(step);
                double error = Math.max(difference.loss(), difference.state());
                boolean deep = step.flops() > REFERENCE_FLOPS;
                // Written so that NaN is turned away.
                boolean right = difference.loss() <= TOLERANCE && difference.state() <= (deep ? TOLERANCE_OF_STATE : TOLERANCE);
                this.candidate = right ? new Candidate.Verified(VARIANT, true, error, "", step)
                        : new Candidate.Rejected(VARIANT, true, error, String.format(Locale.ROOT,
                                "wrong step: relative error %.1e of the loss, %.1e of the state, at most %.0e is right; not timed",
                                difference.loss(), difference.state(), TOLERANCE));
            } catch (RuntimeException e) {
                step.close();
                throw e;
            }
        }

        private TrainingStep.Difference difference(TrainingStep step) {
            if (step.flops() <= REFERENCE_FLOPS) {
                double error = step.errorOfTwoSteps();
                return new TrainingStep.Difference(error, error);
            }
            try (Device host = Devices.open(HOST); TrainingStep other = compile(host)) {
                return step.beside(other);
            }
        }

        @Override
        public List<Candidate> candidates() {
            return List.of(candidate);
        }

        @Override
        public Optional<PeerTask> peerTask() {
            return Optional.of(new PeerTask.Train(example.name(), batch));
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
