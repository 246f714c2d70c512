package dev.quern.kernels.gemm;

import dev.quern.kernels.Cost;
import dev.quern.kernels.Operand;
import dev.quern.kernels.Problem;
import dev.quern.kernels.StorageText;
import dev.quern.runtime.DType;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * Matrix multiplication: c = alpha * op(a) * op(b) + beta * added, for one triple of matrices or a batch of them. All matrices
 * are row-major; op transposes or leaves its operand as it is. Sums are taken in F32 whatever the storage types.
 *
 * <p>Operand a is stored as [m, k], or as [k, m] if it is transposed; b as [k, n] or [n, k]; c and added as [m, n]. A dense
 * operand has that shape, with a leading extent {@code batch} unless all products share it; one that is a window of a larger
 * buffer ({@link GemmMatrix}) has the shape of the buffer, a single extent.
 *
 * @param batch      how many products, at least 1
 * @param m          rows of c
 * @param n          columns of c
 * @param k          length of the sums
 * @param transposeA whether a is stored transposed, as [k, m]
 * @param transposeB whether b is stored transposed, as [n, k]
 * @param a          how a lies in memory
 * @param b          how b lies in memory
 * @param c          how c lies in memory; its products must not overlap
 * @param added      how the matrix that is added lies in memory; of no account if beta is 0
 * @param alpha      the factor of the product
 * @param beta       the factor of what is added; 0: there is no such operand
 */
