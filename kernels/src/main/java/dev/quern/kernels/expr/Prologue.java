package dev.quern.kernels.expr;

import dev.quern.kernels.expr.Epilogue.EpilogueOperand;
import java.util.List;

/**
 * A pointwise expression that a kernel applies to the elements of one of its inputs as it loads them: the activation of the
 * layer before, the mask of an activation's gradient, a scale. What is loaded need not be written by a kernel of its own
 * first. In the expression, input 0 is the operand's element and input k+1 is operand k of the prologue.
 *
 * <p>The prologue's operands are described as an {@link Epilogue}'s are, in terms of the input's elements as they are
 * stored: element i of a matrix of R rows and C columns is that of row i / C and column i % C, of a batch the next matrix
 * follows. Gaps between rows do not count.
 *
 * @param operands   the tensors that it reads besides
 * @param expression the value to compute with
 */
public record Prologue(List<EpilogueOperand> operands, Expr expression) {
    private static final Prologue NONE = new Prologue(List.of(), new Expr.Input(0));

    public Prologue {
        operands = List.copyOf(operands);
    }

    /** The element as it is. */
    public static Prologue none() {
        return NONE;
    }

    /** Whether elements are used as they are. */
    public boolean isEmpty() {
        return expression instanceof Expr.Input input && input.index() == 0;
    }

    /** The same expression over the same operands, as something that rides on a value. */
    Epilogue asRider() {
        return new Epilogue(operands, expression);
    }
}
