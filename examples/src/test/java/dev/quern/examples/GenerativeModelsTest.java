package dev.quern.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.layers.data.Samples;
import dev.quern.layers.data.Split;
import dev.quern.layers.train.Trainer;
import dev.quern.layers.train.TrainingResult;
import dev.quern.runtime.testing.TestDevices;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Models that draw, in short: what they make small, and that there is something to be seen. */
class GenerativeModelsTest {
    private static Split<Samples> few(ExampleModel model) {
        Split<? extends Samples> data = model.builtInData();
        return new Split<>(data.train().limit(640), data.test().limit(64));
    }

    @Test
    void aVaeRaisesItsBoundAndDraws() {
        Vae model = new Vae();
        Split<Samples> data = few(model);
        try (Trainer trainer = new Trainer(model.task(), data, TestDevices.shared("opencl:0"), model.recipe().epochs(3))) {
            double before = trainer.evaluate().metric("negative_elbo");
            TrainingResult result = trainer.train();
            assertThat(result.test().metric("negative_elbo")).isLessThan(0.6 * before).isEqualTo(trainer.evaluate().metric("negative_elbo"));
            List<Picture> pictures = model.gallery().orElseThrow().draw(trainer.state(), data.test());
            assertThat(pictures).extracting(Picture::name).containsExactly("reconstructions", "latent-walk");
            assertThat(pictures.getFirst().png()).startsWith(0x89, 'P', 'N', 'G');
        }
    }

    @Test
    void bothNetworksOfAGanLearnWithFiniteLosses() {
        Gan model = new Gan();
        Split<Samples> data = few(model);
        try (Trainer trainer = new Trainer(model.task(), data, TestDevices.shared("opencl:0"), model.recipe().epochs(2))) {
            TrainingResult result = trainer.train();
            assertThat(result.epochs()).hasSize(2).allSatisfy(epoch -> {
                assertThat(epoch.losses()).containsOnlyKeys("discriminator", "generator");
                assertThat(epoch.losses().values()).allMatch(Double::isFinite);
            });
            assertThat(result.epochs().getLast().losses().get("discriminator")).isLessThan(1.3);
            assertThat(model.gallery().orElseThrow().draw(trainer.state(), data.test())).singleElement()
                    .extracting(picture -> picture.image().getWidth()).isEqualTo(10 * 58 + 2);
        }
    }
}
