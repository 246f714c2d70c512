package dev.quern.kernels.expr;

/**
 * The error function in double precision, by its Maclaurin series near 0 and by the continued fraction of its
 * complement elsewhere (Abramowitz and Stegun, 7.1.6 and 7.1.14). Relative error below 1e-13.
 */
final class ErrorFunction {
    private static final double TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);

    private ErrorFunction() {
    }

    static double erf(double x) {
        if (Double.isNaN(x)) {
            return Double.NaN;
        }
        double magnitude = Math.abs(x);
        double value = magnitude < 2.5 ? series(magnitude) : 1 - complement(magnitude);
        return Math.copySign(value, x);
    }

    private static double series(double x) {
        // erf(x) = 2/sqrt(pi) exp(-x^2) sum of 2^n x^(2n+1) / (1*3*...*(2n+1)): all terms positive, no cancellation.
        double term = x;
        double sum = x;
        for (int n = 1; term > sum * 1e-17; n++) {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return TWO_OVER_SQRT_PI * Math.exp(-x * x) * sum;
    }

    private static double complement(double x) {
        if (x > 27) {
            return 0;
        }
        double fraction = x;
        for (int k = 60; k > 0; k--) {
            fraction = x + k / 2.0 / fraction;
        }
        return Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction;
    }
}
