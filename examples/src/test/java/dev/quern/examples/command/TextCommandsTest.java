package dev.quern.examples.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Language models from training to writing. */
class TextCommandsTest {
    @TempDir
    private Path folder;

    private CommandRun run(String... arguments) {
        CommandRun run = CommandRun.of(arguments);
        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
        return run;
    }

    private static void assertOneLine(CommandRun run, int code, String message) {
        assertThat(run.err().strip().lines().toList()).singleElement().asString().startsWith("quern: ").contains(message);
        assertThat(run.code()).isEqualTo(code);
    }

    @ParameterizedTest
    @ValueSource(strings = {"char-lm", "gpt"})
    void aShortTrainingLearnsAndItsCheckpointWrites(String model) throws IOException {
        String checkpoint = folder.resolve("a.safetensors").toString();
        String json = folder.resolve("a.json").toString();
        run("train", model, "--device", "opencl:0", "--limit", "64", "--batch", "8", "--epochs", "2", "--save", checkpoint, "--json", json);
        String report = Files.readString(Path.of(json));
        // Letters drawn evenly from the text's 45 or so cost 3.8 nats.
        assertThat(Double.parseDouble(report.replaceAll("(?s).*\"test_nats\" : ([0-9.]+).*", "$1"))).isBetween(1.0, 3.5);
        String written = run("generate", model, "--device", "opencl:0", "--load", checkpoint, "--prompt", "Anna", "--length", "70",
                "--top-k", "5").out().lines().skip(1).reduce("", (a, b) -> a + b + "\n");
        assertThat(written).startsWith("Anna").hasSize(4 + 70 + 1);
        assertOneLine(CommandRun.of("generate", model, "--device", "opencl:0", "--load", checkpoint, "--prompt", "ß"), 1,
                "the prompt: character \"ß\" at place 1 is not among");
    }

    @Test
    void aTextIsEvaluatedInTheCheckpointsVocabulary() throws IOException {
        Path text = Files.writeString(folder.resolve("text.txt"), "abcde fgh. ".repeat(200));
        Path fewer = Files.writeString(folder.resolve("fewer.txt"), "bad cafe ".repeat(200));
        Path others = Files.writeString(folder.resolve("others.txt"), "jabcde ".repeat(200));
        String checkpoint = folder.resolve("a.safetensors").toString();
        run("train", "char-lm-gru", "--device", "opencl:0", "--data", text.toString(), "--limit", "4", "--batch", "4", "--epochs", "1",
                "--save", checkpoint);
        assertThat(run("eval", "char-lm-gru", "--device", "opencl:0", "--data", fewer.toString(), "--load", checkpoint).out())
                .contains("char-lm-gru: test nats ").contains("perplexity");
        assertOneLine(CommandRun.of("eval", "char-lm-gru", "--device", "host", "--data", others.toString(), "--load", checkpoint), 1,
                "others.txt: character \"j\" at place 1 is not among the 10 that the model knows");
        assertOneLine(CommandRun.of("eval", "char-lm", "--device", "host", "--data", text.toString(), "--load", checkpoint), 1,
                "holds model char-lm-gru, expected char-lm");
    }

    @Test
    void whatIsNoTextIsToldInOneLine() throws IOException {
        Path empty = Files.createFile(folder.resolve("empty.txt"));
        Path latin = Files.write(folder.resolve("latin.txt"), "caf\u00e9".getBytes(StandardCharsets.ISO_8859_1));
        Path brief = Files.writeString(folder.resolve("brief.txt"), "brief");
        Path few = Files.writeString(folder.resolve("few.txt"), "few words ".repeat(70));
        assertOneLine(CommandRun.of("train", "char-lm", "--data", empty.toString()), 1, "empty.txt: is empty");
        assertOneLine(CommandRun.of("train", "gpt", "--data", latin.toString()), 1, "latin.txt: is not UTF-8");
        assertOneLine(CommandRun.of("train", "char-lm", "--data", brief.toString()), 1, "brief.txt: 5 characters are too few");
        assertOneLine(CommandRun.of("train", "char-lm", "--data", folder.resolve("none").toString()), 1, "does not exist");
        assertOneLine(CommandRun.of("train", "char-lm", "--device", "host", "--data", few.toString()), 1, "batch is 32, but");
    }

