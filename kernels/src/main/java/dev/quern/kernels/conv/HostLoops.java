package dev.quern.kernels.conv;

/**
 * The inner loops of the host rungs. The JIT vectorises a loop only if every array in it is read and written at the loop's
 * own index (measured on JDK 25: with an offset on one side it ran eight times slower), so callers shift by copying.
 */
final class HostLoops {
    private HostLoops() {
    }

    /**
     * Adds four scaled rows to each of two sums, for i in [from, to):
     * {@code sum0[i] += w[a] * x0[i] + … + w[a + 3] * x3[i]}, and sum1 likewise with w[b], ….
     */
    static void multiply2x4(float[] sum0, float[] sum1, float[] x0, float[] x1, float[] x2, float[] x3, float[] w, int a,
            int b, int from, int to) {
        float a0 = w[a];
        float a1 = w[a + 1];
        float a2 = w[a + 2];
        float a3 = w[a + 3];
        float b0 = w[b];
        float b1 = w[b + 1];
        float b2 = w[b + 2];
        float b3 = w[b + 3];
        for (int i = from; i < to; i++) {
            float v0 = x0[i];
            float v1 = x1[i];
            float v2 = x2[i];
            float v3 = x3[i];
            sum0[i] = Math.fma(a3, v3, Math.fma(a2, v2, Math.fma(a1, v1, Math.fma(a0, v0, sum0[i]))));
            sum1[i] = Math.fma(b3, v3, Math.fma(b2, v2, Math.fma(b1, v1, Math.fma(b0, v0, sum1[i]))));
        }
    }

    /** sum[i] += x[i] for i in [from, to). */
    static void add(float[] sum, float[] x, int from, int to) {
        for (int i = from; i < to; i++) {
            sum[i] += x[i];
        }
    }

    /**
     * Sixteen dot products of four rows and four shifts of another row, over i in [from, to): adds
     * {@code sum of y_k[i] * x[o_t + i]} to {@code sums[4 * k + t]}. Scalar code: sixteen sums at a time keep both
     * multipliers busy, where one sum would wait for itself.
     */
    static void dot4x4(float[] sums, float[] y0, float[] y1, float[] y2, float[] y3, float[] x, int o0, int o1, int o2, int o3,
            int from, int to) {
        float s00 = 0;
        float s01 = 0;
        float s02 = 0;
        float s03 = 0;
        float s10 = 0;
        float s11 = 0;
        float s12 = 0;
        float s13 = 0;
        float s20 = 0;
        float s21 = 0;
        float s22 = 0;
        float s23 = 0;
        float s30 = 0;
        float s31 = 0;
        float s32 = 0;
        float s33 = 0;
        for (int i = from; i < to; i++) {
            float x0 = x[o0 + i];
            float x1 = x[o1 + i];
            float x2 = x[o2 + i];
            float x3 = x[o3 + i];
            float y = y0[i];
            s00 = Math.fma(y, x0, s00);
            s01 = Math.fma(y, x1, s01);
            s02 = Math.fma(y, x2, s02);
            s03 = Math.fma(y, x3, s03);
            y = y1[i];
            s10 = Math.fma(y, x0, s10);
            s11 = Math.fma(y, x1, s11);
            s12 = Math.fma(y, x2, s12);
            s13 = Math.fma(y, x3, s13);
            y = y2[i];
            s20 = Math.fma(y, x0, s20);
            s21 = Math.fma(y, x1, s21);
            s22 = Math.fma(y, x2, s22);
            s23 = Math.fma(y, x3, s23);
            y = y3[i];
            s30 = Math.fma(y, x0, s30);
            s31 = Math.fma(y, x1, s31);
            s32 = Math.fma(y, x2, s32);
            s33 = Math.fma(y, x3, s33);
        }
        sums[0] += s00;
        sums[1] += s01;
        sums[2] += s02;
        sums[3] += s03;
        sums[4] += s10;
        sums[5] += s11;
        sums[6] += s12;
        sums[7] += s13;
        sums[8] += s20;
        sums[9] += s21;
        sums[10] += s22;
        sums[11] += s23;
        sums[12] += s30;
        sums[13] += s31;
        sums[14] += s32;
        sums[15] += s33;
    }
}
