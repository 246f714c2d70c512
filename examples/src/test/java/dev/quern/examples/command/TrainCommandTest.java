package dev.quern.examples.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.layers.checkpoint.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainCommandTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void writeData() throws IOException {
        DigitFiles.write(folder.resolve("data"), 300, 50);
    }

    private String data() {
        return folder.resolve("data").toString();
    }

    private CommandRun train(String name) {
        return CommandRun.of("train", "lenet", "--data", data(), "--device", "host", "--epochs", "1", "--limit", "256",
                "--seed", "3", "--save", folder.resolve(name).toString(), "--json", folder.resolve(name + ".json").toString());
    }

    @Test
    void twoRunsWithOneSeedGiveEqualLossesAndEqualCheckpoints() throws IOException {
        CommandRun first = train("a");
        assertThat(first.err()).isEmpty();
        assertThat(first.code()).isZero();
        assertThat(first.out()).contains("device host").contains("lenet: 61,706 parameters, batch 64, 256 samples: the first 256 of MNIST").contains("epoch 1/1")
                .contains("test accuracy");
        assertThat(train("b").code()).isZero();
        assertThat(folder.resolve("a")).hasSameBinaryContentAs(folder.resolve("b"));
        String json = Files.readString(folder.resolve("a.json"));
        assertThat(json).contains("\"model\" : \"lenet\"", "\"device\" : \"host\"", "\"seed\" : 3", "\"batch\" : 64",
                "\"parameters\" : 61706");
        assertThat(losses(json)).isEqualTo(losses(Files.readString(folder.resolve("b.json")))).contains(",");

        CommandRun evaluated = CommandRun.of("eval", "lenet", "--data", data(), "--device", "host",
                "--load", folder.resolve("a").toString(), "--json", folder.resolve("eval.json").toString());
        assertThat(evaluated.code()).isZero();
        String accuracy = json.replaceAll("(?s).*\"test_accuracy\" : ([0-9.]+).*", "$1");
        assertThat(Files.readString(folder.resolve("eval.json"))).contains("\"test_accuracy\" : " + accuracy);
    }

    private static String losses(String json) {
        return json.replaceAll("(?s).*\"step_losses\" : \\[([^\\]]*)\\].*", "$1");
    }

    @Test
    void anMlpIsTrainedAndEvaluatedWithTheChosenSettingsAndLogged() throws IOException {
        Path best = folder.resolve("best");
        Path log = folder.resolve("log.csv");
        CommandRun run = CommandRun.of("train", "mlp", "--data", data(), "--device", "host", "--epochs", "2", "--batch", "32",
                "--set", "activation=tanh", "--set", "dropout=0.25", "--l2", "0.001", "--clip-norm", "1", "--save-best", best.toString(),
                "--log", log.toString());
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).contains("best accuracy", "saved " + best);
        assertThat(Checkpoint.read(best).content().metadata()).containsEntry("settings", "activation=tanh, dropout=0.25")
                .hasEntrySatisfying("optimizer", text -> assertThat(text).startsWith("penalty(l1=0.0, l2=0.001) clip_norm(1.0) sgd("));
        assertThat(Files.readAllLines(log)).hasSize(3).first().asString()
                .isEqualTo("epoch,step,loss,learning_rate,seconds,samples_per_second,test_accuracy,test_loss");
        assertThat(Files.readAllLines(log).get(2)).startsWith("2,18,");

        CommandRun evaluated = CommandRun.of("eval", "mlp", "--data", data(), "--device", "host", "--load", best.toString());
        assertThat(evaluated.err()).isEmpty();
        assertThat(evaluated.out()).contains(run.out().replaceAll("(?s).*best (accuracy [0-9.]+).*", "$1"));
        CommandRun other = CommandRun.of("eval", "mlp", "--data", data(), "--device", "host", "--load", best.toString(),
                "--set", "activation=elu");
        assertThat(other.err()).contains("was made with settings activation=tanh, dropout=0.25, the model has activation=elu");
        assertThat(other.code()).isEqualTo(1);

        CommandRun more = CommandRun.of("train", "mlp", "--data", data(), "--device", "host", "--epochs", "3", "--batch", "32",
                "--set", "activation=tanh", "--set", "dropout=0.25", "--l2", "0.001", "--clip-norm", "1", "--resume", best.toString(),
                "--log", log.toString());
        assertThat(more.code()).isZero();
        assertThat(Files.readAllLines(log)).hasSize(4).last().asString().startsWith("3,27,");
    }

    @Test
    void anInterruptEndsTrainingWithAWholeCheckpointAndExitCodeOne() throws Exception {
        Path checkpoint = folder.resolve("interrupted.safetensors");
        Path report = folder.resolve("interrupted.json");
        Path err = folder.resolve("err");
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"), Main.class.getName(),
                "train", "lenet", "--data", data(), "--device", "host", "--epochs", "1000", "--limit", "64",
                "--save", checkpoint.toString(), "--json", report.toString()).redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(err.toFile()).start();
        try {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (!Files.exists(checkpoint) && process.isAlive() && System.nanoTime() < deadline) {
                Thread.sleep(20);
            }
            // The same as Ctrl-C: both ask the virtual machine to shut down.
            process.destroy();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(Files.readString(err)).contains("quern: interrupted after").contains("--resume").doesNotContain("\tat ");
            assertThat(process.exitValue()).isEqualTo(1);
            assertThat(Checkpoint.read(checkpoint).number("step")).isPositive();
            assertThat(report).doesNotExist();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void picturesOfEachEpochAreWrittenIntoAFolderThatIsMade() throws IOException {
        Path pictures = folder.resolve("made").resolve("pictures");
        CommandRun run = CommandRun.of("train", "vae", "--data", data(), "--device", "host", "--epochs", "2", "--limit", "64", "--pictures",
                pictures.toString());
        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
        try (Stream<Path> files = Files.list(pictures)) {
            assertThat(files.map(file -> file.getFileName().toString()).sorted()).containsExactly("latent-walk-epoch-001.png",
                    "latent-walk-epoch-002.png", "reconstructions-epoch-001.png", "reconstructions-epoch-002.png");
        }
        assertThat(ImageIO.read(pictures.resolve("reconstructions-epoch-002.png").toFile()).getWidth()).isEqualTo(10 * 58 + 2);
        Path file = Files.createFile(folder.resolve("file"));
        assertThat(CommandRun.of("train", "gan", "--data", data(), "--device", "host", "--pictures", file.toString()).err())
                .contains("--pictures " + file + ": is a file; name a folder");
    }

    @Test
    void modelsListsLayersAndExplainShowsThePlan() {
        CommandRun models = CommandRun.of("models");
        assertThat(models.code()).isZero();
        assertThat(models.out()).contains("lenet").contains("61,706").contains("Conv2d(6, 16, kernel=5x5)");
        CommandRun explained = CommandRun.of("explain", "lenet", "--device", "host", "--batch", "8");
        assertThat(explained.code()).isZero();
        assertThat(explained.out()).contains("device host").contains("conv2d");
        CommandRun before = CommandRun.of("explain", "lenet", "--dump-after", "input", "--batch", "8");
        CommandRun after = CommandRun.of("explain", "lenet", "--dump-after", "canonicalise", "--batch", "8");
        assertThat(before.code() + after.code()).isZero();
        assertThat(before.out().lines().count()).isGreaterThanOrEqualTo(after.out().lines().count());
        assertThat(after.out()).startsWith("graph lenet");
        CommandRun unknown = CommandRun.of("explain", "lenet", "--dump-after", "nowhere");
        assertThat(unknown.code()).isEqualTo(2);
        assertThat(unknown.err()).contains("--dump-after nowhere: there is no such pass; there are input, remove-stops, canonicalise");
    }
}
