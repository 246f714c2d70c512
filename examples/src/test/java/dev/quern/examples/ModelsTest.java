package dev.quern.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.layers.data.Samples;
import dev.quern.layers.data.Split;
import dev.quern.layers.train.TrainOptions;
import dev.quern.layers.train.Trainer;
import dev.quern.layers.train.TrainingEvent;
import dev.quern.runtime.Device;
import dev.quern.runtime.testing.TestDevices;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every model in short: what it is made of, and that it learns. */
class ModelsTest {
    static Stream<ExampleModel> digits() {
        return Stream.of(new SoftmaxRegression(), new Mlp(), new LeNetClassic(), RowSequence.rnn(), RowSequence.gru(), RowSequence.lstm(),
                RowSequence.bilstm());
    }

    /** The mean loss of each epoch. */
    private static List<Double> losses(ExampleModel model, TrainOptions options, int samples) {
        Device device = TestDevices.shared("opencl:0");
        List<Double> losses = new ArrayList<>();
        Split<? extends Samples> data = model.builtInData();
        Split<Samples> few = new Split<>(data.train().limit(samples), data.test().limit(64));
        try (Trainer trainer = new Trainer(model.task(), few, device, options)) {
            trainer.listen(event -> {
                if (event instanceof TrainingEvent.Epoch epoch) {
                    losses.add(epoch.loss());
                }
            });
            trainer.train();
        }
        return losses;
    }

    @ParameterizedTest
    @MethodSource("digits")
    void learnsFromAFewDigits(ExampleModel model) {
        List<Double> losses = losses(model, model.recipe().epochs(4), 1280);
        assertThat(losses).hasSize(4).allMatch(Double::isFinite);
        assertThat(losses.getLast()).isLessThan(losses.getFirst());
    }

    @Test
    void aVggLearnsFromAFewPictures() {
        ExampleModel model = new Vgg(11);
        List<Double> losses = losses(model, model.recipe().epochs(3).batch(16), 64);
        assertThat(losses.getLast()).isLessThan(losses.getFirst());
    }

    /** The counts of torchvision's models of the same names. */
    @ParameterizedTest
    @CsvSource({"11, 132863336", "13, 133047848", "16, 138357544", "19, 143667240"})
    void fullSizeVggsHaveThePublishedCounts(int depth, long parameters) {
        assertThat(new Vgg(depth).fullSize().inspect().parameterCount()).isEqualTo(parameters);
    }

    @Test
    void thereIsNoOtherVgg() {
        assertThatThrownBy(() -> new Vgg(12)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("there are 11, 13, 16 and 19");
    }
}
