package dev.quern.graph.plan;

/**
 * When a block of temporary memory is in use.
 *
 * @param label what it holds, for messages
 * @param bytes its length, at least 1
 * @param first the first step that uses it
 * @param last  the last one
 */
public record Lifetime(String label, long bytes, int first, int last) {
    public Lifetime {
        if (bytes < 1 || first > last) {
            throw new IllegalArgumentException(label + ": " + bytes + " bytes from step " + first + " to " + last);
        }
    }

    boolean overlaps(Lifetime other) {
        return first <= other.last && other.first <= last;
    }
}
