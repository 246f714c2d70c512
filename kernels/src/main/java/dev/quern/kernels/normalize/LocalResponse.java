package dev.quern.kernels.normalize;

import dev.quern.runtime.QuernException;
import java.util.Locale;

/**
 * The attributes of local response norm, as PyTorch has them: each value is divided by
 * (k + alpha / size * sum of the squares of its neighbours across channels) ^ beta, where channel c's neighbours are the
 * channels from c - size / 2 to c + (size - 1) / 2 that exist, itself among them.
 *
 * @param size  how many channels are neighbours, at least 1
 * @param alpha at least 0
 * @param beta  the exponent, finite
 * @param k     at least 0
 */
public record LocalResponse(int size, float alpha, float beta, float k) {
    public LocalResponse {
        String text = "local-response-norm of " + size + " channels";
        if (size < 1) {
            throw new QuernException(text + ": size must be at least 1");
        }
        if (!(alpha >= 0 && alpha < Float.POSITIVE_INFINITY) || !(k >= 0 && k < Float.POSITIVE_INFINITY)) {
            throw new QuernException(text + ": alpha " + alpha + " and k " + k + " must be at least 0 and finite");
        }
        if (!Float.isFinite(beta)) {
            throw new QuernException(text + ": beta " + beta + " must be finite");
        }
    }

    /** Neighbours before a channel. */
    public int before() {
        return size / 2;
    }

    /** Neighbours behind a channel. */
    public int behind() {
        return (size - 1) / 2;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "size=%d alpha=%s beta=%s k=%s", size, alpha, beta, k);
    }
}
