package dev.quern.kernels.custom;

import dev.quern.kernels.Cost;
import dev.quern.kernels.Operand;
import dev.quern.kernels.Problem;
import dev.quern.kernels.Role;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.QuernException;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A user's operation on certain shapes.
 *
 * @param name        what dumps call it
 * @param operands    its tensors, inputs first
 * @param kernels     at most one of each dialect
 * @param computation what they mean; empty for an operation that was read from a file, which holds no Java code
 * @param flops       floating-point operations, for profiles; 0 where unknown
 */
public record CustomProblem(String name, List<Operand> operands, List<CustomKernel> kernels, Optional<Computation> computation,
        double flops) implements Problem {
    /** The family's name. */
    public static final String FAMILY = "custom";

    public CustomProblem {
        operands = List.copyOf(operands);
        kernels = List.copyOf(kernels);
        Set<Dialect> dialects = EnumSet.noneOf(Dialect.class);
        for (CustomKernel kernel : kernels) {
            if (!dialects.add(kernel.text().dialect())) {
                throw new QuernException("custom op " + name + ": has two kernels of the dialect "
                        + kernel.text().dialect().name().toLowerCase(Locale.ROOT) + "; give one for each dialect");
            }
        }
        if (operands.stream().noneMatch(operand -> operand.role() == Role.OUTPUT)) {
            throw new QuernException("custom op " + name + ": has no output");
        }
    }

    /** The kernel of a dialect. */
    Optional<CustomKernel> kernel(Dialect dialect) {
        return kernels.stream().filter(kernel -> kernel.text().dialect() == dialect).findFirst();
    }

    @Override
    public String family() {
        return FAMILY;
    }

    @Override
    public Cost cost() {
        return Cost.of(flops, operands);
    }

    @Override
    public String key() {
        return FAMILY + " " + name + operands.stream()
                .map(operand -> " " + operand.name() + ":" + operand.dtype() + operand.shape()).collect(Collectors.joining());
    }
}
