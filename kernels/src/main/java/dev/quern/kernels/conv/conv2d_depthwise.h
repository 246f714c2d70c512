// Purpose: what the kernels for CPUs share whose filters see a single input channel: the padded copy of some rows of a plane,
// its columns split by the stride, so that every tap reads consecutive floats.
//
//   copy[(b*rows + i)*columns + j] = image[top + i][j*STRIDE_W + b - pad_left], or 0 outside the image; b < STRIDE_W
//
//   Tap (r,s) of output (i,j) of the band reads row i*STRIDE_H + r*DILATION_H, from Q_PHASE(s) and column j + Q_COLUMN(s) on.
//
// Parameters: definitions R, S, STRIDE_H, STRIDE_W, DILATION_H, DILATION_W.
// Requirements: conv2d_vectors.h and conv2d_padded_band.h in front.

#define TAPS (R * S)
#define Q_PHASE(s) ((s) * DILATION_W % STRIDE_W)
#define Q_COLUMN(s) ((s) * DILATION_W / STRIDE_W)
// Columns past an output row's end that taps reach, and rows for so many output rows.
#define REACH_W Q_COLUMN(S - 1)
#define Q_ROWS(outputs) (((outputs) - 1) * STRIDE_H + (R - 1) * DILATION_H + 1)
// Loops around the products stay loops.
#define ROLLED _Pragma("unroll 1")

static inline void q_copy_phases(Q_GLOBAL const float* image, int h, int w, int top, int pad_left, int rows, int columns,
        float* copy) {
    ROLLED for (int b = 0; b < STRIDE_W; b++) {
        q_copy_band(image, h, w, top, b - pad_left, 1, STRIDE_W, rows, columns, copy + (size_t)b * rows * columns);
    }
}
