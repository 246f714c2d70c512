package dev.quern.examples;

import dev.quern.layers.data.ImageDataset;
import dev.quern.layers.data.Normalisation;
import dev.quern.layers.data.Pictures;
import dev.quern.layers.data.RandomResizedCrop;
import dev.quern.layers.data.ResizedPictures;
import dev.quern.layers.data.Split;
import dev.quern.layers.nn.Model;
import java.nio.file.Path;
import java.util.Optional;

/** A model of coloured pictures that its authors made for ImageNet's, of 224 x 224, and that {@link #model} makes for small ones. */
interface LargePictureModel extends PictureModel {
    /** Rows and columns of ImageNet's pictures. */
    int LARGE = 224;
    /** Rows and columns to which files are brought, of which training sees random parts and evaluation the middle, as is usual. */
    int STORED = 256;
    /** The classes of ImageNet. */
    int IMAGENET = 1000;

    /** The network as large as its authors made it, but for so many classes. */
    Model fullSize(int classes);

    /** The same for ImageNet's thousand classes. */
    default Model fullSize() {
        return fullSize(IMAGENET);
    }

    /** How pixels become numbers for torchvision's weights. */
    default Normalisation fullSizeNormalisation() {
        return Normalisation.IMAGENET;
    }

    /** The user's pictures for the full size: training sees a random part, mirrored or not. */
    default Split<ResizedPictures> fullSizeData(Path folder) {
        Split<ImageDataset> pictures = Pictures.read(folder, STORED, fullSizeNormalisation());
        ResizedPictures train = ResizedPictures.of(pictures.train(), LARGE).cropped(RandomResizedCrop.standard()).withRandomFlip();
        ResizedPictures test = ResizedPictures.of(pictures.test(), LARGE);
        boolean files = pictures.test().sampleShape().extent(1) == STORED;
        return new Split<>(train, files ? test.seenInTheMiddle(LARGE) : test);
    }

    @Override
    default Optional<ExampleModel> inFullSize() {
        return Optional.of(new FullSize(this));
    }
}
