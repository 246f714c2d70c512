package dev.quern.layers.text;

import dev.quern.layers.random.RandomStream;
import dev.quern.runtime.QuernException;
import java.util.Arrays;

/**
 * How a next character is drawn from logits.
 *
 * @param temperature what logits are divided by: below 1 likely characters become likelier; 0 always takes the likeliest
 * @param topK        only so many of the likeliest are drawn from; 0 for all
 */
public record Sampling(double temperature, int topK) {
    public Sampling {
        if (!(temperature >= 0 && temperature < Double.POSITIVE_INFINITY)) {
            throw new QuernException("temperature is " + temperature + ", expected a finite number from 0");
        }
        if (topK < 0) {
            throw new QuernException("top k is " + topK + ", expected at least 1, or 0 for all");
        }
    }

    /**
     * Draws one.
     *
     * @param logits one a character, finite
     * @param random drawn from once, unless the temperature is 0
     */
    public int pick(double[] logits, RandomStream random) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            best = logits[i] > logits[best] ? i : best;
        }
        if (temperature == 0) {
            return best;
        }
        double least = least(logits);
        double[] weights = new double[logits.length];
        double sum = 0;
        for (int i = 0; i < logits.length; i++) {
            weights[i] = logits[i] < least ? 0 : StrictMath.exp((logits[i] - logits[best]) / temperature);
            sum += weights[i];
        }
        double left = random.nextFloat() * sum;
        for (int i = 0; i < weights.length; i++) {
            left -= weights[i];
            if (left < 0) {
                return i;
            }
        }
        // Rounding left a crumb over.
        return best;
    }

    /** The smallest logit that may be drawn; equals of it may be too. */
    private double least(double[] logits) {
        if (topK == 0 || topK >= logits.length) {
            return Double.NEGATIVE_INFINITY;
        }
        double[] sorted = logits.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length - topK];
    }
}
