// Purpose: gradient of a depthwise convolution's input on a CPU: lanes are pixels of a row.
//
//   group id 0: band of rows of dx; group id 1: some planes, (image * C + c)
//
//   The rows of dy that the band needs are copied once, with zeros around. Row h of dx sees the taps with
//   r*DILATION_H % STRIDE_H = (h + PAD_TOP) % STRIDE_H and nothing else, columns alike, so that a tap reads consecutive floats
//   of dy for every STRIDE_W-th pixel of dx:
//
//     sums[u] = sum over these r, s of filter[c][r][s] (broadcast) * copy[row i - r*DILATION_H/STRIDE_H][j - s*DILATION_W/STRIDE_W .. + 15]
//               for pixels u, u + STRIDE_W, ...;  i = (h + PAD_TOP) / STRIDE_H, j = (w + PAD_LEFT) / STRIDE_W
//
//   which are woven into a row. Rows are stored one after the other, each over what the one before left past its end.
//
// Parameters: definitions of conv2d_depthwise.h, PHASE_LEFT (PAD_LEFT % STRIDE_W), COPY_FLOATS, BAND_FLOATS, PASS_CACHES.
//   Arguments: sizes; c, channels; band, rows of dx; count, planes; each, planes of a work-item.
// Requirements: group size (1,1,1); C/GROUPS = K/GROUPS = 1.
// Adds: no product with the gaps of a stride, no scattered sums; one program serves every size.
// Determinism: each sum is one work-item's, in the order r, s.

#define REACH_H ((R - 1) * DILATION_H / STRIDE_H)

// Sixteen pixels of each column phase: row is dy at row i of the copy and column j of the first pixel.
__attribute__((always_inline)) static inline void q_pixels(const int a, const float* row, const int columns, int pad_left,
        const float16* weights, float* to) {
    float16 sums[STRIDE_W];
    #pragma unroll
    for (int u = 0; u < STRIDE_W; u++) {
        const float* pixel = row + (u + pad_left) / STRIDE_W;
        sums[u] = (float16)(0.0f);
        #pragma unroll
        for (int r = 0; r < R; r++) {
            #pragma unroll
            for (int s = 0; s < S; s++) {
                if (r * DILATION_H % STRIDE_H == a && Q_PHASE(s) == (u + PHASE_LEFT) % STRIDE_W) {
                    sums[u] = fma(weights[r * S + s], vload16(0, pixel - (r * DILATION_H / STRIDE_H) * columns - Q_COLUMN(s)), sums[u]);
                }
            }
        }
    }
#if STRIDE_W == 1
    Q_STORE16(to, sums[0]);
#elif STRIDE_W == 2
    Q_STORE16(to, Q_WEAVE_LO(sums[0], sums[1]));
    Q_STORE16(to + 16, Q_WEAVE_HI(sums[0], sums[1]));
#else
    const float* values = (const float*)sums;
    for (int i = 0; i < 16 * STRIDE_W; i++) {
        to[i] = values[i % STRIDE_W * 16 + i / STRIDE_W];
    }
#endif
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void conv2d_backward_data_depthwise_cpu(Q_GLOBAL const float* dy, Q_GLOBAL const float* filter, Q_GLOBAL float* dx, int h, int w,
        int c, int p, int q, int pad_top, int pad_left, int band, int count, int each Q_EPILOGUE_PARAMETERS) {
    __attribute__((aligned(64))) float copy[COPY_FLOATS];
    __attribute__((aligned(64))) float outputs[BAND_FLOATS];
    const int first = (int)Q_GROUP_ID(0) * band;
    const int rows = min(band, h - first);
    const int top = (first + pad_top) / STRIDE_H - REACH_H;
    const int copied = (first + rows - 1 + pad_top) / STRIDE_H - top + 1;
    const int columns = (w - 1 + pad_left) / STRIDE_W + 1 + REACH_W;
    const int end = min(((int)Q_GROUP_ID(1) + 1) * each, count);
    ROLLED for (int plane = (int)Q_GROUP_ID(1) * each; plane < end; plane++) {
        q_copy_band(dy + (size_t)plane * p * q, p, q, top, -REACH_W, 1, 1, copied, columns, copy);
        Q_GLOBAL const float* weight = filter + (size_t)(plane % c) * TAPS;
        float16 weights[TAPS];
        #pragma unroll
        for (int t = 0; t < TAPS; t++) {
            weights[t] = (float16)(weight[t]);
        }
        ROLLED for (int i = 0; i < rows; i++) {
            const int at = first + i + pad_top;
            const float* row = copy + (at / STRIDE_H - top) * columns + REACH_W;
            #pragma unroll
            for (int a = 0; a < STRIDE_H; a++) {
                if (at % STRIDE_H == a) {
                    ROLLED for (int j = 0; j * STRIDE_W < w; j += 16) {
                        q_pixels(a, row + j, columns, pad_left, weights, outputs + i * w + j * STRIDE_W);
                    }
                }
            }
        }
        q_finish(outputs, dx, ((size_t)plane * h + first) * w, rows * w Q_EPILOGUE_ARGUMENTS);
    }
}
