// Purpose: convolution forward, the bottom rung: y[n,k,p,q] = sum over c,r,s of x * filter.
//
//   y, flat: i = ((n*K + k)*P + p)*Q + q      one work-item each
//   x rows read: p*STRIDE_H - PAD_TOP + r*DILATION_H for r in [0,R), skipped outside [0,H); columns alike
//
// Parameters: the geometry, as arguments named by its letters, so that one program serves every shape.
// Requirements: portable; any group size.
// Adds: correctness on every device and every attribute; nothing is reused but what caches keep.
// Determinism: each sum is one work-item's, in the order c, r, s.

Q_KERNEL void conv2d_forward_naive(Q_GLOBAL const float* x, Q_GLOBAL const float* filter,
        Q_GLOBAL float* y, int N, int C, int H, int W, int K, int R, int S, int P, int Q,
        int STRIDE_H, int STRIDE_W, int PAD_TOP, int PAD_LEFT, int DILATION_H, int DILATION_W, int GROUPS Q_EPILOGUE_PARAMETERS) {
    const size_t i = Q_GLOBAL_ID(0);
    if (i >= (size_t)N * K * P * Q) {
        return;
    }
    const int q = (int)(i % Q);
    const int p = (int)(i / Q % P);
    const int k = (int)(i / ((size_t)P * Q) % K);
    const size_t n = i / ((size_t)P * Q * K);
    const int firstH = p * STRIDE_H - PAD_TOP;
    const int firstW = q * STRIDE_W - PAD_LEFT;
    Q_GLOBAL const float* images = x + (n * C + (size_t)(k / (K / GROUPS)) * (C / GROUPS)) * H * W;
    Q_GLOBAL const float* taps = filter + (size_t)k * (C / GROUPS) * R * S;
    float sum = 0.0f;
    for (int c = 0; c < C / GROUPS; c++) {
        for (int r = 0; r < R; r++) {
            const int h = firstH + r * DILATION_H;
            if (h < 0 || h >= H) {
                continue;
            }
            for (int s = 0; s < S; s++) {
                const int w = firstW + s * DILATION_W;
                if (w >= 0 && w < W) {
                    sum = Q_FMA(images[((size_t)c * H + h) * W + w], taps[(c * R + r) * S + s], sum);
                }
            }
        }
    }
    y[i] = q_epilogue(sum, i Q_EPILOGUE_ARGUMENTS);
}
