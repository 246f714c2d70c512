package dev.quern.kernels.testing;

import dev.quern.kernels.Problem;
import dev.quern.runtime.Shape;

/** Which elements an operand's prologue counts, and where in its buffer each lies. */
public interface Elements<P extends Problem> {
    /** The extents of what the operand holds, gaps left out. */
    Shape shape(P problem, int operand);

    /** Where an element lies. */
    long at(P problem, int operand, long element);

    /** All that is in the buffer, one after the other. */
    static <P extends Problem> Elements<P> dense() {
        return new Elements<>() {
            @Override
            public Shape shape(P problem, int operand) {
                return problem.operands().get(operand).shape();
            }

            @Override
            public long at(P problem, int operand, long element) {
                return element;
            }
        };
    }
}
