package dev.quern.examples.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.examples.Catalogue;
import dev.quern.examples.ExampleModel;
import dev.quern.layers.checkpoint.Safetensors;
import dev.quern.layers.train.ModelGraph;
import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Weights in torchvision's layout fit by name, as files with exactly its names and shapes. */
class TorchvisionWeightsTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"alexnet", "vgg11", "vgg13", "vgg16", "vgg19", "vgg11-bn", "vgg13-bn", "vgg16-bn", "vgg19-bn", "googlenet-aux",
        "resnet18", "resnet34", "resnet50"})
    void everyTensorHasTorchvisionsNameAndShape(String name) {
        ExampleModel model = Catalogue.MODELS.stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow().inFullSize().orElseThrow();
        Map<String, String> ours = new TreeMap<>();
        ModelGraph.evaluation(model.task(), 1).parameters().forEach(each -> ours.put(each.path(), each.shape().toString()));
        Map<String, String> theirs = TorchvisionNames.of(name.replace("-aux", ""));
        theirs.keySet().removeIf(TorchvisionNames::isCounter);
        assertThat(ours).isEqualTo(theirs);
    }

    /** A file as torchvision's weights come: small numbers, variances of 1, counters. */
    private Path weights(String network) {
        Map<String, HostTensor> tensors = new TreeMap<>();
        TorchvisionNames.of(network).forEach((name, shape) -> tensors.put(name, tensor(name, shape)));
        Path file = folder.resolve(network + ".safetensors");
        Safetensors.of(Map.of("format", "pt"), tensors).write(file);
        return file;
    }

    private static HostTensor tensor(String name, String shape) {
        if (TorchvisionNames.isCounter(name)) {
            return HostTensor.zeros(DType.I64, Shape.scalar());
        }
        HostTensor tensor = HostTensor.zeros(DType.F32, Shape.of(Arrays.stream(shape.substring(1, shape.length() - 1).split(", "))
                .mapToInt(Integer::parseInt).toArray()));
        if (name.endsWith("running_var")) {
            for (long i = 0; i < tensor.shape().elements(); i++) {
                tensor.set(i, 1);
            }
        }
        if (name.equals("fc.bias")) {
            tensor.set(281, 3);
        }
        return tensor;
    }

    @Test
    void theWholeFilePredictsAndHeadsThatTheModelLacksArePassedOverByName() throws IOException {
        Path picture = folder.resolve("cat.png");
        ImageIO.write(new BufferedImage(300, 260, BufferedImage.TYPE_INT_RGB), "png", picture.toFile());
        CommandRun run = CommandRun.of("predict", "googlenet", "--full", "--device", "host", "--load", weights("googlenet").toString(),
                picture.toString());
        assertThat(run.err()).isEmpty();
        // Of both heads: a convolution, five tensors of batch norm, two dense layers.
        assertThat(run.out()).contains("googlenet.safetensors: 20 tensors passed over that googlenet has no place for: aux1.*, aux2.*")
                .contains("cat.png: 281 (0.020), ");
        CommandRun residual = CommandRun.of("predict", "resnet18", "--full", "--device", "host", "--load", weights("resnet18").toString(),
                picture.toString());
        assertThat(residual.err()).isEmpty();
        assertThat(residual.out()).doesNotContain("passed over").contains("cat.png: 281 (0.020), ");
    }
}