public record GemmProblem(int batch, int m, int n, int k, boolean transposeA, boolean transposeB, GemmMatrix a, GemmMatrix b,
        GemmMatrix c, GemmMatrix added, float alpha, float beta) implements Problem {
    /** The position of a among the operands. */
    public static final int A = 0;
    /** The position of b among the operands. */
    public static final int B = 1;
    /** The position among the operands of what is added, if beta is not 0. */
    public static final int ADDED = 2;

    public GemmProblem {
        String text = "gemm of " + batch + " x [" + m + ", " + k + "] * [" + k + ", " + n + "]";
        if (batch < 1 || m < 1 || n < 1 || k < 1) {
            throw new QuernException(text + ": batch, m, n and k must be at least 1; drop empty products beforehand");
        }
        a = checked(text, "a", a, transposeA ? k : m, transposeA ? m : k, batch);
        b = checked(text, "b", b, transposeB ? n : k, transposeB ? k : n, batch);
        c = checked(text, "c", c, m, n, batch);
        added = beta == 0 ? c : checked(text, "added", added, m, n, batch);
        if (c.overlaps(m, n, batch)) {
            throw new QuernException(text + ": the products' matrices c overlap (stride " + c.stride() + ", leading dimension "
                    + c.leading() + "); each must have elements of its own");
        }
    }

    private static GemmMatrix checked(String text, String name, GemmMatrix matrix, int rows, int columns, int batch) {
        if (!StorageText.TYPES.contains(matrix.dtype())) {
            throw new QuernException(text + ": " + name + " has element type " + matrix.dtype()
                    + "; only F32, F16 and BF16 are multiplied, convert first");
        }
        if (matrix.offset() < 0 || matrix.stride() < 0) {
            throw new QuernException(text + ": " + name + " has offset " + matrix.offset() + " and stride " + matrix.stride()
                    + "; neither may be negative");
        }
        if (rows > 1 && matrix.leading() < columns) {
            throw new QuernException(text + ": " + name + " has leading dimension " + matrix.leading() + ", less than its rows of "
                    + columns + " elements");
        }
        GemmMatrix used = new GemmMatrix(matrix.dtype(), matrix.offset(), Math.max(matrix.leading(), columns),
                batch == 1 ? 0 : matrix.stride(), matrix.extent(), matrix.constant());
        double end = used.end(rows, columns, batch);
        if (end > Integer.MAX_VALUE || (double) rows * columns * (used.stride() == 0 ? 1 : batch) > Integer.MAX_VALUE) {
            throw new QuernException(text + ": " + name + " would have more than 2^31 - 1 elements; split the batch or the rows");
        }
        if (end > matrix.extent()) {
            throw new QuernException(text + ": " + name + " reaches element " + (long) (end - 1) + " of a buffer of "
                    + matrix.extent() + " elements (offset " + matrix.offset() + ", leading dimension " + matrix.leading()
                    + ", stride " + matrix.stride() + ")");
        }
        return used;
    }

    /** One product of dense F32 matrices with alpha 1. */
    public static GemmProblem of(int m, int n, int k, boolean transposeA, boolean transposeB) {
        return dense(1, m, n, k, transposeA, transposeB, false, false, 1);
    }

    private static GemmProblem dense(int batch, int m, int n, int k, boolean transposeA, boolean transposeB, boolean oneA,
            boolean oneB, float alpha) {
        GemmMatrix c = GemmMatrix.dense(m, n, batch, false);
        return new GemmProblem(batch, m, n, k, transposeA, transposeB,
                GemmMatrix.dense(transposeA ? k : m, transposeA ? m : k, batch, oneA),
                GemmMatrix.dense(transposeB ? n : k, transposeB ? k : n, batch, oneB), c, c, alpha, 0);
    }

    /** This as a batch of products of dense F32 matrices, each input either one matrix a product or one for all. */
    public GemmProblem batched(int products, boolean oneA, boolean oneB) {
        return dense(products, m, n, k, transposeA, transposeB, oneA, oneB, alpha);
    }

    /** This with another factor. */
    public GemmProblem scaled(float factor) {
        return new GemmProblem(batch, m, n, k, transposeA, transposeB, a, b, c, added, factor, beta);
    }

    /** This plus a dense F32 matrix of c's shape times a factor. */
    public GemmProblem adding(float factor) {
        return adding(factor, GemmMatrix.dense(m, n, batch, false));
    }

    /** This plus a matrix times a factor. */
    public GemmProblem adding(float factor, GemmMatrix matrix) {
        return new GemmProblem(batch, m, n, k, transposeA, transposeB, a, b, c, matrix, alpha, factor);
    }

    /** This with other places in memory. */
    public GemmProblem placed(GemmMatrix newA, GemmMatrix newB, GemmMatrix newC) {
        return new GemmProblem(batch, m, n, k, transposeA, transposeB, newA, newB, newC, added, alpha, beta);
    }

    /** This with other storage types; what is added is stored like c. */
    public GemmProblem stored(DType typeA, DType typeB, DType typeC) {
        return new GemmProblem(batch, m, n, k, transposeA, transposeB, a.stored(typeA), b.stored(typeB), c.stored(typeC),
                added.stored(typeC), alpha, beta);
    }

    /**
     * An equal problem with as small a batch as possible: a batch of row-major matrices times one shared matrix is one tall
     * matrix times it. The operands' bytes are the same, so the results are interchangeable.
     */
    public GemmProblem flattened() {
        boolean tall = batch > 1 && sharedB() && !sharedA() && !transposeA && isDense() && beta == 0
                && (long) batch * m <= Integer.MAX_VALUE;
        return tall ? dense(1, batch * m, n, k, false, transposeB, false, false, alpha)
                .placedTypesOf(this) : this;
    }

    private GemmProblem placedTypesOf(GemmProblem other) {
        GemmProblem typed = stored(other.a.dtype(), other.b.dtype(), other.c.dtype());
        return typed.placed(other.a.constant() ? typed.a.asConstant() : typed.a,
                other.b.constant() ? typed.b.asConstant() : typed.b, typed.c);
    }

    /** Whether all products read the same a. */
    public boolean sharedA() {
        return batch > 1 && a.stride() == 0;
    }

    /** Whether all products read the same b. */
    public boolean sharedB() {
        return batch > 1 && b.stride() == 0;
    }

    /** The position of c among the operands. */
    public int indexOfC() {
        return beta == 0 ? 2 : 3;
    }

    int rowsA() {
        return transposeA ? k : m;
    }

    int columnsA() {
        return transposeA ? m : k;
    }

    int rowsB() {
        return transposeB ? n : k;
    }

    int columnsB() {
        return transposeB ? k : n;
    }

    /** How many different matrices a there are. */
    int productsOfA() {
        return sharedA() ? 1 : batch;
    }

    /** How many different matrices b there are. */
    int productsOfB() {
        return sharedB() ? 1 : batch;
    }

    /** Whether every operand is dense: no windows, no gaps, batches one behind the other or shared. */
    boolean isDense() {
        return a.isDense(rowsA(), columnsA(), batch) && b.isDense(rowsB(), columnsB(), batch) && c.isDense(m, n, batch)
                && (beta == 0 || added.isDense(m, n, batch));
    }

    /** Whether this is dense, all in F32, with nothing added. */
    boolean isPlain() {
        return isDense() && beta == 0 && a.dtype() == DType.F32 && b.dtype() == DType.F32 && c.dtype() == DType.F32;
    }

    @Override
    public String family() {
        return "gemm";
    }

    @Override
    public List<Operand> operands() {
        List<Operand> operands = new ArrayList<>();
        operands.add(Operand.input("a", a.dtype(), shape(a, rowsA(), columnsA())));
        operands.add(Operand.input("b", b.dtype(), shape(b, rowsB(), columnsB())));
        if (beta != 0) {
            operands.add(Operand.input("added", added.dtype(), shape(added, m, n)));
        }
        Shape shape = shape(c, m, n);
        operands.add(c.isDense(m, n, batch) ? Operand.output("c", c.dtype(), shape) : Operand.window("c", c.dtype(), shape));
        return operands;
    }

    private Shape shape(GemmMatrix matrix, int rows, int columns) {
        if (!matrix.isDense(rows, columns, batch)) {
            return Shape.of(matrix.extent());
        }
        return batch == 1 || matrix.stride() == 0 ? Shape.of(rows, columns) : Shape.of(batch, rows, columns);
    }

    @Override
    public Cost cost() {
        double elementsC = (double) batch * m * n;
        double bytes = (double) productsOfA() * m * k * a.dtype().bytes() + (double) productsOfB() * k * n * b.dtype().bytes()
                + elementsC * c.dtype().bytes() + (beta == 0 ? 0 : elementsC * added.dtype().bytes());
        return new Cost(2.0 * batch * m * n * k, bytes);
    }

    /**
     * For example {@code gemm f32 64x120x400 nt}; batches, shared inputs, factors other than 1 and 0, and operands that are not
     * dense F32 follow.
     */
    @Override
    public String key() {
        StringBuilder key = new StringBuilder("gemm f32 " + m + "x" + n + "x" + k + " " + (transposeA ? "t" : "n")
                + (transposeB ? "t" : "n") + (batch == 1 ? "" : " batch=" + batch) + (sharedA() ? " shared-a" : "")
                + (sharedB() ? " shared-b" : "") + (alpha == 1 ? "" : " alpha=" + alpha) + (beta == 0 ? "" : " beta=" + beta));
        append(key, "a", a, rowsA(), columnsA());
        append(key, "b", b, rowsB(), columnsB());
        append(key, "c", c, m, n);
        if (beta != 0) {
            append(key, "added", added, m, n);
        }
        return key.toString();
    }

    private void append(StringBuilder key, String name, GemmMatrix matrix, int rows, int columns) {
        String text = matrix.key(matrix.isDense(rows, columns, batch));
        key.append(text.isEmpty() ? "" : " " + name + "=" + text);
    }
}
