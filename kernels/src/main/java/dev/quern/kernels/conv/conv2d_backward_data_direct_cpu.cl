// Purpose: gradient of a convolution's input on a CPU: the forward rung turned round. One work-item owns the padded copy of
//   some channels of one image's gradient and adds each tap's contribution to it at the tap's shift.
//
//   group id 0: (n*GROUPS + group)*C_PARTS + part
//   For each tile of DY_ROWS output rows, dy of all the group's K channels is spread over flat positions (conv2d_phases.h:
//   f = p*COLUMNS + q, zeros between rows). Then, for BLOCK_V vectors of positions, BLOCK_C channels and each tap (r,s):
//
//     sums[BLOCK_C][BLOCK_V] float16 in registers += filter[k][c][r][s] (broadcast) * dy[k][f .. f+15]     over all k
//     copy[c][OFFSET(r,s) + f .. f+15] += sums
//
//   At the end the copy is put back into rows and columns, and the epilogue runs over whole vectors of the plane.
//
// Parameters: the geometry, TILE_ROWS = P; DY_ROWS; PART_C (input channels of a work-item, a multiple of BLOCK_C), C_PARTS;
//   BLOCK_C * BLOCK_V accumulators, at most 24; CLOSE_ROWS (rows of dx finished at a time).
// Requirements: group size (1,1,1); private memory for PART_C copies and K/GROUPS rows of positions.
// Adds: no product with padding is computed, whatever the padding, and strides cost nothing: a 5x5 filter over a 10x10
//   plane takes 2.5 times fewer products than the forward kernel over the padded dy would.
// Tried and dropped: that forward kernel over dy padded by R-1 with the filter flipped.
// Determinism: each element is one work-item's; sums run over k, then over tiles, r, s in a fixed order.

#define GROUP_C (C / GROUPS)
#define GROUP_K (K / GROUPS)
#define DY_POSITIONS ((DY_ROWS - 1) * COLUMNS + Q)
#define DY_VECTORS ((DY_POSITIONS + 15) / 16)

__attribute__((always_inline)) static inline void q_scatter(const int blockC, const int blockV, const float* spread,
        Q_GLOBAL const float* filter, float* copy) {
    for (int r = 0; r < R; r++) {
        for (int s = 0; s < S; s++) {
            float16 sums[BLOCK_C][BLOCK_V];
            #pragma unroll
            for (int c = 0; c < blockC; c++) {
                #pragma unroll
                for (int v = 0; v < blockV; v++) {
                    sums[c][v] = (float16)(0.0f);
                }
            }
            Q_GLOBAL const float* weight = filter + r * S + s;
            #pragma unroll 2
            for (int k = 0; k < GROUP_K; k++) {
                float16 gradients[BLOCK_V];
                #pragma unroll
                for (int v = 0; v < blockV; v++) {
                    gradients[v] = vload16(v, spread + k * (DY_VECTORS * 16));
                }
                #pragma unroll
                for (int c = 0; c < blockC; c++) {
                    const float16 w = (float16)(weight[k * TAPS + c * (R * S)]);
                    #pragma unroll
                    for (int v = 0; v < blockV; v++) {
                        sums[c][v] = fma(w, gradients[v], sums[c][v]);
                    }
                }
            }
            float* to = copy + OFFSET(r, s);
            #pragma unroll
            for (int c = 0; c < blockC; c++) {
                #pragma unroll
                for (int v = 0; v < blockV; v++) {
                    Q_STORE16(to + c * PLANE + v * 16, vload16(v, to + c * PLANE) + sums[c][v]);
                }
            }
        }
    }
}

// All positions of a dy tile for blockC channels.
__attribute__((always_inline)) static inline void q_positions(const int blockC, const float* spread,
        Q_GLOBAL const float* filter, float* copy) {
    for (int v = 0; v + BLOCK_V <= DY_VECTORS; v += BLOCK_V) {
        q_scatter(blockC, BLOCK_V, spread + v * 16, filter, copy + v * 16);
    }
    if (DY_VECTORS % BLOCK_V != 0) {
        const int v = DY_VECTORS - DY_VECTORS % BLOCK_V;
        q_scatter(blockC, DY_VECTORS % BLOCK_V, spread + v * 16, filter, copy + v * 16);
    }
}

