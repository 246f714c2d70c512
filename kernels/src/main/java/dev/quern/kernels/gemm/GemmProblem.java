package dev.quern.kernels.gemm;

import dev.quern.kernels.Cost;
import dev.quern.kernels.Operand;
import dev.quern.kernels.Problem;
import dev.quern.runtime.DType;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.util.List;

/**
 * Matrix multiplication: c = alpha * op(a) * op(b), for one pair of matrices or a batch of them. All matrices are dense
 * and row-major; op transposes or leaves its operand as it is. Something to be added to the product rides along as an
 * epilogue.
 *
 * <p>Operand a is [m, k], or [k, m] if it is transposed; b is [k, n] or [n, k]; c is [m, n]. In a batch each has a leading
 * extent {@code batch}, except an input that all products share.
 *
 * @param batch      how many products, at least 1
 * @param m          rows of c
 * @param n          columns of c
 * @param k          length of the sums
 * @param transposeA whether a is stored transposed, as [k, m]
 * @param transposeB whether b is stored transposed, as [n, k]
 * @param sharedA    whether all products of the batch read the same a (a batch stride of 0)
 * @param sharedB    whether all products of the batch read the same b
 * @param alpha      the factor of the product
 * @param dtype      the storage type of all three; F32
 */
public record GemmProblem(int batch, int m, int n, int k, boolean transposeA, boolean transposeB, boolean sharedA,
        boolean sharedB, float alpha, DType dtype) implements Problem {
    /** The position of a among the operands. */
    public static final int A = 0;
    /** The position of b among the operands. */
    public static final int B = 1;
    /** The position of c among the operands. */
    public static final int C = 2;

    public GemmProblem {
        String text = "gemm of " + batch + " x [" + m + ", " + k + "] * [" + k + ", " + n + "]";
        if (batch < 1 || m < 1 || n < 1 || k < 1) {
            throw new QuernException(text + ": batch, m, n and k must be at least 1; drop empty products beforehand");
        }
        if (dtype != DType.F32) {
            throw new QuernException(text + ": element type " + dtype + "; only F32 is multiplied, convert first");
        }
        requireIndexable(text, "a", (double) (sharedA ? 1 : batch) * m * k);
        requireIndexable(text, "b", (double) (sharedB ? 1 : batch) * k * n);
        requireIndexable(text, "c", (double) batch * m * n);
        if (batch == 1) {
            sharedA = false;
            sharedB = false;
        }
    }

    private static void requireIndexable(String text, String name, double elements) {
        if (elements > Integer.MAX_VALUE) {
            throw new QuernException(text + ": " + name + " would have more than 2^31 - 1 elements; split the batch or the rows");
        }
    }

    /** One product with alpha 1. */
    public static GemmProblem of(int m, int n, int k, boolean transposeA, boolean transposeB) {
        return new GemmProblem(1, m, n, k, transposeA, transposeB, false, false, 1, DType.F32);
    }

    /** This as a batch of products, each input either one matrix a product or one for all. */
    public GemmProblem batched(int products, boolean oneA, boolean oneB) {
        return new GemmProblem(products, m, n, k, transposeA, transposeB, oneA, oneB, alpha, dtype);
    }

    /** This with another factor. */
    public GemmProblem scaled(float factor) {
        return new GemmProblem(batch, m, n, k, transposeA, transposeB, sharedA, sharedB, factor, dtype);
    }

    /**
     * An equal problem with as small a batch as possible: a batch of row-major matrices times one shared matrix is one tall
     * matrix times it. The operands' bytes are the same, so the results are interchangeable.
     */
    public GemmProblem flattened() {
        boolean tall = batch > 1 && sharedB && !sharedA && !transposeA && (long) batch * m <= Integer.MAX_VALUE;
        return tall ? new GemmProblem(1, batch * m, n, k, false, transposeB, false, false, alpha, dtype) : this;
    }

    /** Elements from one product's a to the next one's. */
    public int strideA() {
        return sharedA || batch == 1 ? 0 : m * k;
    }

    /** Elements from one product's b to the next one's. */
    public int strideB() {
        return sharedB || batch == 1 ? 0 : k * n;
    }

    /** Elements from one product's c to the next one's. */
    public int strideC() {
        return batch == 1 ? 0 : m * n;
    }

    @Override
    public String family() {
        return "gemm";
    }

    @Override
    public List<Operand> operands() {
        return List.of(Operand.input("a", dtype, shape(sharedA, transposeA ? k : m, transposeA ? m : k)),
                Operand.input("b", dtype, shape(sharedB, transposeB ? n : k, transposeB ? k : n)),
                Operand.output("c", dtype, shape(false, m, n)));
    }

    private Shape shape(boolean shared, int rows, int columns) {
        return batch == 1 || shared ? Shape.of(rows, columns) : Shape.of(batch, rows, columns);
    }

    @Override
    public Cost cost() {
        return Cost.of(2.0 * batch * m * n * k, operands());
    }

    /** For example {@code gemm f32 64x120x400 nt}; batches, shared inputs and a factor other than 1 follow. */
    @Override
    public String key() {
        return "gemm f32 " + m + "x" + n + "x" + k + " " + (transposeA ? "t" : "n") + (transposeB ? "t" : "n")
                + (batch == 1 ? "" : " batch=" + batch) + (sharedA ? " shared-a" : "") + (sharedB ? " shared-b" : "")
                + (alpha == 1 ? "" : " alpha=" + alpha);
    }
}
