package dev.quern.layers.data;

import java.util.List;

/**
 * How pixels become numbers: {@code (pixel / 255 - mean) / deviation}.
 *
 * @param mean      one for all channels, or one a channel
 * @param deviation as many
 */
public record Normalisation(List<Double> mean, List<Double> deviation) {
    /** The mean and standard deviation of MNIST's training pixels, as usually rounded. */
    public static final Normalisation DIGITS = new Normalisation(List.of(0.1307), List.of(0.3081));
    /** What pictures are usually taken for, whatever they show: all pixels then come to between -2 and 2. */
    public static final Normalisation PICTURES = new Normalisation(List.of(0.5), List.of(0.25));
    /** Those of ImageNet's pictures, red, green and blue, which torchvision's weights expect. */
    public static final Normalisation IMAGENET = new Normalisation(List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225));

    public Normalisation {
        mean = List.copyOf(mean);
        deviation = List.copyOf(deviation);
        if (mean.isEmpty() || mean.size() != deviation.size() || deviation.stream().anyMatch(each -> !(each > 0))) {
            throw new IllegalArgumentException("mean " + mean + " and deviation " + deviation
                    + " must be as many, at least one, and deviations above 0");
        }
    }

    /** The number of a pixel. */
    double of(int channel, double level) {
        int at = mean.size() == 1 ? 0 : channel;
        return (level / 255.0 - mean.get(at)) / deviation.get(at);
    }

    /** The numbers of all 256 pixels of each channel, one channel after the other. */
    float[] table(int channels) {
        if (mean.size() != 1 && mean.size() != channels) {
            throw new IllegalArgumentException("a normalisation of " + mean.size() + " channels for images of " + channels);
        }
        float[] table = new float[channels * 256];
        for (int i = 0; i < table.length; i++) {
            table[i] = (float) of(i / 256, i % 256);
        }
        return table;
    }
}
