package dev.quern.examples.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.examples.Catalogue;
import dev.quern.examples.ExampleModel;
import dev.quern.examples.ExampleProgram;
import dev.quern.layers.train.Metric;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifyTest {
    @TempDir
    private Path folder;

    @Test
    void aBarThatHoldsIsSaidSoWithWhatWasMeasured() {
        CommandRun run = CommandRun.of("models", "--verify", "linear-regression", "--device", "host");
        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("quern train linear-regression --seed 1 --device host",
                "linear-regression: holds: mse at most 2.0E-4, measured 9.");
    }

    @Test
    void aBarThatDoesNotHoldIsSaidSo() {
        StringWriter out = new StringWriter();
        BarCheck check = new BarCheck(Optional.empty(), "host", new PrintWriter(out, true), new PrintWriter(out, true));
        assertThat(check.all(List.of(QualityBar.of("linear-regression", Metric.higher("r2", 1.5), QualityBar.Data.BUILT_IN)))).isFalse();
        assertThat(out.toString()).contains("linear-regression: DOES NOT HOLD: r2 at least 1.5, measured 0.99");
        assertThat(QualityBar.of("any", Metric.lower("nats", 1.75), QualityBar.Data.BUILT_IN).holds(Double.NaN)).isFalse();
    }

    @Test
    void aBarWithoutItsDataIsNamedAndDoesNotHold() throws Exception {
        CommandRun run = CommandRun.of("models", "--verify", "lenet", "--device", "host");
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out().lines()).containsExactly("lenet: not tried: needs MNIST's four files; name their folder with --data");
        assertThat(QualityBar.Data.MNIST.in(folder)).isEmpty();
        DigitFiles.write(folder.resolve("mnist"), 2, 2);
        assertThat(QualityBar.Data.MNIST.in(folder)).contains(folder.resolve("mnist"));
        assertThat(QualityBar.Data.MNIST.in(folder.resolve("mnist"))).contains(folder.resolve("mnist"));
        Files.createFile(folder.resolve("input.txt"));
        assertThat(QualityBar.Data.TINYSHAKESPEARE.in(folder)).contains(folder);
    }

    @Test
    void whatHasNoBarIsRefusedWithThoseThatHaveOne() {
        CommandRun unknown = CommandRun.of("models", "--verify", "lenett");
        assertThat(unknown.code()).isEqualTo(2);
        assertThat(unknown.err()).contains("--verify lenett: no bar is documented for it; there are all, linear-regression, ", "lenet, ", "gpt");
        CommandRun missing = CommandRun.of("models", "--verify", "lenet", "--data", folder.resolve("nowhere").toString());
        assertThat(missing.code()).isEqualTo(2);
        assertThat(missing.err()).contains("there is no such folder");
        assertThat(CommandRun.of("models", "--data", folder.toString()).err()).contains("only with --verify");
    }

    @Test
    void everythingThatCanBeTrainedHasABar() {
        assertThat(QualityBar.ALL).extracting(QualityBar::model).containsExactlyInAnyOrderElementsOf(Stream.concat(
                Catalogue.MODELS.stream().map(ExampleModel::name), Catalogue.PROGRAMS.stream().map(ExampleProgram::name)).toList());
        assertThat(QualityBar.of("lenet", Metric.higher("accuracy", 0.5), QualityBar.Data.MNIST, "--epochs", "2").command())
                .containsExactly("train", "lenet", "--epochs", "2", "--seed", "1");
    }
}
