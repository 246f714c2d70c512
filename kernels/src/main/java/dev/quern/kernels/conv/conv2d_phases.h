// Purpose: the padded copy of an image plane in which every tap of a filter reads a contiguous run, whatever the stride and
// dilation; shared by the direct kernels for CPUs.
//
//   The padded plane is split by stride. Phase (a,b), row i, column j holds the pixel at row i*STRIDE_H + a - PAD_TOP and
//   column j*STRIDE_W + b - PAD_LEFT, or 0 outside the image:
//
//     copy[((a*STRIDE_W + b)*PHASE_ROWS + i)*COLUMNS + j]
//
//   Output (p,q) of a tile has the flat position f = p*COLUMNS + q, and tap (r,s) reads copy[OFFSET(r,s) + f]. Positions
//   with q >= Q lie between rows; what is computed there is never stored.
//
// Parameters: the geometry, and TILE_ROWS, the output rows that a copy serves.

#define PHASE_ROWS (TILE_ROWS + (R - 1) * DILATION_H / STRIDE_H)
#define COLUMNS (Q + (S - 1) * DILATION_W / STRIDE_W)
#define PLANE (STRIDE_H * STRIDE_W * PHASE_ROWS * COLUMNS)
#define POSITIONS ((TILE_ROWS - 1) * COLUMNS + Q)
#define VECTORS ((POSITIONS + 15) / 16)
#define OFFSET(r, s) ((((r) * DILATION_H % STRIDE_H * STRIDE_W + (s) * DILATION_W % STRIDE_W) * PHASE_ROWS \
        + (r) * DILATION_H / STRIDE_H) * COLUMNS + (s) * DILATION_W / STRIDE_W)
// Filter columns to unroll: all of them, unless the code would grow too long.
#if S <= 16
#define UNROLL_S S
#else
#define UNROLL_S 4
#endif
#define TAPS (C / GROUPS * R * S)

// Fills the copy of one channel for the tile that starts at output row firstP.
static inline void q_load_phases(Q_GLOBAL const float* image, int firstP, float* copy) {
    for (int a = 0; a < STRIDE_H; a++) {
        for (int i = 0; i < PHASE_ROWS; i++) {
            const int h = (firstP + i) * STRIDE_H + a - PAD_TOP;
            const bool inside = h >= 0 && h < H;
            for (int b = 0; b < STRIDE_W; b++) {
                float* to = copy + ((a * STRIDE_W + b) * PHASE_ROWS + i) * COLUMNS;
                // Columns [first, end) of this phase lie inside the image.
                const int first = min((PAD_LEFT - b + STRIDE_W - 1) / STRIDE_W, COLUMNS);
                const int end = min((W + PAD_LEFT - b + STRIDE_W - 1) / STRIDE_W, COLUMNS);
                if (!inside) {
                    for (int j = 0; j < COLUMNS; j++) {
                        to[j] = 0.0f;
                    }
                    continue;
                }
                Q_GLOBAL const float* from = image + (size_t)h * W;
                for (int j = 0; j < first; j++) {
                    to[j] = 0.0f;
                }
                for (int j = first; j < end; j++) {
                    to[j] = from[j * STRIDE_W + b - PAD_LEFT];
                }
                for (int j = end; j < COLUMNS; j++) {
                    to[j] = 0.0f;
                }
            }
        }
    }
}
