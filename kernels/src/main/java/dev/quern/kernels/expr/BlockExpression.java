package dev.quern.kernels.expr;

import java.util.Arrays;

/**
 * Expressions that a processor evaluates block by block. Immutable and safe for use by several threads; the blocks that one works
 * on belong to a {@link Frame}, one a thread.
 */
public interface BlockExpression {
    /** Elements in a block: some blocks of this length stay in the first-level cache. */
    int BLOCK = 512;

    /** Blocks for evaluating these expressions. Not for use by two threads at a time. */
    Frame frame();

    /** The blocks of one evaluation. */
    interface Frame {
        /** The block of an input, to be filled before {@link #evaluate}. */
        float[] input(int index);

        /** Gives an input the same value for every element. */
        default void fill(int index, float value) {
            Arrays.fill(input(index), value);
        }

        /** The block of a result, valid after {@link #evaluate} and until an input is changed. */
        float[] result(int index);

        /** Computes every result for the first {@code count} elements, at most {@link #BLOCK}. */
        void evaluate(int count);
    }
}
