package dev.quern.kernels.expr;

import java.util.List;

/**
 * An expression over the corresponding elements of some tensors, computed in F32. Truth values are 1 and 0. Equal
 * subexpressions are computed once. {@link Expressions} builds them.
 */
public sealed interface Expr {
    /** The element of an input, by the input's position. */
    record Input(int index) implements Expr {
    }

    /** A number. NaN equals NaN and 0 differs from -0 (as records compare floats), which is what sharing needs. */
    record Constant(float value) implements Expr {
    }

    /** A function applied to arguments. */
    record Call(ElementwiseFunction function, List<Expr> arguments) implements Expr {
        public Call {
            arguments = new Arguments(arguments);
            if (arguments.size() != function.arity()) {
                throw new IllegalArgumentException(function.label() + " takes " + function.arity() + " arguments, not "
                        + arguments.size());
            }
        }
    }
}
