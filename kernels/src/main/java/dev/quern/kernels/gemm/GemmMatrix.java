package dev.quern.kernels.gemm;

import dev.quern.runtime.DType;

/**
 * How one operand of a matrix product lies in memory: row-major, as it is stored, perhaps as a window of a larger matrix. Element
 * (row, column) of product p's matrix is element {@code offset + p * stride + row * leading + column} of the buffer.
 *
 * @param dtype    its storage type: F32, F16 or BF16
 * @param offset   where the first matrix begins
 * @param leading  elements from one stored row to the next (BLAS: lda), at least a row's length
 * @param stride   elements from one product's matrix to the next one's; 0 if all products share one, or if there is one
 * @param extent   elements of the whole buffer
 * @param constant whether it seldom changes from run to run, so that a copy made once in a better order is worth keeping
 */
public record GemmMatrix(DType dtype, int offset, int leading, int stride, int extent, boolean constant) {
    static GemmMatrix dense(int rows, int columns, int products, boolean shared) {
        int one = product(rows, columns);
        return new GemmMatrix(DType.F32, 0, columns, shared || products == 1 ? 0 : one, shared ? one : product(one, products),
                false);
    }

    /** What does not fit is refused by the problem, with its sizes. */
    private static int product(int a, int b) {
        return (int) Math.min((long) a * b, Integer.MAX_VALUE);
    }

    /** This as a window of a larger matrix. */
    public GemmMatrix window(int newOffset, int newLeading, int newExtent) {
        return new GemmMatrix(dtype, newOffset, newLeading, stride, newExtent, constant);
    }

    /** This with another step from product to product. */
    public GemmMatrix strided(int newStride, int newExtent) {
        return new GemmMatrix(dtype, offset, leading, newStride, newExtent, constant);
    }

    /** This stored in another type. */
    public GemmMatrix stored(DType type) {
        return new GemmMatrix(type, offset, leading, stride, extent, constant);
    }

    /** This as an operand that seldom changes. */
    public GemmMatrix asConstant() {
        return new GemmMatrix(dtype, offset, leading, stride, extent, true);
    }

    boolean isDense(int rows, int columns, int products) {
        boolean rowsTouch = rows == 1 || leading == columns;
        boolean productsTouch = products == 1 || stride == 0 || stride == rows * columns;
        return offset == 0 && rowsTouch && productsTouch
                && extent == (long) rows * columns * (products == 1 || stride == 0 ? 1 : products);
    }

    /** One past the last element that belongs to it. */
    double end(int rows, int columns, int products) {
        return offset + (double) (products - 1) * stride + (double) (rows - 1) * leading + columns;
    }

    /** Whether matrices of two products have an element in common. */
    boolean overlaps(int rows, int columns, int products) {
        for (long apart = 1; apart < products; apart++) {
            long distance = apart * stride;
            long rowsApart = distance / leading;
            long rest = distance % leading;
            if (rowsApart < rows && rest < columns || rowsApart + 1 < rows && leading - rest < columns) {
                return true;
            }
        }
        return false;
    }

    /** What is unusual about it, for keys: {@code f16 @8/40+0}; empty for dense F32. */
    String key(boolean dense) {
        String layout = dense ? "" : "@" + offset + "/" + leading + (stride == 0 ? "" : "+" + stride) + "<" + extent;
        String type = dtype == DType.F32 ? "" : dtype.name().toLowerCase(java.util.Locale.ROOT);
        return type + layout + (constant ? "const" : "");
    }
}
