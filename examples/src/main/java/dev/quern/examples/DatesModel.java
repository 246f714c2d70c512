package dev.quern.examples;

import dev.quern.layers.data.Split;
import dev.quern.layers.text.EncoderDecoder;
import dev.quern.layers.text.TextPairs;
import dev.quern.layers.text.Translation;
import java.nio.file.Path;

/** A model that turns written dates into those of ISO 8601: generated ones, or lines of a file with a tabulator between the two. */
public interface DatesModel extends ExampleModel {
    /** The network. */
    EncoderDecoder network();

    /** The share of each target spread over all tokens in training. */
    default double labelSmoothing() {
        return 0;
    }

    @Override
    default Translation task() {
        return new Translation(name(), WrittenDates.FORMAT, labelSmoothing(), network(), settings().metadata());
    }

    @Override
    default Split<TextPairs> builtInData() {
        return WrittenDates.standard();
    }

    @Override
    default Split<TextPairs> data(Path path) {
        return TextPairs.read(path, WrittenDates.FORMAT);
    }
}
