package dev.quern.bench.tune;

import dev.quern.kernels.Tunable;
import java.util.List;

/**
 * What may be tried.
 *
 * @param variants the variants that solve the problem, lowest rung first
 */
public record Space(List<VariantSpace> variants) {
    public Space {
        variants = List.copyOf(variants);
        if (variants.isEmpty()) {
            throw new IllegalArgumentException("nothing to try");
        }
    }

    /**
     * One variant.
     *
     * @param usual    the variant with the parameters that it has without tuning
     * @param tunables what may be changed in them
     */
    public record VariantSpace(Candidate usual, List<Tunable> tunables) {
        public VariantSpace {
            tunables = List.copyOf(tunables);
        }
    }
}
