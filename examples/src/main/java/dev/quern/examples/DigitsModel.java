package dev.quern.examples;

import dev.quern.layers.data.ImageDataset;
import dev.quern.layers.data.Mnist;
import dev.quern.layers.data.Split;
import dev.quern.layers.data.SyntheticDigits;
import java.nio.file.Path;

/** A model of handwritten digits, 28 x 28: trained on built-in ones, or on MNIST's files. */
interface DigitsModel extends Classifier {
    /** Pixels by which training images are moved at most, at random, along both axes. */
    default int randomShift() {
        return 0;
    }

    @Override
    default Split<ImageDataset> builtInData() {
        return shifted(SyntheticDigits.standard());
    }

    @Override
    default Split<ImageDataset> data(Path folder) {
        return shifted(Mnist.read(folder));
    }

    private Split<ImageDataset> shifted(Split<ImageDataset> digits) {
        return digits.training(images -> images.withRandomShift(randomShift()));
    }
}
