package dev.quern.layers.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.layers.data.Split;
import dev.quern.layers.random.RandomStream;
import dev.quern.runtime.QuernException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Texts, what they are cut into, and how characters are drawn. */
class TextTest {
    @TempDir
    private Path folder;

    @Test
    void aVocabularyHasEachCharacterOnceAndReadsBackWhatItWrote() {
        Vocabulary vocabulary = Vocabulary.of("zebra 🦓 ab\n");
        assertThat(vocabulary.characters()).isEqualTo("\n aberz🦓");
        assertThat(vocabulary.size()).isEqualTo(8);
        assertThat(vocabulary.decode(vocabulary.encode("a text", "bear🦓"))).isEqualTo("bear🦓");
        assertThat(vocabulary.encode("a text", "\n")).containsExactly(0);
        assertThatThrownBy(() -> vocabulary.encode("the prompt", "beak")).isInstanceOf(QuernException.class)
                .hasMessageContaining("the prompt: character \"k\" at place 4").hasMessageContaining("\"\\n aberz");
        assertThatThrownBy(() -> new Vocabulary("aba")).isInstanceOf(QuernException.class);
    }

    @Test
    void aFolderIsItsTextFilesInOrder() throws IOException {
        Files.writeString(folder.resolve("b.txt"), "two");
        Files.writeString(folder.resolve("a.txt"), "öne ");
        Files.writeString(folder.resolve("README.md"), "no");
        assertThat(TextCorpus.read(folder).text()).isEqualTo("öne two");
        assertThat(TextCorpus.read(folder.resolve("b.txt")).text()).isEqualTo("two");
    }

    @Test
    void whatIsNoTextIsToldInOneLine() throws IOException {
        Path empty = Files.createFile(folder.resolve("empty.txt"));
        Path latin = Files.write(folder.resolve("latin.txt"), "caf\u00e9 noir".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> TextCorpus.read(empty)).isInstanceOf(QuernException.class).hasMessage(empty
                + ": is empty; there is nothing to learn from");
        assertThatThrownBy(() -> TextCorpus.read(latin)).isInstanceOf(QuernException.class).hasMessageContaining("latin.txt: is not UTF-8 (byte 3 ");
        assertThatThrownBy(() -> TextCorpus.read(folder.resolve("none"))).isInstanceOf(QuernException.class).hasMessageContaining("does not exist");
        Path none = Files.createDirectory(folder.resolve("none.d"));
        assertThatThrownBy(() -> TextCorpus.read(none)).isInstanceOf(QuernException.class).hasMessageContaining("no file that ends in .txt");
        TextCorpus shortText = new TextCorpus("notes", "a".repeat(50));
        assertThatThrownBy(() -> shortText.windows(Vocabulary.of("a"), 8)).isInstanceOf(QuernException.class)
                .hasMessageContaining("notes: 50 characters are too few").hasMessageContaining("give at least 90");
    }

    @Test
    void windowsAreFollowedByWhatTheyPredictAndTestsStayApart() {
        String text = "abcdefghijklmnopqrstuvwxyz".repeat(10);
        Vocabulary vocabulary = Vocabulary.of(text);
        Split<TextWindows> split = new TextCorpus("letters", text).windows(vocabulary, 5);
        assertThat(split.train().size()).isEqualTo((234 - 1) / 5);
        assertThat(split.test().size()).isEqualTo((26 - 1) / 5);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment tokens = arena.allocate(2 * 5 * 4);
            MemorySegment targets = arena.allocate(2 * 5 * 4);
            split.test().copy(1, 1, List.of(tokens, targets));
            assertThat(vocabulary.decode(row(tokens, 1))).isEqualTo("fghij");
            assertThat(vocabulary.decode(row(targets, 1))).isEqualTo("ghijk");
            for (int sample = 0; sample < split.train().size(); sample++) {
                split.train().copyAugmented(sample, 4 + 5L * sample, 0, List.of(tokens, targets));
                int begin = Math.min(sample * 5 + (4 + 5 * sample) % 5, 234 - 6);
                assertThat(vocabulary.decode(row(tokens, 0))).isEqualTo(text.substring(begin, begin + 5));
                assertThat(vocabulary.decode(row(targets, 0))).isEqualTo(text.substring(begin + 1, begin + 6));
            }
        }
    }

    private static int[] row(MemorySegment batch, int row) {
        return batch.asSlice(row * 5L * 4, 5 * 4).toArray(ValueLayout.JAVA_INT);
    }

    @Test
    void theBuiltInTextIsTheSameEveryTime() {
        TextCorpus text = TextCorpus.builtIn();
        assertThat(text.text()).hasSizeGreaterThan(200_000).isEqualTo(TextCorpus.builtIn().text()).endsWith(".\"\n\n");
        assertThat(Vocabulary.of(text.text()).size()).isBetween(30, 80);
    }

    @Test
    void drawingFollowsTemperatureAndTopK() {
        double[] logits = {1, 3, 2, -4};
        assertThat(new Sampling(0, 0).pick(logits, new RandomStream(1, "test", 0))).isEqualTo(1);
        int[] all = counts(new Sampling(1, 0), logits);
        int[] two = counts(new Sampling(1, 2), logits);
        int[] cold = counts(new Sampling(0.25, 0), logits);
        // exp(3) and exp(2) of exp(1) + exp(3) + exp(2) + exp(-4).
        assertThat(all[1]).isBetween(6_300, 7_000);
        assertThat(all[2]).isBetween(2_200, 2_700);
        assertThat(two[0] + two[3]).isZero();
        assertThat(two[1]).isBetween(7_000, 7_600);
        assertThat(cold[1]).isGreaterThan(9_600);
        assertThatThrownBy(() -> new Sampling(-1, 0)).isInstanceOf(QuernException.class).hasMessageContaining("temperature is -1.0");
        assertThatThrownBy(() -> new Sampling(1, -1)).isInstanceOf(QuernException.class).hasMessageContaining("top k is -1");
    }

    private static int[] counts(Sampling sampling, double[] logits) {
        RandomStream random = new RandomStream(1, "test", 0);
        int[] counts = new int[logits.length];
        for (int i = 0; i < 10_000; i++) {
            counts[sampling.pick(logits, random)]++;
        }
        return counts;
    }
}
