package dev.quern.examples;

import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * Something about a model that the user may choose.
 *
 * @param name        as in {@code --set activation=tanh}
 * @param description one line about it
 * @param value       the choice
 * @param valid       which values there are, for messages
 * @param accepts     whether a text is such a value
 */
public record Setting(String name, String description, String value, String valid, Predicate<String> accepts) {
    /** One of a few words. */
    public static Setting choice(String name, String description, String value, List<String> words) {
        return new Setting(name, description, value, String.join(", ", words), words::contains);
    }

    /** A number within a range, both ends included. */
    public static Setting number(String name, String description, double value, double least, double most) {
        return new Setting(name, description, shortest(value), shortest(least) + " to " + shortest(most), text -> {
            try {
                double number = Double.parseDouble(text);
                return number >= least && number <= most;
            } catch (NumberFormatException e) {
                return false;
            }
        });
    }

    private static String shortest(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e9 ? String.format(Locale.ROOT, "%.0f", value) : Double.toString(value);
    }

    /** This with another value, which was found valid. */
    Setting withValue(String other) {
        return new Setting(name, description, other, valid, accepts);
    }
}
