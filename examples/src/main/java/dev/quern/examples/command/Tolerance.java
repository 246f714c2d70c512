package dev.quern.examples.command;

/** The rule of {@code --tolerance}. */
final class Tolerance {
    private Tolerance() {
    }

    /** @throws UsageException unless it is a number of at least 0 */
    static void require(double tolerance) {
        if (!(tolerance >= 0 && tolerance < Double.POSITIVE_INFINITY)) {
            throw new UsageException("--tolerance " + tolerance + ": must be a number of at least 0");
        }
    }
}
