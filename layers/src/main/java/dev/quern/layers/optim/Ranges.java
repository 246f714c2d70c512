package dev.quern.layers.optim;

import dev.quern.runtime.QuernException;

/** The ranges that optimizers' and schedules' numbers must lie in. */
final class Ranges {
    private Ranges() {
    }

    static void fraction(String what, double value) {
        if (!(value >= 0 && value < 1)) {
            throw new QuernException(what + " is " + value + ", expected 0 up to, but not, 1");
        }
    }

    static void notNegative(String what, double value) {
        if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
            throw new QuernException(what + " is " + value + ", expected a finite number of at least 0");
        }
    }

    static void positive(String what, double value) {
        if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
            throw new QuernException(what + " is " + value + ", expected a finite number above 0");
        }
    }
}
