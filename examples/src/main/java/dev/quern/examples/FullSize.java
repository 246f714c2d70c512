package dev.quern.examples;

import dev.quern.layers.data.ColouredDigits;
import dev.quern.layers.data.ImageDataset;
import dev.quern.layers.data.Normalisation;
import dev.quern.layers.data.ResizedPictures;
import dev.quern.layers.data.Samples;
import dev.quern.layers.data.Split;
import dev.quern.layers.nn.Model;
import dev.quern.layers.train.Classification;
import dev.quern.layers.train.TrainOptions;
import java.nio.file.Path;
import java.util.List;

/**
 * A model as large as its authors made it, for pictures of 224 x 224. On built-in data it has ImageNet's thousand classes, of which ten
 * occur; on the user's as many as these have.
 *
 * @param small the model
 */
record FullSize(LargePictureModel small) implements Classifier {
    @Override
    public Model model() {
        return small.fullSize();
    }

    @Override
    public Model model(int classes) {
        return small.fullSize(classes);
    }

    @Override
    public String description() {
        return small.description() + ", here as large as its authors made it";
    }

    @Override
    public Normalisation normalisation() {
        return small.fullSizeNormalisation();
    }

    @Override
    public Classification task(Split<? extends Samples> data) {
        return data.train() instanceof ResizedPictures pictures
                ? Classification.of(model(pictures.classes())).withClassNames(pictures.classNames()) : task();
    }

    @Override
    public List<String> leftOver() {
        return small.leftOver();
    }

    /** As for the small size. */
    @Override
    public TrainOptions recipe() {
        return small.recipe();
    }

    @Override
    public Split<ResizedPictures> builtInData() {
        Split<ImageDataset> digits = ColouredDigits.standard();
        return new Split<>(large(digits.train()), large(digits.test()));
    }

    private static ResizedPictures large(ImageDataset digits) {
        return ResizedPictures.of(digits, LargePictureModel.LARGE).withClasses(LargePictureModel.IMAGENET);
    }

    @Override
    public Split<ResizedPictures> data(Path folder) {
        return small.fullSizeData(folder);
    }
}
