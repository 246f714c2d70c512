package dev.quern.kernels.expr;

/**
 * The exponential of many floats for kernels written in Java, to 2e-7 of each result: a polynomial over the distance to the
 * next multiple of log 2, in a loop that the JIT vectorises, and then the power of two out of a table. Four times as fast as
 * {@link Math#exp}; building the power of two from bits would keep the first loop from being vectorised.
 */
public final class HostExp {
    private static final int LEAST = -150;
    private static final float[] POWERS = new float[129 - LEAST];

    static {
        for (int i = 0; i < POWERS.length; i++) {
            // Half of the power, for twice the polynomial: e^88.7 is a float, 2^128 is none.
            POWERS[i] = (float) Math.scalb(1.0, i + LEAST - 1);
        }
    }

    private HostExp() {
    }

    /**
     * x[i] = e^x[i] for the first {@code count} elements. NaN stays NaN, minus infinity gives 0.
     *
     * @param x        the exponents, replaced by the results
     * @param exponents a scratch array of at least {@code count} elements
     * @param count    how many
     */
    public static void apply(float[] x, int[] exponents, int count) {
        apply(x, x, exponents, count);
    }

    /** y[i] = e^x[i], as {@link #apply(float[], int[], int)}. */
    public static void apply(float[] x, float[] y, int[] exponents, int count) {
        for (int i = 0; i < count; i++) {
            float v = Math.min(Math.max(x[i], -104f), 89f);
            // Adding and subtracting 1.5 * 2^23 rounds to an integer.
            float n = v * 1.44269504f + 12582912f - 12582912f;
            // log 2 in two parts, the first of which has few bits.
            float f = Math.fma(n, -1.42860677e-6f, Math.fma(n, -0.693145752f, v));
            float p = Math.fma(f, 0.0013843653723597527f, 0.00837415549904108f);
            p = Math.fma(f, p, 0.04166800156235695f);
            p = Math.fma(f, p, 0.16666431725025177f);
            p = Math.fma(f, p, 0.4999999403953552f);
            p = Math.fma(f, p, 1f);
            y[i] = 2 * Math.fma(f, p, 1f);
            exponents[i] = (int) n - LEAST;
        }
        for (int i = 0; i < count; i++) {
            y[i] *= POWERS[exponents[i]];
        }
    }
}
