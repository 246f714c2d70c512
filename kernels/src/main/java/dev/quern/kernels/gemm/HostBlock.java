package dev.quern.kernels.gemm;

import dev.quern.kernels.HostStorage;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.HostEpilogue;
import dev.quern.kernels.expr.Prologues;
import dev.quern.runtime.HostArguments;
import java.util.Arrays;

/**
 * A thread's scratch for one tile of c: the tile's rows, and the block of a and b that is added to them next. Each row is an
 * array of its own: the JIT vectorises a loop over several arrays at one index, but not over several places in one array.
 */
final class HostBlock {
    /** Columns of a tile: a row is 1 KiB, so that four of c and four of b fit the first-level cache. */
    static final int COLUMNS = 256;
    /** How much of k is packed at a time: a block of b is 128 KiB. */
    static final int DEPTH = 128;
    /** Rows of c, and rows of b, that the inner loop handles at once. */
    static final int STEP = 4;

    private final GemmProblem problem;
    private final float[][] c;
    private final float[][] b = new float[DEPTH][];
    /** Four steps of k for four rows lie together: a[((i / 4) * rows + row) * 4 + i % 4]. */
    private final float[] a;
    private final float[] line;
    private final float[] addends;
    private final HostEpilogue prologueA;
    private final HostEpilogue prologueB;
    /** The positions among the arguments of the prologues' first operands. */
    private final int firstOfA;
    private final int firstOfB;
    private int product;
    private int row;
    private int rows;
    private int column;
    private int columns;

    HostBlock(GemmProblem problem, int mostRows, Prologues prologues, Epilogue epilogue) {
        this.problem = problem;
        this.prologueA = HostEpilogue.of(prologues.of(GemmProblem.A));
        this.prologueB = HostEpilogue.of(prologues.of(GemmProblem.B));
        this.firstOfA = HostStore.firstOfEpilogue(problem) + epilogue.arguments();
        this.firstOfB = firstOfA + prologues.of(GemmProblem.A).operands().size();
        int width = Math.min(COLUMNS, problem.n());
        this.c = new float[mostRows][width];
        for (int i = 0; i < DEPTH; i++) {
            b[i] = new float[width];
        }
        this.a = new float[mostRows * DEPTH];
        this.line = new float[Math.max(DEPTH, mostRows)];
        this.addends = new float[width];
    }

    /** Starts a tile: sums are zero. */
    void begin(int product, int row, int rows, int column, int columns) {
        this.product = product;
        this.row = row;
        this.rows = rows;
        this.column = column;
        this.columns = columns;
        for (float[] sums : c) {
            Arrays.fill(sums, 0);
        }
    }

    /** Adds the products of steps {@code start} to {@code start + depth - 1} of k. */
    void add(HostArguments arguments, int start, int depth) {
        packA(arguments, start, depth);
        packB(arguments, start, depth);
        int padded = Math.ceilDiv(rows, STEP) * STEP;
        for (int r = 0; r < padded; r += STEP) {
            for (int i = 0; i < depth; i += STEP) {
                multiplyAdd(c[r], c[r + 1], c[r + 2], c[r + 3], b[i], b[i + 1], b[i + 2], b[i + 3], a,
                        (i / STEP * padded + r) * STEP, columns);
            }
        }
    }

