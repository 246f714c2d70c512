package dev.quern.layers.data;

import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Pictures brought to another size while they are copied, so that those of one size take no more memory than they have: evaluation sees
 * the middle, training a random part if it is told to. Resized with the filter of {@link ImageFile}, within the part that is seen.
 */
public final class ResizedPictures implements Dataset {
    private static final int COLOURS = 3;

    private final ImageDataset source;
    private final int size;
    private final int middle;
    private final Optional<RandomResizedCrop> crop;
    private final Augmentation changes;
    private final List<String> classNames;

    private ResizedPictures(ImageDataset source, int size, int middle, Optional<RandomResizedCrop> crop, Augmentation changes,
            List<String> classNames) {
        this.source = source;
        this.size = size;
        this.middle = middle;
        this.crop = crop;
        this.changes = changes;
        this.classNames = List.copyOf(classNames);
    }

    /**
     * Pictures that are seen from edge to edge.
     *
     * @param source square pictures, grey or coloured; what it would change at random is left out
     * @param size   rows and columns that they come to
     * @throws QuernException if they are not square, or have neither one nor three channels
     */
    public static ResizedPictures of(ImageDataset source, int size) {
        Shape shape = source.sampleShape();
        if (shape.extent(1) != shape.extent(2) || shape.extent(0) != 1 && shape.extent(0) != COLOURS || size < 1) {
            throw new QuernException(source.name() + ": pictures " + shape + " cannot be brought to " + size + " x " + size
                    + "; they must be square, with one or three channels");
        }
        return new ResizedPictures(source, size, shape.extent(1), Optional.empty(), Augmentation.NONE, source.classNames());
    }

    /** The same of which evaluation sees the middle only: so many rows and columns of what is stored. */
    public ResizedPictures seenInTheMiddle(int pixels) {
        if (pixels < 1 || pixels > source.sampleShape().extent(1)) {
            throw new QuernException(name() + ": the middle cannot have " + pixels + " of " + source.sampleShape().extent(1) + " rows");
        }
        return new ResizedPictures(source, size, pixels, crop, changes, classNames);
    }

    /** The same; training sees a random part of each. */
    public ResizedPictures cropped(RandomResizedCrop by) {
        return new ResizedPictures(source, size, middle, Optional.of(by), changes, classNames);
    }

    /** The same; training sees half of them mirrored, left for right. */
    public ResizedPictures withRandomFlip() {
        return new ResizedPictures(source, size, middle, crop,
                new Augmentation(0, true, changes.brightness(), changes.contrast(), changes.saturation()), classNames);
    }

    /** The same; training sees other colours, see {@link ImageDataset#withColourJitter}. */
    public ResizedPictures withColourJitter(double brightness, double contrast, double saturation) {
        return new ResizedPictures(source, size, middle, crop, new Augmentation(0, changes.flip(), brightness, contrast, saturation), classNames);
    }

    /** The same for a model that tells more classes apart than there are; those that have no pictures are called by their numbers. */
    public ResizedPictures withClasses(int classes) {
        if (classes < source.classes()) {
            throw new QuernException(name() + ": has " + source.classes() + " classes, which are not " + classes);
        }
        return new ResizedPictures(source, size, middle, crop, changes, IntStream.range(0, classes)
                .mapToObj(each -> each < source.classes() ? source.classNames().get(each) : Integer.toString(each)).toList());
    }

    @Override
    public String name() {
        return source.name() + " brought to " + size + " x " + size;
    }

    @Override
    public int size() {
        return source.size();
    }

    @Override
    public Shape sampleShape() {
        return Shape.of(source.sampleShape().extent(0), size, size);
    }

    @Override
    public int classes() {
        return classNames.size();
    }

    /** The classes, in the order of their labels. */
    public List<String> classNames() {
        return classNames;
    }

    @Override
    public int label(int sample) {
        return source.label(sample);
    }

