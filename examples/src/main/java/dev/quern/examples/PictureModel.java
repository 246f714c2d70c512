package dev.quern.examples;

import dev.quern.layers.data.ColouredDigits;
import dev.quern.layers.data.ImageDataset;
import dev.quern.layers.data.Normalisation;
import dev.quern.layers.data.Pictures;
import dev.quern.layers.data.Samples;
import dev.quern.layers.data.Split;
import dev.quern.layers.nn.Model;
import dev.quern.layers.train.Classification;
import java.nio.file.Path;

/**
 * A model of coloured pictures, 32 x 32: built-in ones, or of CIFAR-10, CIFAR-100 or a folder a class.
 */
interface PictureModel extends Classifier {
    /** Pictures' channels. */
    int CHANNELS = 3;
    /** Rows and columns of small pictures. */
    int SMALL = 32;

    /** The network for small pictures of so many classes. */
    @Override
    Model model(int classes);

    @Override
    default Model model() {
        return model(ColouredDigits.CLASSES);
    }

    @Override
    default Normalisation normalisation() {
        return Normalisation.PICTURES;
    }

    /** As many classes as the data have. */
    @Override
    default Classification task(Split<? extends Samples> data) {
        return data.train() instanceof ImageDataset pictures
                ? Classification.of(model(pictures.classes())).withClassNames(pictures.classNames()) : task();
    }

    @Override
    default Split<ImageDataset> builtInData() {
        return ColouredDigits.standard().training(digits -> digits.withRandomShift(1));
    }

    /** Pictures are mirrored at random and moved by up to an eighth. */
    @Override
    default Split<ImageDataset> data(Path folder) {
        return Pictures.read(folder, SMALL).training(pictures -> pictures.withRandomShift(SMALL / 8).withRandomFlip());
    }
}
