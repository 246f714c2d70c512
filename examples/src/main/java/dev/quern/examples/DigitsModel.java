package dev.quern.examples;

import dev.quern.layers.data.Mnist;
import dev.quern.layers.data.Split;
import dev.quern.layers.data.SyntheticDigits;
import java.nio.file.Path;

/** A model of handwritten digits, 28 x 28: trained on built-in ones, or on MNIST's files. */
interface DigitsModel extends ExampleModel {
    @Override
    default Split builtInData() {
        return SyntheticDigits.standard();
    }

    @Override
    default Split data(Path folder) {
        return Mnist.read(folder);
    }
}
