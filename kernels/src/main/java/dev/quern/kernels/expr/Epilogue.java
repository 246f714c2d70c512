package dev.quern.kernels.expr;

import dev.quern.runtime.DType;
import java.util.ArrayList;
import java.util.List;

/**
 * A pointwise expression that rides on another kernel's result before it is stored: bias, activation, the mask of an
 * activation's gradient. In the expression, input 0 is the kernel's value and input k+1 is operand k.
 *
 * @param operands   the tensors that it reads besides
 * @param expression the value to store
 * @param kept       further values, each stored in an F32 tensor of as many elements as the output: the same launch gives the argument of
 *                   an activation and the activation
 */
public record Epilogue(List<EpilogueOperand> operands, Expr expression, List<Expr> kept) {
    private static final Epilogue NONE = new Epilogue(List.of(), new Expr.Input(0));

    public Epilogue {
        operands = List.copyOf(operands);
        kept = List.copyOf(kept);
    }

    /** An epilogue of one value. */
    public Epilogue(List<EpilogueOperand> operands, Expr expression) {
        this(operands, expression, List.of());
    }

    /** Nothing rides along. */
    public static Epilogue none() {
        return NONE;
    }

    /** Whether the value is stored as it is, and nothing else. */
    public boolean isEmpty() {
        return expression instanceof Expr.Input && kept.isEmpty();
    }

    /** How many tensors a kernel takes for it: its operands, then one for each value that is kept. */
    public int arguments() {
        return operands.size() + kept.size();
    }

    /** All that it computes: the value to store, then those that are kept. */
    public List<Expr> results() {
        List<Expr> results = new ArrayList<>(List.of(expression));
        results.addAll(kept);
        return results;
    }

    /**
     * A tensor that an epilogue reads. For the output's element i (row-major) its element {@code (i / inner) % count} is
     * read: a bias over the channels of an N,C,H,W output has count C and inner H*W, a bias over the columns of a matrix
     * has count N and inner 1, a tensor of the output's own shape has all its elements and inner 1, a scalar count 1.
     *
     * @param name  shown in generated text
     * @param dtype its storage type
     * @param count how many elements are read
     * @param inner how many consecutive output elements share one of them
     * @param rows  where they lie
     */
    public record EpilogueOperand(String name, DType dtype, long count, long inner, Rows rows) {
        /** A tensor of which all elements are read. */
        public EpilogueOperand(String name, DType dtype, long count, long inner) {
            this(name, dtype, count, inner, Rows.of(count));
        }

        /** Whether one element serves the whole output. */
        public boolean isScalar() {
            return count == 1;
        }

        /** Whether each of the output's elements has one of its own. */
        public boolean isFull(long outputElements) {
            return inner == 1 && count == outputElements;
        }

        /**
         * Whether {@code run} consecutive output elements, starting at a multiple of {@code run}, read consecutive elements of it: rows, a
         * table of rows that is repeated, or the whole.
         */
        public boolean isConsecutiveOver(long run) {
            return inner == 1 && count % run == 0;
        }

        /** Whether {@code run} consecutive output elements, starting at a multiple of {@code run}, share one element. */
        public boolean isConstantOver(long run) {
            return isScalar() || inner % run == 0;
        }

        /** Whether {@code run} consecutive elements, starting at a multiple of {@code run}, lie side by side. */
        public boolean isUnbrokenOver(long run) {
            return rows.length() >= count || rows.length() % run == 0;
        }

        /** The place in the tensor of what the output's element reads. */
        public long at(long outputElement) {
            return rows.at(outputElement / inner % count);
        }

        /** How many elements the tensor has at least: up to the last one that is read. */
        public long extent() {
            return rows.at(count - 1) + 1;
        }

        /** The name, and where in the tensor its elements lie if not all are read. */
        public String text() {
            return rows.isWhole(count) ? name : name + "[" + rows.offset() + " + " + rows.length()
                    + (rows.length() < count ? " of each " + rows.pitch() : "") + "]";
        }
    }

    /**
     * Where elements lie that are a part of a larger tensor, such as some of its channels: in rows, element j at
     * {@code offset + j / length * pitch + j % length}.
     *
     * @param offset the place of the first
     * @param length elements of a row, at least 1
     * @param pitch  how far apart rows begin
     */
    public record Rows(long offset, long length, long pitch) {
        /** So many elements, one after the other from the first on. */
        public static Rows of(long count) {
            return new Rows(0, count, count);
        }

        /** Whether element j lies at j, of so many. */
        public boolean isWhole(long count) {
            return offset == 0 && (length >= count || length == pitch);
        }

        /** The place of an element. */
        public long at(long element) {
            return offset + element / length * pitch + element % length;
        }
    }
}
