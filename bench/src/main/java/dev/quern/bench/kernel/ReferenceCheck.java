package dev.quern.bench.kernel;

import dev.quern.kernels.KernelReference;
import dev.quern.kernels.Operand;
import dev.quern.kernels.Problem;
import dev.quern.kernels.Role;
import dev.quern.kernels.select.Families;
import dev.quern.runtime.HostTensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Checks against the family's reference, on the whole problem or on parts of it.
 *
 * @param parts what to compute
 * @param <P>   the family's problem
 */
record ReferenceCheck<P extends Problem>(List<Part<P>> parts) implements Check<P> {
    /**
     * A smaller problem within a large one that does not depend on the rest, such as one image of a batch.
     *
     * @param problem the smaller problem
     * @param cut     takes the large problem's operands and gives the smaller one's, inputs and outputs alike
     */
    record Part<P extends Problem>(P problem, Cut cut) {
    }

    /** See {@link Part}. */
    @FunctionalInterface
    interface Cut {
        /** The operands of the part. */
        List<HostTensor> of(List<HostTensor> operands);
    }

    ReferenceCheck {
        parts = List.copyOf(parts);
    }

    /** A check of the whole problem. */
    static <P extends Problem> ReferenceCheck<P> whole(P problem) {
        return new ReferenceCheck<>(List.of(new Part<>(problem, operands -> operands)));
    }

    @Override
    public double error(P problem, List<HostTensor> operands) {
        return forOneBout().error(problem, operands);
    }

    /** Computes what is expected once, for the first variant. */
    @Override
    public Check<P> forOneBout() {
        Map<Part<P>, List<HostTensor>> remembered = new IdentityHashMap<>();
        return (_, operands) -> {
            double worst = 0;
            for (Part<P> part : parts) {
                List<HostTensor> actual = part.cut.of(operands);
                List<HostTensor> expected = remembered.computeIfAbsent(part, _ -> expected(part.problem, actual));
                for (int i = 0; i < expected.size(); i++) {
                    if (part.problem.operands().get(i).role() != Role.INPUT) {
                        worst = Math.max(worst, Check.relativeError(actual.get(i), expected.get(i)));
                    }
                }
            }
            return worst;
        };
    }

    private static <P extends Problem> List<HostTensor> expected(P problem, List<HostTensor> actual) {
        KernelReference<P> reference = Families.load().familyOf(problem).reference();
        List<HostTensor> expected = new ArrayList<>();
        for (int i = 0; i < problem.operands().size(); i++) {
            Operand operand = problem.operands().get(i);
            if (!actual.get(i).shape().equals(operand.shape())) {
                throw new IllegalArgumentException(problem.key() + ": " + operand.name() + " was cut to "
                        + actual.get(i).shape() + ", not to " + operand.shape());
            }
            expected.add(operand.role() == Role.INPUT ? actual.get(i) : HostTensor.zeros(operand.dtype(), operand.shape()));
        }
        reference.compute(problem, expected);
        return expected;
    }
}
