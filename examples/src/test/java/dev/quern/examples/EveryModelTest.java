package dev.quern.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.layers.data.Samples;
import dev.quern.layers.data.Split;
import dev.quern.layers.optim.Adam;
import dev.quern.layers.optim.Schedule;
import dev.quern.layers.train.TrainOptions;
import dev.quern.layers.train.Trainer;
import dev.quern.layers.train.TrainingEvent;
import dev.quern.layers.train.TrainingResult;
import dev.quern.runtime.testing.TestDevices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Models in short: the loss falls, and training that was stopped and resumed ends with the bits of training that was not. */
class EveryModelTest {
    private static final int BATCH = 4;
    private static final int STEPS = 4;
    /** Of the large networks for pictures one of each kind; {@link PictureModelsTest} has others learn. */
    private static final Set<String> OF_PICTURES = Set.of("alexnet", "vgg11-bn", "googlenet", "resnet18");
    private static final TrainOptions OPTIONS = TrainOptions.defaults().epochs(2).batch(BATCH).learningRate(0.001).optimizer(Adam.standard())
            .schedule(Schedule.constant());

    @TempDir
    private Path folder;

    static List<ExampleModel> models() {
        return Catalogue.MODELS.stream().filter(model -> !(model instanceof LargePictureModel) && !(model instanceof GoogLeNetWithHeads)
                || OF_PICTURES.contains(model.name())).toList();
    }

    private static Trainer trainer(ExampleModel model, Path checkpoint) {
        Split<? extends Samples> data = model.builtInData();
        Split<? extends Samples> few = data.limit(2 * BATCH).limitTest(BATCH);
        return new Trainer(model.task(data), few, TestDevices.shared("host"), OPTIONS.checkpoint(checkpoint));
    }

    @ParameterizedTest
    @MethodSource("models")
    void learnsAndResumesExactly(ExampleModel model) throws IOException {
        Path whole = folder.resolve("whole");
        Path parts = folder.resolve("parts");
        try (Trainer trainer = trainer(model, whole)) {
            TrainingResult result = trainer.train();
            assertThat(result.stepLosses()).hasSize(STEPS);
            assertThat(result.epochs().getLast().losses().values()).allMatch(Double::isFinite);
            assertThat(result.epochs().getLast().loss()).isLessThan(result.epochs().getFirst().loss());
            assertThat(result.test().headline().value()).isFinite();
        }
        try (Trainer trainer = trainer(model, parts)) {
            trainer.listen(event -> {
                if (event instanceof TrainingEvent.Step step && step.step() == STEPS / 2) {
                    trainer.stop();
                }
            });
            assertThat(trainer.train().interrupted()).isTrue();
        }
        try (Trainer trainer = trainer(model, parts)) {
            trainer.resume(parts);
            assertThat(trainer.train().stepLosses()).hasSize(STEPS - STEPS / 2);
        }
        assertThat(Files.mismatch(parts, whole)).isEqualTo(-1);
    }
}
