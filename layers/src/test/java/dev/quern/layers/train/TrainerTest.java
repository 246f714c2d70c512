package dev.quern.layers.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.quern.layers.checkpoint.Checkpoint;
import dev.quern.layers.data.ImageDataset;
import dev.quern.layers.data.Split;
import dev.quern.layers.data.SyntheticDigits;
import dev.quern.layers.optim.Adam;
import dev.quern.layers.optim.Schedule;
import dev.quern.layers.testing.LeNetModel;
import dev.quern.runtime.Device;
import dev.quern.runtime.DeviceStatistics;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.testing.TestDevices;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TrainerTest {
    private static final Split<ImageDataset> SMALL = SyntheticDigits.generate(0, 130, 70)
            .training(digits -> digits.withRandomShift(1));

    @TempDir
    Path folder;

    private static TrainOptions options() {
        return TrainOptions.defaults().epochs(2).batch(16).optimizer(Adam.standard()).learningRate(0.002);
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void aShortRunLearnsToReadDigits(String id) {
        Split<ImageDataset> digits = SyntheticDigits.generate(0, 1_000, 300);
        TrainOptions options = TrainOptions.defaults().epochs(5).batch(32).learningRate(0.03)
                .schedule(Schedule.cosine(0).warmedUp(0.5));
        try (Trainer trainer = new Trainer(Classification.of(LeNetModel.model()), digits, TestDevices.shared(id), options)) {
            Evaluation before = trainer.evaluate();
            List<TrainingEvent> events = new ArrayList<>();
            trainer.listen(events::add);
            TrainingResult result = trainer.train();
            assertThat(before.metric("accuracy")).isLessThan(0.3);
            assertThat(result.test().metric("accuracy")).isGreaterThan(0.8);
            assertThat(result.test().metric("loss")).isLessThan(before.metric("loss") / 2);
            assertThat(result.parameters()).isEqualTo(61_706);
            assertThat(result.stepLosses()).hasSize(5 * 31);
            assertThat(result.stepMsMedian()).isPositive();
            assertThat(result.interrupted()).isFalse();
            assertThat(result.epochs()).hasSize(5);
            assertThat(result.epochs().get(4).loss()).isLessThan(result.epochs().get(0).loss());
            assertThat(result.epochs().get(4).samplesPerSecond()).isPositive();
            assertThat(events.get(0)).isEqualTo(new TrainingEvent.Started(61_706, 1, 5, 31, 32));
            assertThat(events).filteredOn(TrainingEvent.Step.class::isInstance).hasSize(5 * 31);
            assertThat(events).filteredOn(TrainingEvent.Evaluated.class::isInstance).hasSize(5);
        }
    }

    private record Run(float[] losses, byte[] checkpoint, Evaluation test) {
    }

    private Run run(Device device, String name, TrainOptions options) throws IOException {
        Path path = folder.resolve(name);
        try (Trainer trainer = new Trainer(Classification.of(LeNetModel.model()), SMALL, device, options.checkpoint(path))) {
            TrainingResult result = trainer.train();
            return new Run(result.stepLosses(), Files.readAllBytes(path), result.test());
        }
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void oneSeedGivesTheSameLossesAndCheckpointBytesTwice(String id) throws IOException {
        Device device = TestDevices.shared(id);
        Run first = run(device, "first", options());
        Run second = run(device, "second", options());
        assertThat(second.losses()).isEqualTo(first.losses());
        assertThat(second.checkpoint()).isEqualTo(first.checkpoint());
        assertThat(second.test().metric("loss")).isEqualTo(first.test().metric("loss"));
        assertThat(run(device, "other", options().seed(2)).losses()).isNotEqualTo(first.losses());
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void stoppedAndResumedTrainingEndsWithTheSameBitsAsUninterruptedTraining(String id) throws IOException {
        Device device = TestDevices.shared(id);
        Run whole = run(device, "whole", options());
        Path path = folder.resolve("parts");
        TrainingResult stopped;
        try (Trainer trainer = new Trainer(Classification.of(LeNetModel.model()), SMALL, device, options().checkpoint(path))) {
            trainer.listen(event -> {
                if (event instanceof TrainingEvent.Step step && step.step() == 11) {
                    trainer.stop();
                }
            });
            stopped = trainer.train();
        }
        assertThat(stopped.interrupted()).isTrue();
        assertThat(stopped.stepLosses()).hasSize(11);
        try (Trainer trainer = new Trainer(Classification.of(LeNetModel.model()), SMALL, device, options().checkpoint(path))) {
            trainer.resume(path);
            TrainingResult rest = trainer.train();
            float[] losses = Arrays.copyOf(stopped.stepLosses(), whole.losses().length);
            System.arraycopy(rest.stepLosses(), 0, losses, 11, rest.stepLosses().length);
            assertThat(losses).isEqualTo(whole.losses());
            assertThat(Files.readAllBytes(path)).isEqualTo(whole.checkpoint());
            assertThat(rest.test().metric("loss")).isEqualTo(whole.test().metric("loss"));
        }
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void stepsAfterTheFirstAllocateNothingOnTheDeviceAndLittleInTheHeap(String id) {
        Device device = TestDevices.shared(id);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int warm = 40;
        long[] heap = new long[2];
        DeviceStatistics[] statistics = new DeviceStatistics[2];
        TrainOptions options = options().epochs(20);
        try (Trainer trainer = new Trainer(Classification.of(LeNetModel.model()), SMALL, device, options)) {
            // Evaluation between epochs is not part of a step: only steps' own allocations are added up.
            trainer.listen(new TrainingListener() {
                private long before;

                @Override
                public void on(TrainingEvent event) {
                    if (event instanceof TrainingEvent.Step step) {
                        long now = threads.getTotalThreadAllocatedBytes();
                        if (step.step() > warm && step.stepInEpoch() > 1) {
                            heap[0] += now - before;
                            heap[1]++;
                        }
                        if (step.step() == 1) {
                            statistics[0] = device.statistics();
                        }
                        statistics[1] = device.statistics();
                        before = threads.getTotalThreadAllocatedBytes();
                    }
                }
            });
            trainer.train();
        }
        assertThat(statistics[1].allocations()).isEqualTo(statistics[0].allocations());
        assertThat(statistics[1].programsBuilt()).isEqualTo(statistics[0].programsBuilt());
        assertThat(heap[1]).isGreaterThan(80);
        assertThat((double) heap[0] / heap[1]).as("heap bytes a step").isLessThan(4096);
    }

    @Test
    void aLossThatIsNoNumberStopsTrainingAndLeavesTheCheckpoint() throws IOException {
        Path path = folder.resolve("kept");
        Files.writeString(path, "kept");
        TrainOptions options = TrainOptions.defaults().batch(16).learningRate(1e30).checkpoint(path);
        try (Trainer trainer = new Trainer(Classification.of(LeNetModel.model()), SMALL, TestDevices.shared("host"), options)) {
            assertThatThrownBy(trainer::train).isInstanceOf(QuernException.class)
                    .hasMessageStartingWith("training diverged: the loss is ").hasMessageContaining("smaller learning rate");
        }
        assertThat(Files.readString(path)).isEqualTo("kept");
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void divergenceIsTracedToTheNodeAndLineWhereItBegan(String id) {
        // The rate overflows a weight in some step; what reads it gives the first loss that is no number, possibly in the next.
        TrainOptions options = TrainOptions.defaults().batch(16).learningRate(1e30);
        try (Trainer trainer = new Trainer(Classification.of(LeNetModel.model()), SMALL, TestDevices.shared(id), options)) {
            assertThatThrownBy(trainer::train).isInstanceOf(QuernException.class)
                    .hasMessageMatching("training diverged: the loss is .* at epoch 1, step \\d+ .*; first, at step \\d+ of epoch 1, plan lenet-train: 3 "
                            + "\\(\\w+\\.java:\\d+\\).*: element \\d+ of .* is (NaN|-?Infinity); everything that it reads is finite");
        }
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void trainingEndsWhenPatienceDoesAndResumesWithTheSameBits(String id) throws IOException {
        // With hardly any rate the accuracy of the first epoch stays the best.
        TrainOptions options = options().epochs(9).learningRate(1e-12).patience(2);
        Path best = folder.resolve("best");
        Device device = TestDevices.shared(id);
        Path path = folder.resolve("whole");
        byte[] whole;
        try (Trainer trainer = new Trainer(Classification.of(LeNetModel.model()), SMALL, device, options.checkpoint(path).best(best))) {
            TrainingResult result = trainer.train();
            assertThat(result.outOfPatience()).isTrue();
            assertThat(result.interrupted()).isFalse();
            assertThat(result.epochs()).hasSize(3);
            assertThat(result.best()).hasValueSatisfying(found -> assertThat(found.epoch()).isEqualTo(1));
            whole = Files.readAllBytes(path);
        }
        assertThat(Checkpoint.read(best).number("epoch")).isEqualTo(1);
        assertThat(Checkpoint.read(path).number("epoch")).isEqualTo(3);
        Path parts = folder.resolve("parts");
        try (Trainer trainer = new Trainer(Classification.of(LeNetModel.model()), SMALL, device, options.checkpoint(parts))) {
            trainer.listen(event -> {
                if (event instanceof TrainingEvent.Step step && step.step() == 20) {
                    trainer.stop();
                }
            });
            assertThat(trainer.train().interrupted()).isTrue();
        }
        try (Trainer trainer = new Trainer(Classification.of(LeNetModel.model()), SMALL, device, options.checkpoint(parts))) {
            trainer.resume(parts);
            assertThat(trainer.train().outOfPatience()).isTrue();
            assertThat(Files.readAllBytes(parts)).isEqualTo(whole);
            trainer.resume(parts);
            assertThat(trainer.train().stepLosses()).as("out of patience already").isEmpty();
        }
    }

    @Test
    void aCheckpointOfAnotherOptimizerIsRefused() {
        Path path = folder.resolve("adam");
        Device device = TestDevices.shared("host");
        try (Trainer trainer = new Trainer(Classification.of(LeNetModel.model()), SMALL, device, options().epochs(1).checkpoint(path))) {
            trainer.train();
        }
        TrainOptions clipped = options().optimizer(Adam.standard().clippedByNorm(1));
        try (Trainer trainer = new Trainer(Classification.of(LeNetModel.model()), SMALL, device, clipped)) {
            assertThatThrownBy(() -> trainer.resume(path)).isInstanceOf(QuernException.class).hasMessageContainingAll(
                    "was trained with adam(", "not clip_norm(1.0) adam(", "resume with the same optimizer");
        }
    }

    @Test
    void whatDoesNotFitIsRefusedBeforeAnythingIsCompiled() {
        Device device = TestDevices.shared("host");
        DeviceStatistics before = device.statistics();
        assertThatThrownBy(() -> new Trainer(Classification.of(LeNetModel.model()), SMALL, device, options().batch(131)))
                .isInstanceOf(QuernException.class).hasMessageContainingAll("batch is 131", "only 130 samples");
        assertThatThrownBy(() -> new Trainer(Classification.of(LeNetModel.model()), SMALL, device, options().checkpoint(folder.resolve("no/x"))))
                .isInstanceOf(QuernException.class).hasMessageContaining("does not exist");
        assertThatThrownBy(() -> new Trainer(Classification.of(LeNetModel.dense(5)), SMALL, device, options()))
                .hasMessageContainingAll("dense5 takes [x F32[5]", "has [x F32[1, 28, 28]");
        assertThatThrownBy(() -> options().batch(0)).hasMessageContaining("batch is 0");
        assertThatThrownBy(() -> options().epochs(0)).hasMessageContaining("epochs is 0");
        assertThatThrownBy(() -> options().learningRate(Double.NaN)).hasMessageContaining("learning rate is NaN");
        assertThatThrownBy(() -> options().patience(0)).hasMessageContaining("patience is 0");
        assertThat(device.statistics().liveBytes()).isEqualTo(before.liveBytes());
    }

    @Test
    void stoppingBeforeTheFirstStepTrainsNothing() {
        try (Trainer trainer = new Trainer(Classification.of(LeNetModel.model()), SMALL, TestDevices.shared("host"), options())) {
            trainer.stop();
            TrainingResult result = trainer.train();
            assertThat(result.interrupted()).isTrue();
            assertThat(result.stepLosses()).isEmpty();
        }
    }

    @Test
    void closingReleasesEverythingOnTheDevice() {
        Device device = TestDevices.shared("host");
        long before = device.statistics().liveBytes();
        Trainer trainer = new Trainer(Classification.of(LeNetModel.model()), SMALL, device, options());
        assertThat(device.statistics().liveBytes()).isGreaterThan(before);
        trainer.close();
        trainer.close();
        assertThat(device.statistics().liveBytes()).isEqualTo(before);
    }
}
