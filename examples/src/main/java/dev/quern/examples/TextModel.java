package dev.quern.examples;

import dev.quern.layers.data.Samples;
import dev.quern.layers.data.Split;
import dev.quern.layers.text.CharacterNetwork;
import dev.quern.layers.text.LanguageModel;
import dev.quern.layers.text.TextCorpus;
import dev.quern.layers.text.TextWindows;
import dev.quern.layers.text.Vocabulary;
import dev.quern.runtime.QuernException;
import java.nio.file.Path;
import java.util.Map;

/** A model that predicts each next character of a text, whose characters are its vocabulary. */
public interface TextModel extends ExampleModel {
    /** Characters of a window. */
    int length();

    /** The network for so many different characters. */
    CharacterNetwork network(int vocabulary);

    /** The model for a vocabulary. */
    default LanguageModel task(Vocabulary vocabulary) {
        return new LanguageModel(name(), vocabulary, length(), network(vocabulary.size()));
    }

    /**
     * The model for the vocabulary that a checkpoint carries.
     *
     * @param metadata the checkpoint's
     * @throws QuernException if it has none
     */
    default LanguageModel task(Map<String, String> metadata) {
        return task(vocabulary(metadata));
    }

    private static Vocabulary vocabulary(Map<String, String> metadata) {
        String characters = metadata.get(LanguageModel.VOCABULARY);
        if (characters == null) {
            throw new QuernException("the checkpoint has no metadata " + LanguageModel.VOCABULARY
                    + "; it was not written by training a language model");
        }
        return new Vocabulary(characters);
    }

    @Override
    default LanguageModel task() {
        return task(builtInData());
    }

    @Override
    default LanguageModel task(Split<? extends Samples> data) {
        return task(windows(data).vocabulary());
    }

    @Override
    default Split<TextWindows> builtInData() {
        return windows(TextCorpus.builtIn());
    }

    @Override
    default Split<TextWindows> data(Path path) {
        return windows(TextCorpus.read(path));
    }

    @Override
    default Split<TextWindows> fit(Split<? extends Samples> data, Map<String, String> metadata) {
        return windows(data).corpus().windows(vocabulary(metadata), length());
    }

    private static TextWindows windows(Split<? extends Samples> data) {
        if (data.test() instanceof TextWindows windows) {
            return windows;
        }
        throw new IllegalArgumentException(data.test().name() + " are no windows of a text");
    }

    private Split<TextWindows> windows(TextCorpus corpus) {
        return corpus.windows(Vocabulary.of(corpus.text()), length());
    }
}
