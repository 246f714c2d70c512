package dev.quern.examples;

import dev.quern.layers.data.ImageDataset;
import dev.quern.layers.data.ImageFolder;
import dev.quern.layers.data.Mnist;
import dev.quern.layers.data.Normalisation;
import dev.quern.layers.data.Pictures;
import dev.quern.layers.data.Split;
import dev.quern.layers.data.SyntheticDigits;
import dev.quern.runtime.Shape;
import java.nio.file.Path;

/** A model of handwritten digits, 28 x 28: trained on built-in ones, on MNIST's files, or on pictures in a folder a class. */
interface DigitsModel extends Classifier {
    /** Rows and columns of an image. */
    int SIZE = SyntheticDigits.SIZE;

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
        return shifted(ImageFolder.isOne(folder) ? Pictures.folders(folder, Shape.of(1, SIZE, SIZE), normalisation()) : Mnist.read(folder));
    }

    @Override
    default Normalisation normalisation() {
        return Normalisation.DIGITS;
    }

    private Split<ImageDataset> shifted(Split<ImageDataset> digits) {
        return digits.training(images -> images.withRandomShift(randomShift()));
    }
}
