package dev.quern.layers.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.graph.op.Value;
import dev.quern.layers.checkpoint.Checkpoint;
import dev.quern.layers.checkpoint.Safetensors;
import dev.quern.layers.data.Split;
import dev.quern.layers.nn.Dense;
import dev.quern.layers.nn.EachPosition;
import dev.quern.layers.nn.Embedding;
import dev.quern.layers.nn.LayerContext;
import dev.quern.layers.nn.Recurrent;
import dev.quern.layers.optim.Adam;
import dev.quern.layers.text.TextPairs.Pair;
import dev.quern.layers.train.Evaluation;
import dev.quern.layers.train.TrainOptions;
import dev.quern.layers.train.Trainer;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import dev.quern.runtime.testing.TestDevices;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Greedy decoding in the graph and beam search beside it. */
class TranslatorTest {
    private static final PairFormat FORMAT = new PairFormat(new Vocabulary("ab"), new Vocabulary("ab"), 2, 2);

    @TempDir
    private Path folder;

    /** Writes the two characters of a text the other way round, with a GRU on both sides. */
    private record Turning() implements EncoderDecoder {
        @Override
        public Memory encode(LayerContext context, Value source, Value lengths) {
            Value x = context.build("in", Embedding.of(FORMAT.sourceTokens(), 8), context.graph().transpose(source, 1, 0));
            Value last = context.build("reads", Recurrent.gru(8, 16).onlyLastState(), x);
            return new Memory(context.graph().reshape(last, -1, 1, 16), lengths, List.of(context.graph().reshape(last, 1, -1, 16)));
        }

        @Override
        public Said decode(LayerContext context, Memory memory, Value read) {
            Value x = context.build("read", Embedding.of(FORMAT.targetTokens(), 8), context.graph().transpose(read, 1, 0));
            Recurrent gru = Recurrent.gru(8, 16);
            Value y = context.build("writes", gru, inner -> gru.run(inner, x, network -> network.initial(memory.initial().getFirst())).y(),
                    value -> value);
            Value logits = context.build("out", EachPosition.of(Dense.of(16, FORMAT.targetTokens())), context.graph().transpose(y, 1, 0, 2));
            return new Said(logits, Optional.empty());
        }
    }

    @Test
    void whatItSaysItselfIsWhatCounts() {
        Device device = TestDevices.shared("host");
        List<Pair> all = List.of(new Pair("ab", "ba"), new Pair("ba", "ab"), new Pair("aa", "aa"), new Pair("bb", "bb"));
        List<Pair> many = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            many.addAll(all);
        }
        Split<TextPairs> data = new Split<>(new TextPairs("many", FORMAT, many), new TextPairs("all", FORMAT, all));
        Translation model = new Translation("turning", FORMAT, 0, new Turning());
        Path file = folder.resolve("turning.safetensors");
        try (Trainer trainer = new Trainer(model, data, device,
                TrainOptions.defaults().epochs(25).batch(8).learningRate(0.03).optimizer(Adam.standard()))) {
            Evaluation before = trainer.evaluate();
            assertThat(before.headline().name()).isEqualTo("exact_match");
            assertThat(before.metric("exact_match")).isLessThan(0.6);
            Evaluation after = trainer.train().test();
            assertThat(after.metric("exact_match")).isEqualTo(1);
            assertThat(after.metric("token_accuracy")).isEqualTo(1);
            trainer.save(file);
        }
        for (int beam : new int[] {1, 3}) {
            try (Translator translator = Translator.open(model, beam, Checkpoint.read(file), device)) {
                for (Pair pair : all) {
                    Translator.Result result = translator.translate(pair.source());
                    assertThat(result.text()).isEqualTo(pair.target());
                    assertThat(result.logProbability()).isBetween(-1.0, 0.0);
                    assertThat(result.attention()).isEmpty();
                }
                assertThatThrownBy(() -> translator.translate("aba")).isInstanceOf(QuernException.class)
                        .hasMessage("\"aba\" has 3 characters, the model takes 1 to 2");
                assertThatThrownBy(() -> translator.translate("")).isInstanceOf(QuernException.class).hasMessageContaining("has 0 characters");
                assertThatThrownBy(() -> translator.translate("ax")).isInstanceOf(QuernException.class).hasMessageContaining("character \"x\"");
            }
        }
    }

    /** Logits that depend on the last token alone: rows of a table of parameters. */
    private record Table() implements EncoderDecoder {
        @Override
        public Memory encode(LayerContext context, Value source, Value lengths) {
            return new Memory(source, lengths, List.of());
        }

        @Override
        public Said decode(LayerContext context, Memory memory, Value read) {
            return new Said(context.build("table", Embedding.of(FORMAT.targetTokens(), FORMAT.targetTokens()), read), Optional.empty());
        }
    }

    /**
     * "a" is likelier than "b" at first (0.55 to 0.45), but what follows it is uncertain (0.4 at most), and what follows "b" is not (0.9): greedy
     * decoding ends with 0.55 * 0.4 * 1 and a beam of two finds 0.45 * 0.9.
     */
    @Test
    void aBeamFindsALikelierWholeThanGreedyDecoding() {
        float none = (float) Math.log(1e-9);
        HostTensor table = HostTensor.of(Shape.of(4, 4),
                none, none, (float) Math.log(0.55), (float) Math.log(0.45),
                none, 0, none, none,
                none, (float) Math.log(0.4), (float) Math.log(0.3), (float) Math.log(0.3),
                none, (float) Math.log(0.9), (float) Math.log(0.05), (float) Math.log(0.05));
        Path file = folder.resolve("table.safetensors");
        Safetensors.of(Map.of("model", "table"), Map.of("table.weight", table)).write(file);
        Translation model = new Translation("table", FORMAT, 0, new Table());
        Device device = TestDevices.shared("host");
        try (Translator greedy = Translator.open(model, 1, Checkpoint.read(file), device);
                Translator beam = Translator.open(model, 2, Checkpoint.read(file), device)) {
            assertThat(greedy.translate("a").text()).isEqualTo("a");
            Translator.Result found = beam.translate("a");
            assertThat(found.text()).isEqualTo("b");
            assertThat(found.logProbability()).isCloseTo(Math.log(0.45 * 0.9), within(1e-5));
        }
        assertThatThrownBy(() -> Translator.open(model, 0, Checkpoint.read(file), device)).isInstanceOf(QuernException.class)
                .hasMessageContaining("beam is 0");
    }
}
