package dev.quern.kernels.tune;

import dev.quern.kernels.Parameters;

/**
 * The quickest way to solve a problem, as it was measured.
 *
 * @param problem      the problem's key
 * @param variant      the variant's name
 * @param parameters   the values of its tunables
 * @param source       {@link SourceHash} of the variant's kernels for this problem with these parameters: when they change, the
 *                     entry no longer counts
 * @param medianMillis the median of its device time, in milliseconds
 * @param gain         the time of the heuristic's choice divided by this one's, measured in turns; 1 where it is that choice
 */
public record TuningEntry(String problem, String variant, Parameters parameters, String source, double medianMillis,
        double gain) {
    public TuningEntry {
        if (!(medianMillis > 0) || !(gain > 0)) {
            throw new IllegalArgumentException(problem + " " + variant + ": " + medianMillis + " ms with a gain of " + gain
                    + "; both must be positive");
        }
    }
}
