// Purpose: gradient of a convolution's filter on a CPU: lanes are sixteen output channels.
//
//   group id 0: ((slice*GROUPS + group)*K_BLOCKS + k block)*C_PARTS + c part
//   For each image of the batch slice and each tile of TILE_ROWS output rows, dy of sixteen output channels is turned into
//   one vector a pixel, and the pixels of PART_C input channels are copied with their padding (conv2d_phases.h). Then, for
//   BLOCK_C channels and BLOCK_R filter rows at a time, over all pixels (p,q) of the tile:
//
//     sums[BLOCK_C][BLOCK_R][S] float16, lanes = k, in registers
//       += copy[c][OFFSET(r,s) + p*COLUMNS + q] (broadcast) * dy[p][q]
//
//   They join one float16 for each (c,r,s), which lives through the slice. Slices are added by conv2d_join_slices.cl; a
//   single slice is stored at once.
//
// Parameters: the geometry; TILE_ROWS, SLICE_IMAGES, SLICES, K_BLOCKS, PART_C, C_PARTS; BLOCK_C * BLOCK_R * S accumulators,
//   at most 26.
// Requirements: group size (1,1,1); clang's vector shuffles; private memory for PART_C copies, a tile of vectors of dy and
//   PART_C * R * S vectors.
// Adds: no pixel between rows is multiplied, no lanes are added at the end, and a dy vector meets every tap of a filter
//   while it is in a register. Worth it where sixteen output channels are filled.
// Determinism: slices are the plan's, each sum is one work-item's in a fixed order.

#define GROUP_C (C / GROUPS)
#define GROUP_K (K / GROUPS)
#define PIXELS ((TILE_ROWS * Q + 15) / 16 * 16)

__attribute__((always_inline)) static inline void q_sums(const int blockC, const int firstR, const int blockR, const float* copy,
        const float16* gradients, int rows, float16* totals) {
    float16 sums[BLOCK_C][BLOCK_R][S];
    #pragma unroll
    for (int c = 0; c < blockC; c++) {
        #pragma unroll
        for (int r = 0; r < blockR; r++) {
            #pragma unroll
            for (int s = 0; s < S; s++) {
                sums[c][r][s] = totals[(c * R + firstR + r) * S + s];
            }
        }
    }
    for (int p = 0; p < rows; p++) {
        for (int q = 0; q < Q; q++) {
            const float16 gradient = gradients[p * Q + q];
            const float* pixel = copy + p * COLUMNS + q;
            #pragma unroll
            for (int c = 0; c < blockC; c++) {
                #pragma unroll
                for (int r = 0; r < blockR; r++) {
                    #pragma unroll
                    for (int s = 0; s < S; s++) {
                        sums[c][r][s] = fma((float16)(pixel[c * PLANE + OFFSET(firstR + r, s)]), gradient, sums[c][r][s]);
                    }
                }
            }
        }
    }
    #pragma unroll
    for (int c = 0; c < blockC; c++) {
        #pragma unroll
        for (int r = 0; r < blockR; r++) {
            #pragma unroll
            for (int s = 0; s < S; s++) {
                totals[(c * R + firstR + r) * S + s] = sums[c][r][s];
            }
        }
    }
}

// All filter rows for blockC input channels; the first row of each block is a constant, so offsets are too.
__attribute__((always_inline)) static inline void q_filter_rows(const int blockC, const float* copy, const float16* gradients,
        int rows, float16* totals) {
    #pragma unroll
    for (int r = 0; r + BLOCK_R <= R; r += BLOCK_R) {
        q_sums(blockC, r, BLOCK_R, copy, gradients, rows, totals);
    }
    if (R % BLOCK_R != 0) {
        q_sums(blockC, R - R % BLOCK_R, R % BLOCK_R, copy, gradients, rows, totals);
    }
}

__attribute__((reqd_work_group_size(1, 1, 1)))
__kernel void conv2d_backward_weights_channel_lanes_cpu(Q_GLOBAL const float* x, Q_GLOBAL const float* dy,
        Q_GLOBAL float* dfilter Q_EPILOGUE_PARAMETERS) {
    __attribute__((aligned(64))) float copy[PART_C * PLANE];
    float16 gradients[PIXELS];
    float16 totals[PART_C * R * S];
    size_t tile = get_group_id(0);
    const int firstC = (int)(tile % C_PARTS) * PART_C;
    tile /= C_PARTS;
    const int firstK = (int)(tile % K_BLOCKS) * 16;
    tile /= K_BLOCKS;
    const int group = (int)(tile % GROUPS);
    const int slice = (int)(tile / GROUPS);
    const int countC = min(PART_C, GROUP_C - firstC);
    const int countK = min(16, GROUP_K - firstK);
    for (int i = 0; i < PART_C * R * S; i++) {
        totals[i] = (float16)(0.0f);
    }
    for (int n = slice * SLICE_IMAGES; n < min(N, (slice + 1) * SLICE_IMAGES); n++) {
        for (int firstP = 0; firstP < P; firstP += TILE_ROWS) {
            const int rows = min(TILE_ROWS, P - firstP);
            for (int c = 0; c < countC; c++) {
                q_load_phases(x + ((size_t)n * C + group * GROUP_C + firstC + c) * H * W, firstP, copy + c * PLANE);
            }
            q_to_lanes(dy, (((size_t)n * K + group * GROUP_K + firstK) * P + firstP) * Q, (size_t)P * Q, countK, rows * Q,
                    (size_t)N * K * P * Q, gradients);
            for (int c = 0; c < countC; c += BLOCK_C) {
                if (c + BLOCK_C <= countC) {
                    q_filter_rows(BLOCK_C, copy + c * PLANE, gradients, rows, totals + c * R * S);
                }
#if GROUP_C % PART_C % BLOCK_C != 0 || PART_C % BLOCK_C != 0
                else {
                    for (int i = c; i < countC; i++) {
                        q_filter_rows(1, copy + i * PLANE, gradients, rows, totals + i * R * S);
                    }
                }
#endif
            }
        }
    }
    const float* sums = (const float*)totals;
    for (int k = 0; k < countK; k++) {
        for (int t = 0; t < countC * (R * S); t++) {
            const size_t i = (size_t)(group * GROUP_K + firstK + k) * TAPS + firstC * (R * S) + t;
#if SLICES == 1
            dfilter[i] = q_epilogue(sums[t * 16 + k], i Q_EPILOGUE_ARGUMENTS);
#else
            dfilter[(size_t)slice * K * TAPS + i] = sums[t * 16 + k];
#endif
        }
    }
}
