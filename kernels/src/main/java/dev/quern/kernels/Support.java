package dev.quern.kernels;

import java.util.Optional;

/**
 * Whether something can be done, and if not, why not.
 *
 * @param yes    whether it can be done
 * @param reason why not, in a few words that fit behind a variant's name; empty when it can
 */
public record Support(boolean yes, String reason) {
    private static final Support YES = new Support(true, "");

    /** It can be done. */
    public static Support supported() {
        return YES;
    }

    /** It cannot be done. */
    public static Support no(String reason) {
        return new Support(false, reason);
    }

    /** It can be done if {@code condition} holds; {@code reason} says what is wrong otherwise. */
    public static Support when(boolean condition, String reason) {
        return condition ? YES : no(reason);
    }

    /** It can be done unless there is an obstacle. */
    public static Support unless(Optional<String> obstacle) {
        return obstacle.map(Support::no).orElse(YES);
    }

    /** Both this and {@code other}; the first reason wins. */
    public Support and(Support other) {
        return yes ? other : this;
    }
}
