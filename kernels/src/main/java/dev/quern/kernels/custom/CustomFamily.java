package dev.quern.kernels.custom;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.KernelReference;
import dev.quern.kernels.Role;
import dev.quern.kernels.Variant;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.QuernException;
import java.util.List;

/** Users' operations. Each rung is a dialect in which the user may have written a kernel. */
public final class CustomFamily implements KernelFamily<CustomProblem> {
    private static final double OWN_DIALECT = 0.6;
    private static final double PORTABLE = 0.5;

    @Override
    public String name() {
        return CustomProblem.FAMILY;
    }

    @Override
    public Class<CustomProblem> problemType() {
        return CustomProblem.class;
    }

    @Override
    public KernelReference<CustomProblem> reference() {
        return (problem, operands) -> {
            int inputs = (int) problem.operands().stream().filter(operand -> operand.role() == Role.INPUT).count();
            problem.computation().orElseThrow(() -> new QuernException("custom op " + problem.name()
                    + ": was read from a file, which does not hold its code in Java")).compute(operands.subList(0, inputs), operands.subList(inputs, operands.size()));
        };
    }

    @Override
    public List<Variant<CustomProblem>> variants() {
        return List.of(new ComputationVariant(), new TextVariant("portable_text", Dialect.PORTABLE, PORTABLE),
                new TextVariant("opencl_text", Dialect.OPENCL, OWN_DIALECT), new TextVariant("cuda_text", Dialect.CUDA, OWN_DIALECT));
    }
}
