// Purpose: convolution forward on a CPU: one work-item owns a tile of output rows for a block of output channels.
//
//   group id 0: ((n*GROUPS + group)*K_PARTS + part)*ROW_TILES + row tile
//   The tile's pixels of all the group's input channels are copied once into private memory (conv2d_phases.h). Then, for
//   BLOCK_K output channels at a time:
//
//     sums[BLOCK_K][BLOCK_V] float16, lanes = flat positions, in registers
//       += filter[k][c][r][s] (broadcast) * copy[c][OFFSET(r,s) + f .. f+15]     over all c, r, s
//
//   Finished sums go to a private buffer, rows are closed up, and the epilogue runs over whole vectors of the plane.
//
// Parameters: the geometry; TILE_ROWS, ROW_TILES (row tiles of a plane); PART_K (output channels of a work-item, a multiple
//   of BLOCK_K), K_PARTS; BLOCK_K * BLOCK_V accumulators, at most 24 to stay in 32 registers.
// Requirements: group size (1,1,1); private memory for C/GROUPS copies and BLOCK_K rows of positions.
// Adds: a tap's pixel vector is loaded once for BLOCK_K channels, a filter value once for BLOCK_V vectors; no bounds checks
//   in the inner loops.
// Tried and dropped: sixteen output channels as lanes, with pixels broadcast from memory. It computes nothing between rows,
//   but every multiply-add takes a load of its own: 0.8 to 1 times this kernel's speed on a 5x5 filter over 14x14 pixels.
// Determinism: each sum is one work-item's, in the order c, r, s.

#define GROUP_C (C / GROUPS)
#define GROUP_K (K / GROUPS)

__attribute__((always_inline)) static inline void q_sums(const int blockK, const int blockV, const float* copy,
        Q_GLOBAL const float* filter, float* flat) {
    float16 sums[BLOCK_K][BLOCK_V];
    #pragma unroll
    for (int k = 0; k < blockK; k++) {
        #pragma unroll
        for (int v = 0; v < blockV; v++) {
            sums[k][v] = (float16)(0.0f);
        }
    }
    for (int c = 0; c < GROUP_C; c++) {
        for (int r = 0; r < R; r++) {
            #pragma unroll UNROLL_S
            for (int s = 0; s < S; s++) {
                const float* from = copy + c * PLANE + OFFSET(r, s);
                Q_GLOBAL const float* weight = filter + (c * R + r) * S + s;
                float16 pixels[BLOCK_V];
                #pragma unroll
                for (int v = 0; v < blockV; v++) {
                    pixels[v] = vload16(v, from);
                }
                #pragma unroll
                for (int k = 0; k < blockK; k++) {
                    const float16 w = (float16)(weight[k * TAPS]);
                    #pragma unroll
                    for (int v = 0; v < blockV; v++) {
                        sums[k][v] = fma(w, pixels[v], sums[k][v]);
                    }
                }
            }
        }
    }
    #pragma unroll
    for (int k = 0; k < blockK; k++) {
        #pragma unroll
        for (int v = 0; v < blockV; v++) {
            Q_STORE16(flat + k * (VECTORS * 16) + v * 16, sums[k][v]);
        }
    }
}

// All positions of a tile for blockK output channels.
__attribute__((always_inline)) static inline void q_positions(const int blockK, const float* copy,
        Q_GLOBAL const float* filter, float* flat) {
    for (int v = 0; v + BLOCK_V <= VECTORS; v += BLOCK_V) {
        q_sums(blockK, BLOCK_V, copy + v * 16, filter, flat + v * 16);
    }
    if (VECTORS % BLOCK_V != 0) {
        const int v = VECTORS - VECTORS % BLOCK_V;
        q_sums(blockK, VECTORS % BLOCK_V, copy + v * 16, filter, flat + v * 16);
    }
}

// Closes up the rows of one channel, applies the epilogue and stores. Output element `first` is the tile's first.
static inline void q_store(const float* flat, float* closed, Q_GLOBAL float* y, size_t first, int count Q_EPILOGUE_PARAMETERS) {
    // Each vector may carry what lies between rows; the next row overwrites it.
    for (int p = 0; p < TILE_ROWS; p++) {
        for (int q = 0; q < Q; q += 16) {
            Q_STORE16(closed + p * Q + q, vload16(0, flat + p * COLUMNS + q));
        }
    }
    q_finish(closed, y, first, count Q_EPILOGUE_ARGUMENTS);
}

__attribute__((reqd_work_group_size(1, 1, 1)))
__kernel void conv2d_forward_direct_cpu(Q_GLOBAL const float* x, Q_GLOBAL const float* filter,
        Q_GLOBAL float* y Q_EPILOGUE_PARAMETERS) {
    // Vectors may reach up to 15 positions past the last one.
    __attribute__((aligned(64))) float copy[GROUP_C * PLANE + 16];
    __attribute__((aligned(64))) float flat[BLOCK_K * VECTORS * 16 + 16];
    __attribute__((aligned(64))) float closed[TILE_ROWS * Q + 16];
    size_t tile = get_group_id(0);
    const int firstP = (int)(tile % ROW_TILES) * TILE_ROWS;
    tile /= ROW_TILES;
    const int firstK = (int)(tile % K_PARTS) * PART_K;
    tile /= K_PARTS;
    const int group = (int)(tile % GROUPS);
    const size_t n = tile / GROUPS;
    for (int c = 0; c < GROUP_C; c++) {
        q_load_phases(x + (n * C + group * GROUP_C + c) * H * W, firstP, copy + c * PLANE);
    }
    Q_STORE16(copy + GROUP_C * PLANE, (float16)(0.0f));
    const int endK = min(firstK + PART_K, GROUP_K);
    const int count = min(TILE_ROWS, P - firstP) * Q;
    for (int k = firstK; k < endK; k += BLOCK_K) {
        const size_t outputK = group * GROUP_K + k;
        const int block = min(BLOCK_K, endK - k);
        if (block == BLOCK_K) {
            q_positions(BLOCK_K, copy, filter + outputK * TAPS, flat);
        }
#if GROUP_K % BLOCK_K != 0
        else {
            q_positions(GROUP_K % BLOCK_K, copy, filter + outputK * TAPS, flat);
        }
#endif
        for (int j = 0; j < block; j++) {
            q_store(flat + j * (VECTORS * 16), closed, y, ((n * K + outputK + j) * P + firstP) * Q, count Q_EPILOGUE_ARGUMENTS);
        }
    }
}
