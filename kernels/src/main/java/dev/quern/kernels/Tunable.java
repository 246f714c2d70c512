package dev.quern.kernels;

import java.util.List;

/**
 * A parameter of a variant that tuning may choose.
 *
 * @param name        its name in the kernel source, for example {@code MR}
 * @param values      the values that may be tried; the first is the default
 * @param description what it changes
 */
public record Tunable(String name, List<Integer> values, String description) {
    public Tunable {
        values = List.copyOf(values);
        if (values.isEmpty()) {
            throw new IllegalArgumentException("tunable " + name + ": needs at least one value");
        }
    }
}
