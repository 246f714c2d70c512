package dev.quern.layers.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.graph.op.RecurrentOutput;
import dev.quern.graph.op.Value;
import dev.quern.layers.checkpoint.Checkpoint;
import dev.quern.layers.data.Split;
import dev.quern.layers.nn.Dense;
import dev.quern.layers.nn.EachPosition;
import dev.quern.layers.nn.Embedding;
import dev.quern.layers.nn.LayerContext;
import dev.quern.layers.nn.Recurrent;
import dev.quern.layers.optim.Adam;
import dev.quern.layers.train.TrainOptions;
import dev.quern.layers.train.Trainer;
import dev.quern.layers.train.TrainingResult;
import dev.quern.runtime.DType;
import dev.quern.runtime.Device;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import dev.quern.runtime.testing.TestDevices;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A language model learns a text by heart and writes it, in steps as from windows. */
class TextGeneratorTest {
    private static final String PHRASE = "the quick fox. ";
    private static final int HIDDEN = 24;

    @TempDir
    private Path folder;

    private static Value build(LayerContext context, Value tokens, int vocabulary, boolean step) {
        Value x = context.build("embedding", Embedding.of(vocabulary, 12), context.graph().transpose(tokens, 1, 0));
        Recurrent gru = Recurrent.gru(12, HIDDEN);
        Value memory = context.graph().state(SteppingNetwork.MEMORY + "h", DType.F32, Shape.of(1, 1, HIDDEN));
        Value y = context.build("gru", gru, inner -> {
            RecurrentOutput output = gru.run(inner, x, network -> step ? network.initial(memory) : network);
            if (step) {
                context.graph().assign(memory, output.hn());
            }
            return output;
        }, RecurrentOutput::y).y();
        return context.graph().transpose(context.build("out", EachPosition.of(Dense.of(HIDDEN, vocabulary)), y), 1, 0, 2);
    }

    private static LanguageModel windows(Vocabulary vocabulary) {
        return new LanguageModel("parrot", vocabulary, 20, (context, tokens) -> build(context, tokens, vocabulary.size(), false));
    }

    private static LanguageModel steps(Vocabulary vocabulary) {
        return new LanguageModel("parrot", vocabulary, 20, new SteppingNetwork() {
            @Override
            public Value build(LayerContext context, Value tokens) {
                return TextGeneratorTest.build(context, tokens, vocabulary.size(), false);
            }

            @Override
            public Value step(LayerContext context, Value token) {
                return TextGeneratorTest.build(context, token, vocabulary.size(), true);
            }
        });
    }

    @Test
    void writesWhatItLearnedByHeart() {
        Device device = TestDevices.shared("host");
        Split<TextWindows> data = new TextCorpus("phrases", PHRASE.repeat(60)).windows(Vocabulary.of(PHRASE), 20);
        LanguageModel model = windows(data.train().vocabulary());
        Path file = folder.resolve("parrot.safetensors");
        try (Trainer trainer = new Trainer(model, data, device,
                TrainOptions.defaults().epochs(20).batch(8).learningRate(0.02).optimizer(Adam.standard()))) {
            TrainingResult result = trainer.train();
            // At worst the first characters of a window, of which nothing can be known, are guessed.
            assertThat(result.test().headline().name()).isEqualTo("nats");
            assertThat(result.test().metric("nats")).isLessThan(0.2);
            assertThat(result.test().metric("perplexity")).isEqualTo(Math.exp(result.test().metric("nats")));
            trainer.save(file);
        }
        Checkpoint checkpoint = Checkpoint.read(file);
        Vocabulary known = new Vocabulary(checkpoint.content().metadata().get(LanguageModel.VOCABULARY));
        assertThat(known).isEqualTo(data.train().vocabulary());
        StringBuilder heard = new StringBuilder();
        String fromWindows;
        try (TextGenerator generator = TextGenerator.open(windows(known), checkpoint, device)) {
            fromWindows = generator.generate(PHRASE, 30, new Sampling(0, 0), 1, heard::append);
        }
        assertThat(fromWindows).isEqualTo(PHRASE.repeat(2)).isEqualTo(heard.toString());
        try (TextGenerator generator = TextGenerator.open(steps(known), checkpoint, device)) {
            assertThat(generator.generate(PHRASE, 30, new Sampling(0, 0), 1, _ -> { })).isEqualTo(fromWindows);
            Sampling hot = new Sampling(3, 0);
            String drawn = generator.generate("the ", 40, hot, 7, _ -> { });
            assertThat(generator.generate("the ", 40, hot, 7, _ -> { })).isEqualTo(drawn);
            assertThat(generator.generate("the ", 40, hot, 8, _ -> { })).isNotEqualTo(drawn);
            assertThatThrownBy(() -> generator.generate("", 1, hot, 1, _ -> { })).isInstanceOf(QuernException.class)
                    .hasMessageContaining("the prompt is empty");
            assertThatThrownBy(() -> generator.generate("THE", 1, hot, 1, _ -> { })).isInstanceOf(QuernException.class)
                    .hasMessageContaining("character \"T\" at place 1 is not among");
        }
    }
}
