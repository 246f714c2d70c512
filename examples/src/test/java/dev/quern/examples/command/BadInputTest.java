package dev.quern.examples.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.quern.layers.checkpoint.Safetensors;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
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
                arguments("train lenet --full", "has one size", "--full: lenet has one size only"),
                arguments("train lenet --test-limit 0", "needs samples", "--test-limit 0: must be at least 1"),
                arguments("train lenet another", "takes one model", "another"),
                arguments("train lenet --pictures /tmp", "draws nothing", "--pictures /tmp: model lenet draws nothing"),
                arguments("train lenet --report /proc/no", "cannot make the folder", "--report /proc/no: the folder cannot be made"),
                arguments("train vae --pictures /proc/no", "cannot make the folder", "--pictures /proc/no: the folder cannot be made"),
                arguments("train lenet --json /proc/a.json", "cannot write", "--json /proc/a.json: the folder /proc cannot be written to"),
                arguments("train lenet --save /dev/full", "is a device", "--save /dev/full: is a device or a pipe"),
                arguments("train dqn --report a", "is drawn by none", "dqn has a loop of its own: --report means nothing to it"),
                arguments("train kmeans --report a", "is drawn by none", "kmeans has a loop of its own: --report means nothing to it"),
                arguments("train dqn --data a", "reads no data", "dqn has a loop of its own: --data means nothing to it, only --device"),
                arguments("eval lenet --load a --json /proc/a.json", "cannot write", "the folder /proc cannot be written to"),
                arguments("eval alexnot --load a", "has no such model", "no model is named alexnot"),
                arguments("predict lenet --load a", "needs a picture", "IMAGE"),
                arguments("predict lenet --load a --top 0 b", "shows none", "--top 0: must be at least 1"),
                arguments("predict char-lm --load a b", "sees no pictures", "predict: char-lm does not classify pictures"),
                arguments("generate char-lm --load a --length 0", "writes nothing", "--length 0: must be at least 1"),
                arguments("translate seq2seq --load a", "has nothing to translate", "TEXT"),
                arguments("summary lenet --batch 0", "needs a batch", "--batch 0: must be at least 1"),
                arguments("summary", "is missing a model", "MODEL"),
                arguments("models --verify alexnot", "has no bar", "--verify alexnot: no bar is documented for it"),
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

    static Stream<Arguments> uses() {
        return Stream.of(arguments("eval lenet --load"), arguments("predict lenet a.png --load"), arguments("generate char-lm --load"),
                arguments("translate seq2seq x --load"), arguments("train lenet --resume"));
    }

    /** A checkpoint that is cut off, is something else, states an impossible length or points beyond its end, in every command that reads one. */
    @ParameterizedTest
    @MethodSource("uses")
    void aDamagedOrHostileCheckpointFails(String command) throws IOException {
        byte[] whole = "{\"w\":{\"dtype\":\"F32\",\"shape\":[1073741824,4],\"data_offsets\":[0,17179869184]}}".getBytes(StandardCharsets.UTF_8);
        byte[] huge = ByteBuffer.allocate(8 + whole.length).order(ByteOrder.LITTLE_ENDIAN).putLong(whole.length).put(whole).array();
        refuse(command, new byte[0], "0 bytes are no safetensors file");
        refuse(command, "<!DOCTYPE html>not found".getBytes(StandardCharsets.UTF_8), "it is no safetensors file");
        refuse(command, new byte[] {-1, -1, -1, -1, -1, -1, -1, 127, '{', '}'}, "states a header of 9223372036854775807 bytes");
        refuse(command, huge, "truncated: 0 bytes of data, expected 17179869184");
    }

    private void refuse(String command, byte[] content, String message) throws IOException {
        Path file = Files.write(folder.resolve("hostile.safetensors"), content);
        assertOneLine(CommandRun.of((command + " " + file + " --device host").split(" ")), 1, file + ": ");
        assertThat(CommandRun.of((command + " " + file + " --device host").split(" ")).err()).contains(message);
    }

    @Test
    void aCheckpointThatWasTrainedOtherwiseIsNotResumedFrom() throws IOException {
        DigitFiles.write(folder.resolve("data"), 40, 10);
        String base = "train lenet --device host --data " + folder.resolve("data") + " --batch 20 --epochs 2 ";
        Path file = folder.resolve("a.safetensors");
        assertThat(CommandRun.of((base + "--save " + file).split(" ")).code()).isZero();
        byte[] before = Files.readAllBytes(file);
        String resume = base + "--save " + file + " --resume " + file;
        assertOneLine(CommandRun.of((resume + " --clip-norm 1").split(" ")), 1, "not clip_norm(1.0) sgd(");
        assertOneLine(CommandRun.of((resume + " --l2 0.1").split(" ")), 1, "not penalty(l1=0.0, l2=0.1) sgd(");
        assertOneLine(CommandRun.of((resume + " --seed 9").split(" ")), 1, "was trained with seed 1, not 9");
        assertOneLine(CommandRun.of((resume + " --limit 20").split(" ")), 1, "resume with the same batch, data and limit");
        assertOneLine(CommandRun.of(resume.replace("--batch 20", "--batch 10").split(" ")), 1, "resume with the same batch, data and limit");
        assertOneLine(CommandRun.of(resume.replace("--epochs 2", "--epochs 1").split(" ")), 1, "stands at step 4, but 1 epochs end at 2");
        // Adam's, which has other tensors of state: refused by name before that.
        TreeMap<String, String> metadata = new TreeMap<>(Safetensors.read(file).metadata());
        metadata.put("optimizer", "adam(beta1=0.9)");
        Path adam = folder.resolve("adam.safetensors");
        new Safetensors(metadata, Safetensors.read(file).tensors()).write(adam);
        assertOneLine(CommandRun.of((base + "--resume " + adam).split(" ")), 1, "was trained with adam(beta1=0.9), not sgd(");
        assertThat(file).hasBinaryContent(before);
    }

    @Test
    void labelsOutOfRangeFailInEveryModelThatReadsThem() throws IOException {
        DigitFiles.write(folder, 100, 10);
        Path labels = folder.resolve("train-labels-idx1-ubyte");
        byte[] bytes = Files.readAllBytes(labels);
        bytes[50] = 12;
        Files.write(labels, bytes);
        for (String model : new String[] {"lenet", "lstm", "vae", "gan", "kmeans"}) {
            assertOneLine(CommandRun.of("train", model, "--device", "host", "--data", folder.toString()), 1, "label 12 of image 42, expected 0 to 9");
        }
    }

    static Stream<Arguments> kinds() {
        return Stream.of(arguments("lenet", "MNIST"), arguments("vae", "MNIST"), arguments("gan", "MNIST"), arguments("kmeans", "MNIST"),
                arguments("linear-regression", "comma-separated values"), arguments("cifar-cnn", "CIFAR-10"), arguments("googlenet-aux", "CIFAR-10"),
                arguments("char-lm", ".txt"), arguments("gpt", ".txt"), arguments("seq2seq", ".txt"), arguments("transformer", ".txt"));
    }

    /** What is not there, what is empty, and what is something else, by every way to read data. */
    @ParameterizedTest
    @MethodSource("kinds")
    void dataThatAreNotThereFailWithWhatIsExpected(String model, String expected) throws IOException {
        Path empty = Files.createDirectory(folder.resolve("empty"));
        Path latin = Files.write(folder.resolve("latin.txt"), "5 Mai 1999 \u00e9\t1999-05-05\n".repeat(20).getBytes(StandardCharsets.ISO_8859_1));
        assertOneLine(CommandRun.of("train", model, "--data", folder.resolve("none").toString()), 1, expected);
        assertOneLine(CommandRun.of("train", model, "--data", empty.toString()), 1, expected);
        assertOneLine(CommandRun.of("train", model, "--data", latin.toString()), 1, "latin.txt");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aFullDiskIsToldAndADeviceIsNotReplaced() throws IOException {
        Path device = Path.of("/dev/full");
        DigitFiles.write(folder, 40, 10);
        assertOneLine(CommandRun.of("train", "lenet", "--device", "host", "--data", folder.toString(), "--batch", "20", "--epochs", "1", "--json",
                device.toString()), 1, "/dev/full cannot be written: No space left on device");
        assertThat(Files.isRegularFile(device)).isFalse();
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
