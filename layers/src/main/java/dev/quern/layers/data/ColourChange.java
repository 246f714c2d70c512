package dev.quern.layers.data;

/**
 * How the colours of one picture change: first all levels by a factor (brightness), then distances from the picture's mean grey (contrast),
 * then distances from each pixel's grey (saturation), each kept between black and white.
 *
 * @param brightness the factor of levels
 * @param contrast   the factor of distances from the mean
 * @param saturation the factor of distances from grey
 * @param mean       the mean grey of the picture once its brightness has changed
 */
record ColourChange(float brightness, float contrast, float saturation, float mean) {
    /** The shares of red, green and blue in grey (ITU-R BT.601). */
    static final float[] SHARES = {0.299f, 0.587f, 0.114f};

    private static final float WHITE = 255;

    /** A level with another brightness and contrast. */
    float contrasted(float level) {
        return limited(mean + contrast * (limited(brightness * level) - mean));
    }

    /** The grey of a colour. */
    static float grey(float red, float green, float blue) {
        return SHARES[0] * red + SHARES[1] * green + SHARES[2] * blue;
    }

    /** A level of a pixel of this grey with another saturation. */
    float saturated(float grey, float level) {
        return limited(grey + saturation * (level - grey));
    }

    /** The level, or black or white where it is beyond. */
    static float limited(float level) {
        return Math.clamp(level, 0, WHITE);
    }
}
