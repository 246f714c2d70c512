package dev.quern.kernels.expr;

import java.util.Locale;
import java.util.Optional;

/**
 * Renders a {@link Prologue} as text to put before a kernel's own. For an operand named A it defines
 *
 * <ul>
 * <li>{@code Q_PROLOGUE_A_PARAMETERS} and {@code Q_PROLOGUE_A_ARGUMENTS}, to append to parameter lists and to calls (both begin
 * with a comma, or are empty),
 * <li>{@code float q_prologue_a(float x, size_t i Q_PROLOGUE_A_PARAMETERS)}: what to compute with where element {@code i} of the
 * operand is {@code x},
 * <li>for each vector width W asked for, {@code floatW q_prologue_aW(floatW x, size_t i Q_PROLOGUE_A_PARAMETERS)}: the same for
 * elements i to i+W-1, which must lie within one row.
 * </ul>
 */
public final class PrologueText {
    private PrologueText() {
    }

    /**
     * Why the vector forms cannot be rendered; empty when they can.
     *
     * @param prologue the prologue
     * @param elements elements of the operand
     * @param row      elements of a row of it
     */
    public static Optional<String> vectorObstacle(Prologue prologue, long elements, long row) {
        return EpilogueText.vectorObstacle(prologue.asRider(), elements, row);
    }

    /** Why the scalar form cannot be rendered; empty when it can. */
    public static Optional<String> scalarObstacle(Prologue prologue) {
        return EpilogueText.scalarObstacle(prologue.asRider());
    }

    /**
     * The text.
     *
     * @param name     the operand's name in the kernel, a capital: {@code A}
     * @param prologue the prologue; the empty one gives functions that return their first argument
     * @param elements elements of the operand
     * @param row      elements of a row of it
     * @param widths   the vector widths to define besides the scalar form
     */
    public static String render(String name, Prologue prologue, long elements, long row, int... widths) {
        String small = name.toLowerCase(Locale.ROOT);
        return EpilogueText.render(new EpilogueText.Names("Q_PROLOGUE_" + name, "q_prologue_" + small, "p" + small),
                prologue.asRider(), elements, row, widths);
    }
}
