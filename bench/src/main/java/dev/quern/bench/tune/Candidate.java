package dev.quern.bench.tune;

import dev.quern.kernels.Parameters;

/**
 * A way to solve a problem.
 *
 * @param variant    the variant's name
 * @param parameters the values of its tunables
 */
public record Candidate(String variant, Parameters parameters) {
    @Override
    public String toString() {
        return parameters.values().isEmpty() ? variant : variant + " " + parameters;
    }
}
