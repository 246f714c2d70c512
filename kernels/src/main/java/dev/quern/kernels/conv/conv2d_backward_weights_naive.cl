// Purpose: gradient of a convolution's filter, the bottom rung: each weight sums over every image and output pixel.
//
//   dfilter, flat: i = ((k*C/GROUPS + c)*R + r)*S + s     one work-item each
//
// Parameters: the geometry, as arguments named by its letters, so that one program serves every shape.
// Requirements: portable; any group size.
// Adds: correctness on every device and every attribute. A row is summed by itself before it joins the total, which keeps
//   the rounding error of long sums near that of short ones.
// Determinism: each sum is one work-item's, in the order n, p, q.

Q_KERNEL void conv2d_backward_weights_naive(Q_GLOBAL const float* x, Q_GLOBAL const float* dy,
        Q_GLOBAL float* dfilter, int N, int C, int H, int W, int K, int R, int S, int P, int Q,
        int STRIDE_H, int STRIDE_W, int PAD_TOP, int PAD_LEFT, int DILATION_H, int DILATION_W, int GROUPS Q_EPILOGUE_PARAMETERS) {
    const size_t i = Q_GLOBAL_ID(0);
    if (i >= (size_t)K * (C / GROUPS) * R * S) {
        return;
    }
    const int s = (int)(i % S);
    const int r = (int)(i / S % R);
    const int c = (int)(i / (R * S) % (C / GROUPS));
    const int k = (int)(i / ((size_t)R * S * (C / GROUPS)));
    const size_t inputC = (size_t)(k / (K / GROUPS)) * (C / GROUPS) + c;
    float sum = 0.0f;
    for (int n = 0; n < N; n++) {
        Q_GLOBAL const float* image = x + ((size_t)n * C + inputC) * H * W;
        Q_GLOBAL const float* plane = dy + ((size_t)n * K + k) * P * Q;
        for (int p = 0; p < P; p++) {
            const int h = p * STRIDE_H - PAD_TOP + r * DILATION_H;
            if (h < 0 || h >= H) {
                continue;
            }
            float row = 0.0f;
            for (int q = 0; q < Q; q++) {
                const int w = q * STRIDE_W - PAD_LEFT + s * DILATION_W;
                if (w >= 0 && w < W) {
                    row = Q_FMA(image[(size_t)h * W + w], plane[(size_t)p * Q + q], row);
                }
            }
            sum += row;
        }
    }
    dfilter[i] = q_epilogue(sum, i Q_EPILOGUE_ARGUMENTS);
}
