// Purpose: convolution forward on a CPU as a matrix product with the unfolded image, unfolded piece by piece.
//
//   group id 0: PIXELS output pixels of an image; group id 1: image * groups + group
//
//   columns[t][pixel] = x[n][c][p*stride_h - pad_top + r*dilation_h][q*stride_w - pad_left + s*dilation_w], or 0 outside the
//   image, for each tap t = (c, r, s): the piece of the column matrix that belongs to the pixels, in private memory
//
//   sums[ROWS output channels][PIXELS] += filter[k][t] (broadcast) * columns[t][pixels]      over all t, in registers
//
// Parameters: definitions PIXELS (32), ROWS (output channels at a time), COLUMN_FLOATS (at least taps * PIXELS). Arguments:
//   the geometry as in conv2d_forward_naive.cl.
// Requirements: group size (1,1,1); conv2d_vectors.h and conv2d_finish.h in front.
// Adds over naive: the window's arithmetic and tests are done once for all output channels; products are whole vectors; the
//   column matrix never leaves the second-level cache. One program serves all sizes.
// Determinism: each sum is one work-item's, in the order c, r, s.

#define VECTORS (PIXELS / 16)

// Unfolds the pixels from `first` on.
static inline void q_unfold(Q_GLOBAL const float* images, int channels, int h, int w, int r_count, int s_count, int q_count,
        int stride_h, int stride_w, int pad_top, int pad_left, int dilation_h, int dilation_w, int first, int count,
        float* columns) {
    int top[PIXELS];
    int left[PIXELS];
    for (int i = 0; i < PIXELS; i++) {
        // Pixels past the last one lie outside of every image.
        top[i] = i < count ? (first + i) / q_count * stride_h - pad_top : -(1 << 30);
        left[i] = i < count ? (first + i) % q_count * stride_w - pad_left : 0;
    }
    for (int c = 0; c < channels; c++) {
        Q_GLOBAL const float* image = images + (size_t)c * h * w;
        for (int r = 0; r < r_count; r++) {
            for (int s = 0; s < s_count; s++) {
                #pragma unroll 1
                for (int i = 0; i < PIXELS; i++) {
                    const int row = top[i] + r * dilation_h;
                    const int column = left[i] + s * dilation_w;
                    columns[i] = row >= 0 && row < h && column >= 0 && column < w ? image[row * w + column] : 0.0f;
                }
                columns += PIXELS;
            }
        }
    }
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void conv2d_forward_im2col_gemm(Q_GLOBAL const float* x, Q_GLOBAL const float* filter, Q_GLOBAL float* y, int n, int c, int h,
        int w, int k, int r, int s, int p, int q, int stride_h, int stride_w, int pad_top, int pad_left, int dilation_h,
        int dilation_w, int groups Q_EPILOGUE_PARAMETERS) {
    __attribute__((aligned(64))) float columns[COLUMN_FLOATS];
    const int group_c = c / groups;
    const int group_k = k / groups;
    const int taps = group_c * r * s;
    const size_t image = Q_GROUP_ID(1) / groups;
    const size_t group = Q_GROUP_ID(1) % groups;
    const int first = (int)Q_GROUP_ID(0) * PIXELS;
    const int count = min(PIXELS, p * q - first);
    q_unfold(x + (image * c + group * group_c) * h * w, group_c, h, w, r, s, q, stride_h, stride_w, pad_top, pad_left,
            dilation_h, dilation_w, first, count, columns);
    for (int first_k = 0; first_k < group_k; first_k += ROWS) {
        Q_GLOBAL const float* rows[ROWS];
        float16 sums[ROWS][VECTORS];
        #pragma unroll
        for (int i = 0; i < ROWS; i++) {
            // Rows past the last one repeat it and are not stored.
            rows[i] = filter + (group * group_k + min(first_k + i, group_k - 1)) * taps;
            #pragma unroll
            for (int v = 0; v < VECTORS; v++) {
                sums[i][v] = (float16)(0.0f);
            }
        }
        #pragma unroll 1
        for (int t = 0; t < taps; t++) {
            float16 pixels[VECTORS];
            #pragma unroll
            for (int v = 0; v < VECTORS; v++) {
                pixels[v] = vload16(v, columns + t * PIXELS);
            }
            #pragma unroll
            for (int i = 0; i < ROWS; i++) {
                const float16 weight = (float16)(rows[i][t]);
                #pragma unroll
                for (int v = 0; v < VECTORS; v++) {
                    sums[i][v] = fma(weight, pixels[v], sums[i][v]);
                }
            }
        }
        float finished[ROWS * PIXELS];
        #pragma unroll
        for (int i = 0; i < ROWS; i++) {
            #pragma unroll
            for (int v = 0; v < VECTORS; v++) {
                Q_STORE16(finished + i * PIXELS + v * 16, sums[i][v]);
            }
        }
        for (int i = 0; i < min(ROWS, group_k - first_k); i++) {
            q_finish(finished + i * PIXELS, y, (image * k + group * group_k + first_k + i) * p * q + first, count
                    Q_EPILOGUE_ARGUMENTS);
        }
    }
}
