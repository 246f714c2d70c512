package dev.quern.bench.suite;

import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * A pattern for names, in which {@code *} stands for any text and {@code ?} for any character.
 *
 * @param text the pattern
 */
public record Glob(String text) implements Predicate<String> {
    @Override
    public boolean test(String name) {
        StringBuilder expression = new StringBuilder();
        for (char c : text.toCharArray()) {
            expression.append(switch (c) {
                case '*' -> ".*";
                case '?' -> ".";
                default -> Pattern.quote(String.valueOf(c));
            });
        }
        return Pattern.matches(expression.toString(), name);
    }
}