// Spreads up to DY_ROWS rows of one channel of dy over flat positions; the rest is zeros.
static inline void q_spread(Q_GLOBAL const float* plane, int firstP, float* spread) {
    for (int i = 0; i < DY_VECTORS; i++) {
        Q_STORE16(spread + i * 16, (float16)(0.0f));
    }
    for (int p = 0; p < min(DY_ROWS, P - firstP); p++) {
        for (int q = 0; q < Q; q++) {
            spread[p * COLUMNS + q] = plane[(size_t)(firstP + p) * Q + q];
        }
    }
}

// Row h of the image out of the copy of one channel; pixels that no window reaches are 0.
static inline void q_row(const float* copy, int h, float* row) {
    const int a = (h + PAD_TOP) % STRIDE_H;
    const int i = (h + PAD_TOP) / STRIDE_H;
    for (int w = 0; w < W; w++) {
        const int j = (w + PAD_LEFT) / STRIDE_W;
        const int b = (w + PAD_LEFT) % STRIDE_W;
        row[w] = i < PHASE_ROWS && j < COLUMNS ? copy[((a * STRIDE_W + b) * PHASE_ROWS + i) * COLUMNS + j] : 0.0f;
    }
}

__attribute__((reqd_work_group_size(1, 1, 1)))
__kernel void conv2d_backward_data_direct_cpu(Q_GLOBAL const float* dy, Q_GLOBAL const float* filter,
        Q_GLOBAL float* dx Q_EPILOGUE_PARAMETERS) {
    // Vectors may reach up to 15 positions past the last one.
    __attribute__((aligned(64))) float copy[PART_C * PLANE + 16];
    __attribute__((aligned(64))) float spread[GROUP_K * DY_VECTORS * 16];
    __attribute__((aligned(64))) float closed[CLOSE_ROWS * W + 16];
    size_t tile = get_group_id(0);
    const int firstC = (int)(tile % C_PARTS) * PART_C;
    tile /= C_PARTS;
    const int group = (int)(tile % GROUPS);
    const size_t n = tile / GROUPS;
    const int countC = min(PART_C, GROUP_C - firstC);
    for (int i = 0; i < PART_C * PLANE; i++) {
        copy[i] = 0.0f;
    }
    Q_GLOBAL const float* weights = filter + (size_t)group * GROUP_K * TAPS + firstC * (R * S);
    for (int firstP = 0; firstP < P; firstP += DY_ROWS) {
        for (int k = 0; k < GROUP_K; k++) {
            q_spread(dy + (n * K + group * GROUP_K + k) * P * Q, firstP, spread + k * (DY_VECTORS * 16));
        }
        for (int c = 0; c < countC; c += BLOCK_C) {
            float* to = copy + c * PLANE + firstP * COLUMNS;
            if (c + BLOCK_C <= countC) {
                q_positions(BLOCK_C, spread, weights + c * (R * S), to);
            }
#if GROUP_C % BLOCK_C != 0
            else {
                q_positions(GROUP_C % BLOCK_C, spread, weights + c * (R * S), to);
            }
#endif
        }
    }
    for (int c = 0; c < countC; c++) {
        const size_t plane = (n * C + group * GROUP_C + firstC + c) * H * W;
        for (int h = 0; h < H; h += CLOSE_ROWS) {
            const int rows = min(CLOSE_ROWS, H - h);
            for (int i = 0; i < rows; i++) {
                q_row(copy + c * PLANE, h + i, closed + i * W);
            }
            q_finish(closed, dx, plane + (size_t)h * W, rows * W Q_EPILOGUE_ARGUMENTS);
        }
    }
}
