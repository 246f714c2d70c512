// Purpose: gradient of the filters on a CPU where each sees one input channel (depthwise): lanes are output pixels of a row.
//
//   group id 0: slice * K + k
//
//   For each image of the batch slice and each band of output rows, the rows of x that the band sees are copied with their
//   padding (conv2d_depthwise.h). Then, for BLOCK_R filter rows and sixteen pixels of dy at a time:
//
//     sums[BLOCK_R][S] float16, lanes = q, in registers += dy[p][q .. + 15] * copy[tap's row and column .. + 15]
//
//   whose lanes are added at the end of the slice. Slices are added by conv2d_join_slices.cl; a single slice is stored at once.
//
// Parameters: definitions of conv2d_depthwise.h, COPY_FLOATS, BLOCK_R, SLICES. Arguments: sizes; k, output channels; multiplier, of
//   them for each input channel; band, output rows; n, images; slice_images.
// Requirements: group size (1,1,1); C/GROUPS = 1; BLOCK_R * S accumulators, at most 26.
// Adds: each vector of dy meets every tap while it is in a register.
// Determinism: slices are the plan's, each sum is one work-item's in a fixed order.

// Adds the products of some filter rows with a vector of dy.
__attribute__((always_inline)) static inline void q_products(const int blockR, const float* pixel, const int copied,
        const int columns, const float16 gradient, float16 sums[BLOCK_R][S]) {
    #pragma unroll
    for (int r = 0; r < blockR; r++) {
        #pragma unroll
        for (int s = 0; s < S; s++) {
            sums[r][s] = fma(gradient, vload16(0, pixel + (Q_PHASE(s) * copied + r * DILATION_H) * columns + Q_COLUMN(s)), sums[r][s]);
        }
    }
}

// All rows of a band for filter rows [firstR, firstR + blockR). The last vector of a row ends in `mask`.
__attribute__((always_inline)) static inline void q_band(const int firstR, const int blockR, const float* copy, const int copied,
        const int columns, Q_GLOBAL const float* dy, const int rows, const int q, float16* totals) {
    float16 sums[BLOCK_R][S];
    #pragma unroll
    for (int t = 0; t < blockR * S; t++) {
        sums[t / S][t % S] = totals[firstR * S + t];
    }
    ROLLED for (int i = 0; i < rows; i++) {
        const float* row = copy + (i * STRIDE_H + firstR * DILATION_H) * columns;
        int j = 0;
        ROLLED for (; j + 16 <= q; j += 16) {
            q_products(blockR, row + j, copied, columns, vload16(0, dy + (size_t)i * q + j), sums);
        }
        if (j < q) {
            float rest[16];
            #pragma unroll
            for (int l = 0; l < 16; l++) {
                rest[l] = 0.0f;
            }
            ROLLED for (int l = 0; j + l < q; l++) {
                rest[l] = dy[(size_t)i * q + j + l];
            }
            q_products(blockR, row + j, copied, columns, vload16(0, rest), sums);
        }
    }
    #pragma unroll
    for (int t = 0; t < blockR * S; t++) {
        totals[firstR * S + t] = sums[t / S][t % S];
    }
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void conv2d_backward_weights_depthwise_cpu(Q_GLOBAL const float* x, Q_GLOBAL const float* dy, Q_GLOBAL float* dfilter, int h, int w,
        int k, int multiplier, int p, int q, int pad_top, int pad_left, int band, int n, int slice_images Q_EPILOGUE_PARAMETERS) {
    __attribute__((aligned(64))) float copy[COPY_FLOATS];
    float16 totals[TAPS];
    const int channel = (int)(Q_GROUP_ID(0) % k);
    const int slice = (int)(Q_GROUP_ID(0) / k);
    const int columns = q + REACH_W;
    #pragma unroll
    for (int t = 0; t < TAPS; t++) {
        totals[t] = (float16)(0.0f);
    }
    ROLLED for (int image = slice * slice_images; image < min(n, (slice + 1) * slice_images); image++) {
        const size_t plane = (size_t)image * k + channel;
        ROLLED for (int first = 0; first < p; first += band) {
            const int rows = min(band, p - first);
            const int copied = Q_ROWS(rows);
            q_copy_phases(x + plane / multiplier * h * w, h, w, first * STRIDE_H - pad_top, pad_left, copied, columns, copy);
            // The last vectors read on; what they read meets zeros.
            Q_STORE16(copy + STRIDE_W * copied * columns, (float16)(0.0f));
            ROLLED for (int r = 0; r + BLOCK_R <= R; r += BLOCK_R) {
                q_band(r, BLOCK_R, copy, copied, columns, dy + (plane * p + first) * q, rows, q, totals);
            }
            if (R % BLOCK_R != 0) {
                q_band(R - R % BLOCK_R, R % BLOCK_R, copy, copied, columns, dy + (plane * p + first) * q, rows, q, totals);
            }
        }
    }
    #pragma unroll
    for (int t = 0; t < TAPS; t++) {
        const float8 eight = totals[t].lo + totals[t].hi;
        const float4 four = eight.lo + eight.hi;
        const float2 two = four.lo + four.hi;
        const size_t i = (size_t)channel * TAPS + t;
#if SLICES == 1
        dfilter[i] = q_epilogue(two.x + two.y, i Q_EPILOGUE_ARGUMENTS);
#else
        dfilter[(size_t)slice * k * TAPS + i] = two.x + two.y;
#endif
    }
}
