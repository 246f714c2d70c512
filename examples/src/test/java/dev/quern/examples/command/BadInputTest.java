package dev.quern.examples.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.quern.layers.checkpoint.Safetensors;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever is wrong with the input is told in one line, without a stack trace, and nothing is left half-written. */
class BadInputTest {
    @TempDir
    private Path folder;

    static Stream<Arguments> wrongUsage() {
        return Stream.of(
                arguments("train", "is missing a model", "MODEL"),
                arguments("train alexnot", "has no such model", "there are linear-regression, softmax-regression, mlp, lenet"),
                arguments("train lenet --batch 0", "needs a batch", "--batch 0: must be at least 1"),
                arguments("train lenet --batch x", "needs a number", "--batch"),
                arguments("train lenet --epochs -1", "needs epochs", "--epochs -1: must be at least 1"),
                arguments("train lenet --limit 0", "needs samples", "--limit 0: must be at least 1"),
                arguments("train lenet --lr 0", "needs a rate", "--lr 0.0: must be a number above 0"),
                arguments("train lenet --lr NaN", "needs a rate that is a number", "--lr NaN: must be a number above 0"),
                arguments("train lenet --device cuda:9", "has no such device", "device \"cuda:9\""),
                arguments("train lenet --patience 0", "needs epochs", "--patience 0: must be at least 1"),
                arguments("train lenet --clip-norm 0", "needs a norm", "--clip-norm 0.0: must be a number above 0"),
                arguments("train lenet --l1 -1", "needs a penalty", "--l1 -1.0: must be a number of at least 0"),
                arguments("train lenet --log /no/such/folder/a", "has no such folder", "there is no folder /no/such/folder"),
                arguments("train lenet --save-best /", "is a folder", "needs a file's name"),
                arguments("train lenet --set colour=red", "has no such setting", "model lenet has no setting colour; it has none"),
                arguments("train mlp --set colour=red", "has no such setting", "there are activation (relu, tanh, sigmoid, elu), dropout (0 to 0.9)"),
                arguments("train mlp --set activation=sin", "has no such activation", "cannot be 'sin'; valid are relu, tanh, sigmoid, elu"),
                arguments("train mlp --set dropout=1", "would drop all", "cannot be '1'; valid are 0 to 0.9"),
                arguments("train dqn --epochs 3", "has no epochs", "dqn has a loop of its own: --epochs means nothing to it"),
                arguments("explain kmeans", "is no network", "kmeans has a loop of its own"),
                arguments("train lenet --colour", "has no such option", "--colour"),
                arguments("train lenet --json /no/such/folder/a.json", "has no such folder", "there is no folder /no/such/folder"),
                arguments("train lenet --save /no/such/folder/a", "has no such folder", "there is no folder /no/such/folder"),
                arguments("train lenet --save /", "is a folder", "needs a file's name"),
                arguments("train lenet --capsule-step 3", "needs a file to keep the step in", "--capsule-step 3: needs --capsule FILE"),
                arguments("train lenet --capsule /no/such/folder/a", "has no such folder", "there is no folder /no/such/folder"),
                arguments("replay", "is missing a capsule", "FILE"),
                arguments("replay a --tolerance -1", "needs a tolerance", "--tolerance -1.0: must be a number of at least 0"),
                arguments("bisect", "is missing a capsule", "FILE"),
                arguments("bisect a --tolerance NaN", "needs a tolerance", "--tolerance NaN: must be a number of at least 0"),
                arguments("explain lenet --batch 0", "needs a batch", "--batch 0: must be at least 1"),
                arguments("explain alexnot", "has no such model", "there are linear-regression, softmax-regression, mlp, lenet"),
                arguments("eval lenet", "needs a checkpoint", "--load"));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource
    void wrongUsage(String line, String why, String message) {
        assertOneLine(CommandRun.of(line.split(" ")), 2, message);
    }

    @Test
    void aMissingDataFolderFails() {
        assertOneLine(CommandRun.of("train", "lenet", "--data", folder.resolve("none").toString()), 1, "does not exist");
    }

    @Test
    void anEmptyDataFolderFails() {
        assertOneLine(CommandRun.of("train", "lenet", "--data", folder.toString()), 1, "is empty");
    }

    @Test
    void aBatchLargerThanTheDataFails() throws IOException {
        DigitFiles.write(folder, 100, 10);
        assertOneLine(CommandRun.of("train", "lenet", "--device", "host", "--data", folder.toString(), "--batch", "101"), 1,
                "batch is 101");
    }

    @Test
    void aTruncatedImageFileFails() throws IOException {
        DigitFiles.write(folder, 100, 10);
        Path images = folder.resolve("train-images-idx3-ubyte");
        Files.write(images, Arrays.copyOf(Files.readAllBytes(images), 1000));
        assertOneLine(CommandRun.of("train", "lenet", "--data", folder.toString()), 1, images.toString());
    }

    @Test
    void aFileThatIsNoImageFileFails() throws IOException {
        DigitFiles.write(folder, 100, 10);
        Path images = folder.resolve("train-images-idx3-ubyte");
        Files.writeString(images, "<!DOCTYPE html><html><body>not found</body></html>");
        assertOneLine(CommandRun.of("train", "lenet", "--data", folder.toString()), 1, images.toString());
    }

    @Test
    void countsThatDifferFail() throws IOException {
        DigitFiles.write(folder, 100, 10);
        Files.copy(folder.resolve("t10k-labels-idx1-ubyte"), folder.resolve("train-labels-idx1-ubyte"),
                StandardCopyOption.REPLACE_EXISTING);
        assertOneLine(CommandRun.of("train", "lenet", "--data", folder.toString()), 1, "10 labels");
    }

    @Test
    void aMissingCheckpointFails() {
        assertOneLine(CommandRun.of("eval", "lenet", "--load", folder.resolve("none").toString()), 1, "none");
    }

    @Test
    void aMissingCapsuleFails() {
        assertOneLine(CommandRun.of("replay", folder.resolve("none").toString()), 1, "none: does not exist");
    }

    @Test
    void aTruncatedCheckpointFails() throws IOException {
        Path file = folder.resolve("a.safetensors");
        Safetensors.of(Map.of("model", "lenet"), Map.of("0.weight", HostTensor.of(Shape.of(4), 1f, 2f, 3f, 4f))).write(file);
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length - 3));
        assertOneLine(CommandRun.of("eval", "lenet", "--load", file.toString()), 1, file.toString());
        DigitFiles.write(folder.resolve("data"), 64, 10);
        assertOneLine(CommandRun.of("train", "lenet", "--device", "host", "--data", folder.resolve("data").toString(),
                "--resume", file.toString()), 1, file.toString());
    }

    @Test
    void aCheckpointOfAnotherModelFails() {
        Path file = folder.resolve("a.safetensors");
        Safetensors.of(Map.of("model", "other"), Map.of("w", HostTensor.of(Shape.of(1), 1f))).write(file);
        assertOneLine(CommandRun.of("eval", "lenet", "--load", file.toString()), 1, "holds model other, expected lenet");
    }

    private static void assertOneLine(CommandRun run, int code, String message) {
        assertThat(run.err().strip().lines().toList()).singleElement().asString().startsWith("quern: ").contains(message);
        assertThat(run.code()).isEqualTo(code);
    }
}