    private static void multiplyAdd(float[] c0, float[] c1, float[] c2, float[] c3, float[] b0, float[] b1, float[] b2,
            float[] b3, float[] a, int at, int n) {
        float a00 = a[at];
        float a01 = a[at + 1];
        float a02 = a[at + 2];
        float a03 = a[at + 3];
        float a10 = a[at + 4];
        float a11 = a[at + 5];
        float a12 = a[at + 6];
        float a13 = a[at + 7];
        float a20 = a[at + 8];
        float a21 = a[at + 9];
        float a22 = a[at + 10];
        float a23 = a[at + 11];
        float a30 = a[at + 12];
        float a31 = a[at + 13];
        float a32 = a[at + 14];
        float a33 = a[at + 15];
        for (int j = 0; j < n; j++) {
            float x0 = b0[j];
            float x1 = b1[j];
            float x2 = b2[j];
            float x3 = b3[j];
            c0[j] = Math.fma(a03, x3, Math.fma(a02, x2, Math.fma(a01, x1, Math.fma(a00, x0, c0[j]))));
            c1[j] = Math.fma(a13, x3, Math.fma(a12, x2, Math.fma(a11, x1, Math.fma(a10, x0, c1[j]))));
            c2[j] = Math.fma(a23, x3, Math.fma(a22, x2, Math.fma(a21, x1, Math.fma(a20, x0, c2[j]))));
            c3[j] = Math.fma(a33, x3, Math.fma(a32, x2, Math.fma(a31, x1, Math.fma(a30, x0, c3[j]))));
        }
    }

    /** Rows and steps that do not exist are zero. */
    private void packA(HostArguments arguments, int start, int depth) {
        int padded = Math.ceilDiv(rows, STEP) * STEP;
        Arrays.fill(a, 0, padded * Math.ceilDiv(depth, STEP) * STEP, 0);
        if (problem.transposeA()) {
            for (int i = 0; i < depth; i++) {
                loadA(arguments, start + i, row, line, rows);
                for (int r = 0; r < rows; r++) {
                    a[(i / STEP * padded + r) * STEP + i % STEP] = line[r];
                }
            }
        } else {
            for (int r = 0; r < rows; r++) {
                loadA(arguments, row + r, start, line, depth);
                for (int i = 0; i < depth; i++) {
                    a[(i / STEP * padded + r) * STEP + i % STEP] = line[i];
                }
            }
        }
    }

    private void packB(HostArguments arguments, int start, int depth) {
        if (problem.transposeB()) {
            for (int j = 0; j < columns; j++) {
                loadB(arguments, column + j, start, line, depth);
                for (int i = 0; i < depth; i++) {
                    b[i][j] = line[i];
                }
            }
        } else {
            for (int i = 0; i < depth; i++) {
                loadB(arguments, start + i, column, b[i], columns);
            }
        }
        for (int i = depth; i < Math.ceilDiv(depth, STEP) * STEP; i++) {
            Arrays.fill(b[i], 0);
        }
    }

    /** Part of a stored row of a, its prologue applied. */
    private void loadA(HostArguments arguments, int storedRow, int storedColumn, float[] to, int count) {
        load(arguments, GemmProblem.A, problem.a(), storedRow, storedColumn, to, count);
        long matrix = problem.sharedA() ? 0 : product;
        prologueA.apply(to, 0, count, (matrix * problem.rowsA() + storedRow) * problem.columnsA() + storedColumn, arguments, firstOfA);
    }

    /** Part of a stored row of b, its prologue applied. */
    private void loadB(HostArguments arguments, int storedRow, int storedColumn, float[] to, int count) {
        load(arguments, GemmProblem.B, problem.b(), storedRow, storedColumn, to, count);
        long matrix = problem.sharedB() ? 0 : product;
        prologueB.apply(to, 0, count, (matrix * problem.rowsB() + storedRow) * problem.columnsB() + storedColumn, arguments, firstOfB);
    }

    private void load(HostArguments arguments, int operand, GemmMatrix matrix, int storedRow, int storedColumn, float[] to,
            int count) {
        long from = matrix.offset() + (long) product * matrix.stride() + (long) storedRow * matrix.leading() + storedColumn;
        HostStorage.load(arguments.memory(operand), matrix.dtype(), from, to, 0, count);
    }

    /** Finishes the tile. */
    void store(HostArguments arguments, HostEpilogue finish) {
        for (int r = 0; r < rows; r++) {
            HostStore.row(problem, arguments, finish, product, row + r, column, c[r], columns, addends);
        }
    }
}
