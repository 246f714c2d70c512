package dev.quern.bench.workload;

import java.util.List;

/** Rows of DeepBench's training lists (Baidu Research, {@code code/kernels}), from each kind of layer in them. */
public final class DeepBench {
    private DeepBench() {
    }

    /**
     * C[m,n] = op(A) op(B).
     *
     * @param m          rows of C
     * @param n          columns of C
     * @param k          products summed for an element
     * @param transposeA whether A is stored transposed
     * @param transposeB whether B is stored transposed
     */
    public record Gemm(int m, int n, int k, boolean transposeA, boolean transposeB) {
        /** Floating-point operations. */
        public double flops() {
            return 2.0 * m * n * k;
        }

        /** The same with its longest side cut so that it needs at most so many operations. */
        public Gemm scaledTo(double mostFlops) {
            if (flops() <= mostFlops) {
                return this;
            }
            double share = mostFlops / flops();
            if (k >= m && k >= n) {
                return new Gemm(m, n, (int) (k * share), transposeA, transposeB);
            }
            return n >= m ? new Gemm(m, (int) (n * share), k, transposeA, transposeB)
                    : new Gemm((int) (m * share), n, k, transposeA, transposeB);
        }
    }

    /**
     * A recurrent layer, one direction, as many input features as hidden ones.
     *
     * @param cell   which kind
     * @param hidden features
     * @param batch  sequences
     * @param steps  time steps
     */
    public record Recurrent(Cell cell, int hidden, int batch, int steps) {
    }

    /** The kinds of recurrent layers. */
    public enum Cell {
        /** tanh(W x + U h). */
        VANILLA,
        /** Long short-term memory. */
        LSTM,
        /** Gated recurrent unit. */
        GRU
    }

    /** Matrix products. */
    public static List<Gemm> gemm() {
        return List.of(new Gemm(1760, 16, 1760, false, false), new Gemm(1760, 128, 1760, false, false),
                new Gemm(1760, 7000, 1760, false, false), new Gemm(2048, 7000, 2048, true, false),
                new Gemm(2560, 64, 2560, false, false), new Gemm(4096, 16, 4096, false, false),
                new Gemm(4096, 128, 4096, true, false), new Gemm(5124, 9124, 2560, false, false),
                new Gemm(35, 8457, 4096, false, false), new Gemm(7680, 5481, 2560, false, true),
                new Gemm(512, 8, 500000, false, false), new Gemm(1024, 16, 500000, true, false));
    }

    /** Convolutions: speech, images, faces. */
    public static List<ConvLayer> conv() {
        return List.of(conv(700, 161, 1, 32, 32, 20, 5, 0, 2), conv(341, 79, 32, 32, 32, 10, 5, 0, 2),
                conv(480, 48, 1, 16, 16, 3, 3, 1, 1), conv(54, 54, 64, 8, 64, 3, 3, 1, 1),
                conv(224, 224, 3, 16, 64, 3, 3, 1, 1), conv(112, 112, 64, 16, 128, 3, 3, 1, 1),
                conv(56, 56, 128, 16, 256, 3, 3, 1, 1), conv(28, 28, 256, 16, 512, 3, 3, 1, 1),
                conv(7, 7, 512, 16, 512, 3, 3, 1, 1), conv(224, 224, 3, 16, 64, 7, 7, 3, 2),
                conv(56, 56, 64, 16, 256, 1, 1, 0, 1), conv(14, 14, 1024, 16, 2048, 1, 1, 0, 2));
    }

    /** In DeepBench's order of columns; padding and stride are the same on both axes. */
    private static ConvLayer conv(int w, int h, int c, int n, int k, int s, int r, int pad, int stride) {
        String name = n + "," + c + "," + h + "," + w + "-" + k + "," + r + "x" + s + "," + stride;
        return new ConvLayer("deepbench", name, n, c, h, w, k, r, s, pad, pad, stride, stride, 1);
    }

    /** Recurrent layers. */
    public static List<Recurrent> recurrent() {
        return List.of(new Recurrent(Cell.VANILLA, 1760, 16, 50), new Recurrent(Cell.VANILLA, 2560, 128, 50),
                new Recurrent(Cell.LSTM, 256, 16, 150), new Recurrent(Cell.LSTM, 256, 64, 150),
                new Recurrent(Cell.LSTM, 512, 16, 25), new Recurrent(Cell.LSTM, 512, 128, 25),
                new Recurrent(Cell.LSTM, 1024, 64, 25), new Recurrent(Cell.LSTM, 1536, 8, 50),
                new Recurrent(Cell.LSTM, 2048, 128, 25), new Recurrent(Cell.LSTM, 4096, 128, 25),
                new Recurrent(Cell.GRU, 2816, 32, 1500), new Recurrent(Cell.GRU, 512, 32, 1));
    }
}