    @Test
    void whatCannotWriteOrBeWrittenIsToldInOneLine() {
        assertOneLine(CommandRun.of("generate", "lenet", "--load", "x"), 2, "lenet writes no text; there are char-lm, char-lm-gru, gpt");
        assertOneLine(CommandRun.of("generate", "char-lm"), 2, "--load");
        assertOneLine(CommandRun.of("generate", "char-lm", "--load", folder.resolve("none").toString()), 1, "none");
        assertOneLine(CommandRun.of("generate", "char-lm", "--load", "x", "--length", "0"), 2, "--length 0: must be at least 1");
        assertOneLine(CommandRun.of("generate", "char-lm", "--load", "x", "--temperature", "-1"), 1, "temperature is -1.0");
        assertOneLine(CommandRun.of("generate", "char-lm", "--load", "x", "--top-k", "-2"), 1, "top k is -2");
    }

    /** A file of 90 dates to train on and 10 to test on. */
    private String fewDates() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int year = 1900; year < 2000; year++) {
            lines.append("5 March ").append(year).append('\t').append(year).append("-03-05\n");
        }
        return Files.writeString(folder.resolve("dates.txt"), lines).toString();
    }

    @Test
    void seq2seqTranslatesAndShowsWhereItLooked() throws IOException {
        String checkpoint = folder.resolve("a.safetensors").toString();
        run("train", "seq2seq", "--device", "host", "--data", fewDates(), "--batch", "30", "--epochs", "1", "--save", checkpoint);
        Path picture = folder.resolve("map.png");
        CommandRun translated = run("translate", "seq2seq", "--device", "host", "--load", checkpoint, "--beam", "2", "--attention",
                picture.toString(), "5 March 1998");
        assertThat(translated.out()).contains("log-probability -").contains("wrote " + picture);
        // A column of 16 pixels for each of 12 characters.
        assertThat(ImageIO.read(picture.toFile()).getWidth()).isEqualTo(12 * 16);
        String[] longer = {"translate", "seq2seq", "--device", "host", "--load", checkpoint, "--beam", "2", "a".repeat(33)};
        assertOneLine(CommandRun.of(longer), 1, "has 33 characters, the model takes 1 to 32");
        assertOneLine(CommandRun.of("translate", "lenet", "--load", checkpoint, "x"), 2, "lenet translates nothing");
        assertOneLine(CommandRun.of("translate", "seq2seq", "--load", checkpoint, "--beam", "0", "x"), 2, "--beam 0: must be at least 1");
        assertOneLine(CommandRun.of("translate", "seq2seq", "--load", checkpoint, "--attention", "a.png", "x", "y"), 2, "draws one text, not 2");
    }

    @Test
    void additiveAttentionLearnsIsRememberedAndLooksSomewhere() throws IOException {
        String checkpoint = folder.resolve("a.safetensors").toString();
        Path json = folder.resolve("a.json");
        run("train", "seq2seq", "--set", "attention=bahdanau", "--device", "host", "--data", fewDates(), "--batch", "30", "--epochs", "2",
                "--save", checkpoint, "--json", json.toString());
        assertThat(Double.parseDouble(Files.readString(json).replaceAll("(?s).*\"test_token_accuracy\" : ([0-9.]+).*", "$1"))).isGreaterThan(0.1);
        Path picture = folder.resolve("map.png");
        run("translate", "seq2seq", "--device", "host", "--load", checkpoint, "--attention", picture.toString(), "5 March 1998");
        assertThat(ImageIO.read(picture.toFile()).getWidth()).isEqualTo(12 * 16);
        assertOneLine(CommandRun.of("translate", "seq2seq", "--device", "host", "--load", checkpoint, "--set", "attention=luong", "5 March 1998"),
                1, "was made with settings attention=bahdanau, the model has attention=luong");
        assertOneLine(CommandRun.of("train", "seq2seq", "--set", "attention=none"), 2, "valid are luong, bahdanau");
    }

    @Test
    void aTransformerLearnsFromAFewDates() throws IOException {
        String json = folder.resolve("a.json").toString();
        run("train", "transformer", "--device", "host", "--data", fewDates(), "--batch", "30", "--epochs", "2", "--json", json);
        String report = Files.readString(Path.of(json));
        assertThat(Double.parseDouble(report.replaceAll("(?s).*\"test_token_accuracy\" : ([0-9.]+).*", "$1"))).isGreaterThan(0.1);
    }
}
