// Purpose: gradient of a convolution's input, the bottom rung: each dx gathers the outputs that read its pixel.
//
//   dx, flat: i = ((n*C + c)*H + h)*W + w     one work-item each
//   tap (r,s) carried x[h,w] to the output row p with p*STRIDE_H = h + PAD_TOP - r*DILATION_H, if that is whole and
//   inside [0,P); columns alike
//
// Parameters: the geometry, as arguments named by its letters, so that one program serves every shape.
// Requirements: portable; any group size.
// Adds: correctness on every device and every attribute, without atomics.
// Determinism: each sum is one work-item's, in the order k, r, s.

Q_KERNEL void conv2d_backward_data_naive(Q_GLOBAL const float* dy, Q_GLOBAL const float* filter,
        Q_GLOBAL float* dx, int N, int C, int H, int W, int K, int R, int S, int P, int Q,
        int STRIDE_H, int STRIDE_W, int PAD_TOP, int PAD_LEFT, int DILATION_H, int DILATION_W, int GROUPS Q_EPILOGUE_PARAMETERS) {
    const size_t i = Q_GLOBAL_ID(0);
    if (i >= (size_t)N * C * H * W) {
        return;
    }
    const int w = (int)(i % W);
    const int h = (int)(i / W % H);
    const int c = (int)(i / ((size_t)H * W) % C);
    const size_t n = i / ((size_t)H * W * C);
    const int group = c / (C / GROUPS);
    const int groupC = c % (C / GROUPS);
    float sum = 0.0f;
    for (int k = group * (K / GROUPS); k < (group + 1) * (K / GROUPS); k++) {
        Q_GLOBAL const float* plane = dy + (n * K + k) * P * Q;
        Q_GLOBAL const float* taps = filter + ((size_t)k * (C / GROUPS) + groupC) * R * S;
        for (int r = 0; r < R; r++) {
            const int rows = h + PAD_TOP - r * DILATION_H;
            const int p = rows / STRIDE_H;
            if (rows < 0 || rows % STRIDE_H != 0 || p >= P) {
                continue;
            }
            for (int s = 0; s < S; s++) {
                const int columns = w + PAD_LEFT - s * DILATION_W;
                const int q = columns / STRIDE_W;
                if (columns >= 0 && columns % STRIDE_W == 0 && q < Q) {
                    sum = Q_FMA(plane[(size_t)p * Q + q], taps[r * S + s], sum);
                }
            }
        }
    }
    dx[i] = q_epilogue(sum, i Q_EPILOGUE_ARGUMENTS);
}
