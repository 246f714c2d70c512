package dev.quern.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.layers.data.Samples;
import dev.quern.layers.data.Split;
import dev.quern.layers.nn.LayerContext;
import dev.quern.layers.nn.ParameterSpec;
import dev.quern.layers.optim.Adam;
import dev.quern.layers.optim.Schedule;
import dev.quern.layers.optim.Sgd;
import dev.quern.layers.train.ModelGraph;
import dev.quern.layers.train.TrainOptions;
import dev.quern.layers.train.Trainer;
import dev.quern.layers.train.TrainingEvent;
import dev.quern.layers.train.TrainingResult;
import dev.quern.runtime.Device;
import dev.quern.runtime.testing.TestDevices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Models of pictures: published counts and names without any weights, and that small ones learn. */
class PictureModelsTest {
    @TempDir
    private Path folder;

    static Stream<Arguments> fullSizes() {
        return Stream.of(Arguments.of(new AlexNet(), 61_100_840), Arguments.of(new Nin(), 7_595_176),
                Arguments.of(new GoogLeNet(), 6_624_904), Arguments.of(new ResNet(18), 11_689_512), Arguments.of(new ResNet(34), 21_797_672),
                Arguments.of(new ResNet(50), 25_557_032), Arguments.of(new Vgg(11, true), 132_868_840),
                Arguments.of(new Vgg(13, true), 133_053_736), Arguments.of(new Vgg(16, true), 138_365_992),
                Arguments.of(new Vgg(19, true), 143_678_248));
    }

    /** torchvision's counts; network in network's is the sum over its authors' layers. */
    @ParameterizedTest
    @MethodSource("fullSizes")
    void fullSizeNetworksHaveThePublishedCounts(LargePictureModel model, long parameters) {
        assertThat(model.fullSize().inspect().parameterCount()).isEqualTo(parameters);
    }

    @Test
    void auxiliaryHeadsCountAsTorchvisionsDo() {
        LayerContext inside = ModelGraph.training(new GoogLeNetWithHeads().inFullSize().orElseThrow().task(), 1, Sgd.plain()).context();
        assertThat(inside.parameterCount()).isEqualTo(13_004_888);
        assertThat(inside.parameters()).extracting(ParameterSpec::path).contains("aux1.conv.conv.weight", "aux1.fc1.bias", "aux2.fc2.weight");
        assertThat(new Nin().model().inspect().parameterCount()).as("the authors' network for CIFAR-10").isEqualTo(966_986);
    }

    @Test
    void resNetsHaveTorchvisionsNamesAndShapes() {
        Map<String, String> shapes = new TreeMap<>();
        new ResNet(50).fullSize().inspect().parameters().forEach(each -> shapes.put(each.path(), each.shape().toString()));
        assertThat(shapes).hasSize(161 + 2 * 53).containsEntry("conv1.weight", "[64, 3, 7, 7]").containsEntry("bn1.running_var", "[64]")
                .containsEntry("layer1.0.conv3.weight", "[256, 64, 1, 1]").containsEntry("layer1.0.downsample.0.weight", "[256, 64, 1, 1]")
                .containsEntry("layer4.0.downsample.1.running_mean", "[2048]").containsEntry("layer4.2.bn3.bias", "[2048]")
                .containsEntry("fc.weight", "[1000, 2048]").doesNotContainKey("layer1.1.downsample.0.weight");
        assertThat(new ResNet(18).fullSize().inspect().parameters()).hasSize(62 + 2 * 20).extracting(ParameterSpec::path)
                .contains("layer1.0.conv1.weight", "layer2.0.downsample.0.weight", "layer4.1.bn2.running_mean", "fc.bias");
        assertThat(new Vgg(16, true).fullSize().inspect().parameters()).extracting(ParameterSpec::path)
                .contains("features.0.weight", "features.1.running_mean", "features.40.weight", "classifier.0.weight", "classifier.6.bias");
        assertThat(new AlexNet().fullSize().inspect().parameters()).extracting(ParameterSpec::path).containsExactly("features.0.weight",
                "features.0.bias", "features.3.weight", "features.3.bias", "features.6.weight", "features.6.bias", "features.8.weight",
                "features.8.bias", "features.10.weight", "features.10.bias", "classifier.1.weight", "classifier.1.bias", "classifier.4.weight",
                "classifier.4.bias", "classifier.6.weight", "classifier.6.bias");
    }

    @Test
    void thereIsNoOtherResNet() {
        assertThatThrownBy(() -> new ResNet(101)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("there are 18, 34 and 50");
    }

    static Stream<ExampleModel> models() {
        return Stream.of(new CifarCnn(), new AlexNet(), new Nin(), new GoogLeNetWithHeads(), new ResNet(18), new ResNetDigits());
    }

    private static Trainer trainer(ExampleModel model, int samples, Device device, TrainOptions options) {
        Split<? extends Samples> data = model.builtInData();
        return new Trainer(model.task(), new Split<>(data.train().limit(samples), data.test().limit(4)), device, options);
    }

    @ParameterizedTest
    @MethodSource("models")
    void learnsAFewPicturesByHeart(ExampleModel model) {
        TrainOptions options = TrainOptions.defaults().epochs(3).batch(4).learningRate(0.001).optimizer(Adam.standard())
                .schedule(Schedule.constant());
        try (Trainer trainer = trainer(model, 8, TestDevices.shared("host"), options)) {
            TrainingResult result = trainer.train();
            assertThat(result.epochs().getLast().loss()).isFinite().isLessThan(result.epochs().getFirst().loss());
            assertThat(result.test().metric("loss")).isFinite();
        }
    }

    @Test
    void aStoppedAndResumedNetworkWithRunningStatisticsEndsWithTheSameBits() throws IOException {
        ResNetDigits model = new ResNetDigits();
        TrainOptions options = model.recipe().epochs(2).batch(8);
        Device device = TestDevices.shared("host");
        try (Trainer whole = trainer(model, 32, device, options.checkpoint(folder.resolve("whole")))) {
            whole.train();
        }
        try (Trainer first = trainer(model, 32, device, options.checkpoint(folder.resolve("parts")))) {
            first.listen(event -> {
                if (event instanceof TrainingEvent.Step step && step.step() == 5) {
                    first.stop();
                }
            });
            assertThat(first.train().interrupted()).isTrue();
        }
        try (Trainer rest = trainer(model, 32, device, options.checkpoint(folder.resolve("parts")))) {
            rest.resume(folder.resolve("parts"));
            rest.train();
        }
        assertThat(Files.readAllBytes(folder.resolve("parts"))).isEqualTo(Files.readAllBytes(folder.resolve("whole")));
    }

    @Test
    void aNetworkTakesAsManyClassesAsTheDataHave() {
        assertThat(new ResNet(18).model(100).inspect().parameterCount()).isEqualTo(11_689_512 - 900 * 513);
        assertThatThrownBy(() -> new LeNet().model(3)).hasMessageContaining("lenet tells 10 classes apart, not 3");
        assertThat(List.of(new Nin().model(7).classes(), new GoogLeNet().model(7).classes())).containsOnly(7);
    }
}
