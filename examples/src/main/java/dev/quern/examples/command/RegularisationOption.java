package dev.quern.examples.command;

import dev.quern.layers.optim.Optimizer;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options that say what is done to gradients before the optimizer sees them, the same for every model. */
final class RegularisationOption {
    @Option(names = "--clip-norm", paramLabel = "X", description = "Keep the norm of all gradients together from exceeding this.")
    private Optional<Double> norm;

    @Option(names = "--clip-value", paramLabel = "X", description = "Keep every element of the gradients within this of 0.")
    private Optional<Double> value;

    @Option(names = "--l1", paramLabel = "X", description = "Penalise weights, not biases, by this times the sum of their magnitudes.")
    private Optional<Double> l1;

    @Option(names = "--l2", paramLabel = "X", description = "Penalise weights, not biases, by this times half the sum of their squares.")
    private Optional<Double> l2;

    /**
     * The optimizer with what the user asked for.
     *
     * @throws UsageException if a number is out of range
     */
    Optimizer around(Optimizer optimizer) {
        Optimizer result = optimizer;
        if (norm.isPresent()) {
            result = result.clippedByNorm(require("--clip-norm", norm.get(), false));
        }
        if (value.isPresent()) {
            result = result.clippedByValue(require("--clip-value", value.get(), false));
        }
        return result.penalised(require("--l1", l1.orElse(0.0), true), require("--l2", l2.orElse(0.0), true));
    }

    private static double require(String option, double number, boolean zero) {
        if (!(number >= 0 && number < Double.POSITIVE_INFINITY) || number == 0 && !zero) {
            throw new UsageException(option + " " + number + ": must be a number " + (zero ? "of at least 0" : "above 0"));
        }
        return number;
    }
}
