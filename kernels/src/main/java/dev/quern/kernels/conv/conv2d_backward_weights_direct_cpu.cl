// Purpose: gradient of a convolution's filter on a CPU, for few output channels: lanes are output pixels.
//
//   group id 0: ((slice*GROUPS + group)*K_PARTS + k part)*C_PARTS + c part
//   For each image of the batch slice, the pixels of PART_C input channels are copied with their padding and dy of PART_K
//   output channels is spread over the same flat positions f = p*COLUMNS + q (conv2d_phases.h), zeros between rows. Then,
//   for BLOCK_K channels and BLOCK_T taps at a time, over all positions:
//
//     sums[BLOCK_K][BLOCK_T] float16 in registers += dy[k][f .. f+15] * copy[OFFSET(tap) + f .. f+15]
//
//   They join one float16 a weight, which lives through the slice; only at its end are lanes added. Slices are added by
//   conv2d_join_slices.cl; a single slice is stored at once.
//
// Parameters: the geometry, TILE_ROWS = P; SLICE_IMAGES, SLICES; PART_K, K_PARTS, PART_C, C_PARTS; BLOCK_K * BLOCK_T
//   accumulators, at most 24.
// Requirements: group size (1,1,1); private memory for PART_C copies, PART_K rows of positions and PART_K * PART_C * R * S
//   vectors.
// Adds: both operands are vectors of neighbouring pixels, whatever the number of channels; no atomics.
// Determinism: slices are the plan's, each sum is one work-item's in a fixed order, lanes are added as a fixed tree.

#define GROUP_C (C / GROUPS)
#define GROUP_K (K / GROUPS)
#define PART_T (PART_C * R * S)

__attribute__((always_inline)) static inline void q_sums(const int blockK, const int blockT, const float* copy,
        const float* spread, int tap, float16* totals) {
    const float* from[BLOCK_T];
    #pragma unroll
    for (int t = 0; t < blockT; t++) {
        const int c = (tap + t) / (R * S);
        const int r = (tap + t) / S % R;
        const int s = (tap + t) % S;
        from[t] = copy + c * PLANE + OFFSET(r, s);
    }
    float16 sums[BLOCK_K][BLOCK_T];
    #pragma unroll
    for (int k = 0; k < blockK; k++) {
        #pragma unroll
        for (int t = 0; t < blockT; t++) {
            sums[k][t] = totals[k * PART_T + t];
        }
    }
    for (int v = 0; v < VECTORS; v++) {
        float16 gradients[BLOCK_K];
        #pragma unroll
        for (int k = 0; k < blockK; k++) {
            gradients[k] = vload16(v, spread + k * (VECTORS * 16));
        }
        #pragma unroll
        for (int t = 0; t < blockT; t++) {
            const float16 pixels = vload16(v, from[t]);
            #pragma unroll
            for (int k = 0; k < blockK; k++) {
                sums[k][t] = fma(gradients[k], pixels, sums[k][t]);
            }
        }
    }
    #pragma unroll
    for (int k = 0; k < blockK; k++) {
        #pragma unroll
        for (int t = 0; t < blockT; t++) {
            totals[k * PART_T + t] = sums[k][t];
        }
    }
}

// All taps for blockK output channels.
__attribute__((always_inline)) static inline void q_taps(const int blockK, const float* copy, const float* spread,
        float16* totals) {
    for (int tap = 0; tap + BLOCK_T <= PART_T; tap += BLOCK_T) {
        q_sums(blockK, BLOCK_T, copy, spread, tap, totals + tap);
    }
    if (PART_T % BLOCK_T != 0) {
        q_sums(blockK, PART_T % BLOCK_T, copy, spread, PART_T - PART_T % BLOCK_T, totals + PART_T - PART_T % BLOCK_T);
    }
}

static inline void q_spread(Q_GLOBAL const float* plane, float* spread) {
    for (int p = 0; p < P; p++) {
        for (int q = 0; q < Q; q++) {
            spread[p * COLUMNS + q] = plane[(size_t)p * Q + q];
        }
    }
}

static inline float q_lanes(float16 v) {
    const float8 a = v.lo + v.hi;
    const float4 b = a.lo + a.hi;
    const float2 c = b.lo + b.hi;
    return c.x + c.y;
}

__attribute__((reqd_work_group_size(1, 1, 1)))
__kernel void conv2d_backward_weights_direct_cpu(Q_GLOBAL const float* x, Q_GLOBAL const float* dy,
        Q_GLOBAL float* dfilter Q_EPILOGUE_PARAMETERS) {
    // Vectors may reach up to 15 positions past the last one: there dy is 0, and the copy must be finite.
    __attribute__((aligned(64))) float copy[PART_C * PLANE + 16];
    __attribute__((aligned(64))) float spread[PART_K * VECTORS * 16];
    float16 totals[PART_K * PART_T];
    size_t tile = get_group_id(0);
    const int firstC = (int)(tile % C_PARTS) * PART_C;
    tile /= C_PARTS;
    const int firstK = (int)(tile % K_PARTS) * PART_K;
    tile /= K_PARTS;
    const int group = (int)(tile % GROUPS);
    const int slice = (int)(tile / GROUPS);
    const int countC = min(PART_C, GROUP_C - firstC);
    const int countK = min(PART_K, GROUP_K - firstK);
    for (int i = 0; i < PART_C * PLANE + 16; i++) {
        copy[i] = 0.0f;
    }
    for (int i = 0; i < PART_K * VECTORS * 16; i++) {
        spread[i] = 0.0f;
    }
    for (int i = 0; i < PART_K * PART_T; i++) {
        totals[i] = (float16)(0.0f);
    }
    for (int n = slice * SLICE_IMAGES; n < min(N, (slice + 1) * SLICE_IMAGES); n++) {
        for (int c = 0; c < countC; c++) {
            q_load_phases(x + ((size_t)n * C + group * GROUP_C + firstC + c) * H * W, 0, copy + c * PLANE);
        }
        for (int k = 0; k < countK; k++) {
            q_spread(dy + ((size_t)n * K + group * GROUP_K + firstK + k) * P * Q, spread + k * (VECTORS * 16));
        }
        for (int k = 0; k < countK; k += BLOCK_K) {
            // Spare channels and taps of the last parts have zeros to multiply and are not stored.
            if (PART_K % BLOCK_K == 0 || k + BLOCK_K <= PART_K) {
                q_taps(BLOCK_K, copy, spread + k * (VECTORS * 16), totals + k * PART_T);
            } else {
                q_taps(PART_K % BLOCK_K, copy, spread + k * (VECTORS * 16), totals + k * PART_T);
            }
        }
    }
    for (int k = 0; k < countK; k++) {
        for (int t = 0; t < countC * (R * S); t++) {
            const size_t i = (size_t)(group * GROUP_K + firstK + k) * TAPS + firstC * (R * S) + t;
            const float sum = q_lanes(totals[k * PART_T + t]);
#if SLICES == 1
            dfilter[i] = q_epilogue(sum, i Q_EPILOGUE_ARGUMENTS);
#else
            dfilter[(size_t)slice * K * TAPS + i] = sum;
#endif
        }
    }
}
