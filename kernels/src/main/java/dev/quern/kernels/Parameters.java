package dev.quern.kernels;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Chosen values of a variant's tunables, by name.
 *
 * @param values the values, in the order of their names
 */
public record Parameters(SortedMap<String, Integer> values) {
    private static final Parameters NONE = new Parameters(new TreeMap<>());

    public Parameters {
        values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
    }

    /** No parameters. */
    public static Parameters none() {
        return NONE;
    }

    /** The default value of each tunable. */
    public static Parameters defaults(List<Tunable> tunables) {
        SortedMap<String, Integer> values = new TreeMap<>();
        tunables.forEach(tunable -> values.put(tunable.name(), tunable.values().getFirst()));
        return new Parameters(values);
    }

    /** This with one value replaced or added. */
    public Parameters with(String name, int value) {
        SortedMap<String, Integer> changed = new TreeMap<>(values);
        changed.put(name, value);
        return new Parameters(changed);
    }

    /** A value by name. */
    public int value(String name) {
        Integer value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("no parameter " + name + " in " + values);
        }
        return value;
    }

    @Override
    public String toString() {
        return values.toString();
    }
}
