package dev.quern.examples.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.examples.ResNetDigits;
import dev.quern.layers.checkpoint.Safetensors;
import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a folder of pictures to their classes, and what a model is made of. */
class PredictCommandTest {
    @TempDir
    private Path folder;

    private void picture(String name, int colour) throws IOException {
        BufferedImage image = new BufferedImage(40, 36, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < 36; y++) {
            for (int x = 0; x < 40; x++) {
                image.setRGB(x, y, (x + y) % 7 == 0 ? 0x808080 : colour);
            }
        }
        Path path = folder.resolve(name);
        Files.createDirectories(path.getParent());
        ImageIO.write(image, "png", path.toFile());
    }

    @Test
    void picturesInAFolderAClassAreLearnedEvaluatedAndRecognised() throws IOException {
        for (int i = 0; i < 20; i++) {
            picture("data/red/" + i + ".png", 0xD00000 + i * 0x010203);
            picture("data/blue/" + i + ".png", 0x0000D0 + i * 0x030200);
        }
        Files.writeString(folder.resolve("data/red/broken.png"), "no picture");
        String data = folder.resolve("data").toString();
        String saved = folder.resolve("saved").toString();
        CommandRun trained = CommandRun.of("train", "cifar-cnn", "--data", data, "--device", "host", "--epochs", "3", "--batch", "8", "--lr",
                "0.005", "--save", saved);
        assertThat(trained.code()).as(trained.err()).isZero();
        assertThat(trained.out()).contains("(1 file skipped)");
        CommandRun evaluated = CommandRun.of("eval", "cifar-cnn", "--data", data, "--device", "host", "--load", saved, "--classes");
        assertThat(evaluated.out()).contains("accuracy 1.0000", "PRECISION", "as red", "means: precision 1.0000", "top 5 1.0000");
        CommandRun predicted = CommandRun.of("predict", "cifar-cnn", "--load", saved, "--device", "host", "--top", "1",
                folder.resolve("data/red/1.png").toString(), folder.resolve("none.png").toString(), folder.resolve("data/red/broken.png").toString(),
                folder.resolve("data/blue/2.png").toString());
        assertThat(predicted.code()).isZero();
        assertThat(predicted.out()).containsPattern("1\\.png: red \\(\\d\\.\\d{3}\\)").containsPattern("2\\.png: blue \\(");
        assertThat(predicted.err()).contains("none.png: does not exist", "broken.png: is no picture", "2 of 4 pictures skipped");
    }

    @Test
    void nothingToSeeIsAnErrorAndOtherModelsAreRefused() throws IOException {
        CommandRun sequence = CommandRun.of("predict", "googlenet-aux", "--load", "x", "y.png");
        assertThat(sequence.code()).isEqualTo(2);
        assertThat(sequence.err()).contains("googlenet-aux does not classify pictures");
        assertThat(CommandRun.of("predict", "lenet", "--load", folder.resolve("none").toString(), "y.png").err()).contains("none");
        assertThat(CommandRun.of("predict", "lenet", "--load", "x").code()).as("no picture named").isEqualTo(2);
    }

    /** As from elsewhere: no metadata, and PyTorch's counts of batches. */
    @Test
    void weightsFromElsewhereAreLoadedByNameOrRefusedInOneLine() throws IOException {
        TreeMap<String, HostTensor> tensors = new TreeMap<>();
        new ResNetDigits().model().inspect().parameters().forEach(each -> tensors.put(each.path(), each.initial(1)));
        tensors.put("bn1.num_batches_tracked", HostTensor.zeros(DType.I64, Shape.scalar()));
        Path file = folder.resolve("elsewhere.safetensors");
        Safetensors.of(new TreeMap<>(), tensors).write(file);
        picture("one.png", 0xFFFFFF);
        String[] command = {"predict", "resnet-digits", "--load", file.toString(), "--device", "host", "--invert", folder.resolve("one.png").toString()};
        CommandRun run = CommandRun.of(command);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).containsPattern("one\\.png: \\d \\(0\\.\\d+\\), \\d \\(0\\.\\d+\\), \\d \\(");
        tensors.put("fc.weight", HostTensor.zeros(DType.F32, Shape.of(10, 63)));
        Safetensors.of(new TreeMap<>(), tensors).write(file);
        assertThat(CommandRun.of(command).err()).contains("tensor fc.weight is").contains("[10, 63]").contains("the model has F32[10, 64]");
        tensors.remove("fc.weight");
        Safetensors.of(new TreeMap<>(), tensors).write(file);
        assertThat(CommandRun.of(command).err()).contains("lacks tensor fc.weight");
        tensors.put("fc.weight", HostTensor.zeros(DType.F32, Shape.of(10, 64)));
        tensors.put("layer9.conv1.weight", HostTensor.zeros(DType.F32, Shape.of(1)));
        Safetensors.of(new TreeMap<>(), tensors).write(file);
        CommandRun strange = CommandRun.of(command);
        assertThat(strange.code()).isEqualTo(1);
        assertThat(strange.err()).contains("unexpected tensor layer9.conv1.weight");
    }

    @Test
    void aSummaryShowsWhatLayersHoldAndDo() {
        CommandRun small = CommandRun.of("summary", "lenet");
        assertThat(small.code()).isZero();
        assertThat(small.out()).contains("Conv2d(6, 16, kernel=5x5)").contains("0.480").contains("lenet: 61,706 parameters, 0.24 MiB")
                .contains("forward, one sample: 0.833 Mflop");
        CommandRun full = CommandRun.of("summary", "resnet50", "--full");
        assertThat(full.out()).contains("layer4.2.conv3").contains("resnet50: 25,557,032 parameters, 97.69 MiB with 53,120 running statistics")
                .contains("8,178.369 Mflop");
        CommandRun one = CommandRun.of("summary", "lenet", "--full");
        assertThat(one.code()).isEqualTo(2);
        assertThat(one.err()).contains("lenet has one size only");
        assertThat(CommandRun.of("summary", "googlenet-aux", "--full").out()).contains("aux2.fc2", "googlenet-aux: 13,004,888 parameters");
    }

    /** LeNet's momentum takes as much as its parameters; a batch is 28 x 28 pixels, a label and what the step says about it. */
    @Test
    void aSummaryTellsMemoryByThePlans() {
        String host = CommandRun.of("summary", "lenet", "--device", "host", "--batch", "256").out();
        assertThat(host).contains("memory on host by the plans, batch 256:").containsPattern(
                "training: +\\d+\\.\\d\\d MiB: parameters and optimizer state 0\\.47 MiB, temporaries with gradients \\d+\\.\\d\\d MiB, batch and results 0\\.77 MiB")
                .containsPattern("evaluation: +\\d+\\.\\d\\d MiB: parameters and optimizer state 0\\.2[34] MiB");
        assertThat(CommandRun.of("summary", "lenet", "--batch", "0").err()).contains("--batch 0: must be at least 1");
        assertThat(CommandRun.of("summary", "lenet", "--device", "cuda:9").err()).contains("device \"cuda:9\"");
    }
}