    @Override
    public void copy(int sample, int row, MemorySegment inputs, MemorySegment labels) {
        copy(sample, row, inputs, whole(), false, Optional.empty());
        labels.setAtIndex(ValueLayout.JAVA_INT, row, label(sample));
    }

    private RandomResizedCrop.Window whole() {
        int edge = (source.sampleShape().extent(1) - middle) / 2;
        return new RandomResizedCrop.Window(edge, edge, middle, middle);
    }

    @Override
    public void copyAugmented(int sample, long bits, int row, MemorySegment inputs, MemorySegment labels) {
        int side = source.sampleShape().extent(1);
        RandomResizedCrop.Window window = crop.isPresent() ? crop.get().window(bits, side, side) : whole();
        copy(sample, row, inputs, window, changes.mirrored(bits),
                changes.colours() ? Optional.of(source.colours(sample, bits, changes)) : Optional.empty());
        labels.setAtIndex(ValueLayout.JAVA_INT, row, label(sample));
    }

    private void copy(int sample, int row, MemorySegment inputs, RandomResizedCrop.Window window, boolean mirrored,
            Optional<ColourChange> colours) {
        boolean coloured = source.sampleShape().extent(0) == COLOURS;
        long plane = (long) size * size;
        double high = (double) window.height() / size;
        double wide = (double) window.width() / size;
        for (int y = 0; y < size; y++) {
            double atRow = window.top() + (y + 0.5) * high;
            for (int x = 0; x < size; x++) {
                double atColumn = window.left() + ((mirrored ? size - 1 - x : x) + 0.5) * wide;
                float red = level(sample, 0, atRow, atColumn, window, high, wide);
                float green = coloured ? level(sample, 1, atRow, atColumn, window, high, wide) : red;
                float blue = coloured ? level(sample, 2, atRow, atColumn, window, high, wide) : red;
                if (colours.isPresent()) {
                    ColourChange change = colours.get();
                    red = change.contrasted(red);
                    green = change.contrasted(green);
                    blue = change.contrasted(blue);
                    float grey = ColourChange.grey(red, green, blue);
                    red = change.saturated(grey, red);
                    green = change.saturated(grey, green);
                    blue = change.saturated(grey, blue);
                }
                long target = row * (coloured ? COLOURS : 1) * plane + (long) y * size + x;
                inputs.setAtIndex(ValueLayout.JAVA_FLOAT, target, source.normalised(0, red));
                if (coloured) {
                    inputs.setAtIndex(ValueLayout.JAVA_FLOAT, target + plane, source.normalised(1, green));
                    inputs.setAtIndex(ValueLayout.JAVA_FLOAT, target + 2 * plane, source.normalised(2, blue));
                }
            }
        }
    }

    /** The weighted mean of the levels around a place, of those within the window. */
    private float level(int sample, int channel, double atRow, double atColumn, RandomResizedCrop.Window window, double high, double wide) {
        double rowReach = Math.max(1, high);
        double columnReach = Math.max(1, wide);
        int top = Math.max(window.top(), (int) Math.floor(atRow - rowReach));
        int bottom = Math.min(window.top() + window.height() - 1, (int) Math.ceil(atRow + rowReach));
        int left = Math.max(window.left(), (int) Math.floor(atColumn - columnReach));
        int right = Math.min(window.left() + window.width() - 1, (int) Math.ceil(atColumn + columnReach));
        double sum = 0;
        double weights = 0;
        for (int y = top; y <= bottom; y++) {
            double rowWeight = ImageFile.weight(y, atRow, rowReach);
            for (int x = left; rowWeight > 0 && x <= right; x++) {
                double weight = rowWeight * ImageFile.weight(x, atColumn, columnReach);
                weights += weight;
                sum += weight == 0 ? 0 : weight * source.level(sample, channel, y, x);
            }
        }
        return (float) (sum / weights);
    }
}
