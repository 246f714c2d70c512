// Purpose: gradient of a convolution's filter on a CPU, for many input channels: lanes are input channels.
//
//   group id 0: ((slice*GROUPS + group)*K_PARTS + k part)*C_BLOCKS + c block
//   For TILE_IMAGES images of the batch slice and TILE_ROWS output rows at a time, the pixels of LANES = 16*VECTORS_C input
//   channels are turned into vectors of channels and laid out with their padding, split by stride as in conv2d_phases.h:
//
//     copy[image][OFFSET(r,s) + p*COLUMNS + q][LANES]
//
//   Then, for BLOCK_K output channels and each tap (r,s), over all pixels (p,q) of the tile:
//
//     sums[BLOCK_K][VECTORS_C] float16, lanes = c, in registers += dy[k][p][q] (broadcast from where it lies) * copy[...]
//
//   They join totals[k block][tap][k][LANES], which live through the slice. Slices are added by conv2d_join_slices.cl; a
//   single slice is stored at once.
//
// Parameters: the geometry; VECTORS_C (1 to 3); TILE_ROWS, TILE_IMAGES, SLICE_IMAGES, SLICES; PART_K (output channels of a
//   work-item, a multiple of BLOCK_K unless there is one part), K_PARTS, C_BLOCKS; BLOCK_K * VECTORS_C accumulators, at most 26.
// Requirements: group size (1,1,1); clang's vector shuffles; private memory for the copy and the totals.
// Adds: a product of matrices at the multiply-adds' own rate for any filter, stride and dilation: each vector is loaded
//   aligned, as a tap moves it by whole pixels, and meets BLOCK_K broadcasts; dy is neither copied nor turned.
// Determinism: slices are the plan's, each sum is one work-item's in a fixed order.

#define GROUP_C (C / GROUPS)
#define GROUP_K (K / GROUPS)
#define LANES (16 * VECTORS_C)
// Loops around the products stay loops: where sizes are small, all of them unrolled would take minutes to compile.
#define ROLLED _Pragma("unroll 1")

// Adds the products of one tap: x and dy point at the tap's first pixel and at the first output channel's first pixel.
__attribute__((always_inline)) static inline void q_sums(const int blockK, const float16* x, Q_GLOBAL const float* dy,
        int images, int rows, float16* totals) {
    float16 sums[BLOCK_K][VECTORS_C];
    #pragma unroll
    for (int k = 0; k < blockK; k++) {
        #pragma unroll
        for (int v = 0; v < VECTORS_C; v++) {
            sums[k][v] = totals[k * VECTORS_C + v];
        }
    }
    ROLLED for (int image = 0; image < images; image++) {
#if COLUMNS == Q
        const int lines = 1;
        const int pixels = rows * Q;
#else
        const int lines = rows;
        const int pixels = Q;
#endif
        ROLLED for (int p = 0; p < lines; p++) {
            const float16* pixel = x + (image * PLANE + p * COLUMNS) * VECTORS_C;
            Q_GLOBAL const float* gradient = dy + (size_t)image * K * P * Q + p * Q;
            ROLLED for (int q = 0; q < pixels; q++) {
                float16 channels[VECTORS_C];
                #pragma unroll
                for (int v = 0; v < VECTORS_C; v++) {
                    channels[v] = pixel[q * VECTORS_C + v];
                }
                #pragma unroll
                for (int k = 0; k < blockK; k++) {
                    const float16 g = (float16)(gradient[(size_t)k * (P * Q) + q]);
                    #pragma unroll
                    for (int v = 0; v < VECTORS_C; v++) {
                        sums[k][v] = fma(g, channels[v], sums[k][v]);
                    }
                }
            }
        }
    }
    #pragma unroll
    for (int k = 0; k < blockK; k++) {
        #pragma unroll
        for (int v = 0; v < VECTORS_C; v++) {
            totals[k * VECTORS_C + v] = sums[k][v];
        }
    }
}

// All taps of one block of output channels.
__attribute__((always_inline)) static inline void q_taps(const int blockK, const float16* copy, Q_GLOBAL const float* dy,
        int images, int rows, float16* totals) {
    ROLLED for (int r = 0; r < R; r++) {
        ROLLED for (int s = 0; s < S; s++) {
            q_sums(blockK, copy + OFFSET(r, s) * VECTORS_C, dy, images, rows,
                    totals + (r * S + s) * (BLOCK_K * VECTORS_C));
        }
    }
}

// Whether some tap along an axis reads this phase.
__attribute__((always_inline)) static inline bool q_read(int phase, int taps, int dilation, int stride) {
    for (int tap = 0; tap < min(taps, stride); tap++) {
        if (tap * dilation % stride == phase) {
            return true;
        }
    }
    return false;
}

// Sixteen pixels, or `count` if fewer are left of the run, of the channels from `first` on as vectors of channels.
static inline void q_turn(Q_GLOBAL const float* x, size_t first, int channels, int count, float16* vectors) {
    if (channels == 16 && first + 15 * (H * W) + 16 <= (size_t)N * C * H * W) {
        #pragma unroll
        for (int c = 0; c < 16; c++) {
            vectors[c] = vload16(0, x + first + c * (H * W));
        }
    } else {
        float block[256];
        ROLLED for (int c = 0; c < 16; c++) {
            ROLLED for (int j = 0; j < 16; j++) {
                block[c * 16 + j] = c < channels && j < count ? x[first + (size_t)c * (H * W) + j] : 0.0f;
            }
        }
        ROLLED for (int c = 0; c < 16; c++) {
            vectors[c] = vload16(c, block);
        }
    }
    q_transpose16(vectors);
}

// Fills the copy of one image for the output rows [firstP, firstP + rows). What lies outside columns is never written.
static inline void q_load_copy(Q_GLOBAL const float* x, size_t plane, int countC, int firstP, int rows, float16* copy) {
    const int top = firstP * STRIDE_H - PAD_TOP;
    const int end = top + (rows - 1) * STRIDE_H + (R - 1) * DILATION_H + 1;
    ROLLED for (int h = top; h < end; h++) {
        if (h < 0 || h >= H) {
            ROLLED for (int b = 0; b < STRIDE_W; b++) {
                float16* row = copy + (((h - top) % STRIDE_H * STRIDE_W + b) * PHASE_ROWS + (h - top) / STRIDE_H)
                        * (COLUMNS * VECTORS_C);
                ROLLED for (int j = 0; j < COLUMNS * VECTORS_C; j++) {
                    row[j] = (float16)(0.0f);
                }
            }
        }
    }
    // Rows that follow each other in the image go by as one run of pixels.
    const int run = STRIDE_H == 1 ? max(1, min(end, H) - max(top, 0)) : 1;
    ROLLED for (int firstH = max(top, 0); firstH < min(end, H); firstH += run) {
        if (!q_read((firstH - top) % STRIDE_H, R, DILATION_H, STRIDE_H)) {
            continue;
        }
        ROLLED for (int v = 0; v < VECTORS_C && v * 16 < countC; v++) {
            int h = firstH - top;
            int w = PAD_LEFT;
            ROLLED for (int i = 0; i < run * W; i += 16) {
                float16 vectors[16];
                q_turn(x, plane + (size_t)(v * 16) * (H * W) + (size_t)firstH * W + i, min(16, countC - v * 16), run * W - i,
                        vectors);
                ROLLED for (int j = 0; j < min(16, run * W - i); j++) {
                    if (w / STRIDE_W < COLUMNS) {
                        copy[(((h % STRIDE_H * STRIDE_W + w % STRIDE_W) * PHASE_ROWS + h / STRIDE_H) * COLUMNS
                                + w / STRIDE_W) * VECTORS_C + v] = vectors[j];
                    }
                    w++;
                    if (w == W + PAD_LEFT) {
                        w = PAD_LEFT;
                        h++;
                    }
                }
            }
        }
    }
}

__attribute__((reqd_work_group_size(1, 1, 1)))
__kernel void conv2d_backward_weights_input_lanes_cpu(Q_GLOBAL const float* x, Q_GLOBAL const float* dy,
        Q_GLOBAL float* dfilter Q_EPILOGUE_PARAMETERS) {
    float16 copy[TILE_IMAGES * PLANE * VECTORS_C];
    float16 totals[(PART_K + BLOCK_K - 1) / BLOCK_K * BLOCK_K * (R * S) * VECTORS_C];
    size_t tile = get_group_id(0);
    const int firstC = (int)(tile % C_BLOCKS) * LANES;
    tile /= C_BLOCKS;
    const int firstK = (int)(tile % K_PARTS) * PART_K;
    tile /= K_PARTS;
    const int group = (int)(tile % GROUPS);
    const int slice = (int)(tile / GROUPS);
    const int countC = min(LANES, GROUP_C - firstC);
    const int countK = min(PART_K, GROUP_K - firstK);
    ROLLED for (int i = 0; i < (PART_K + BLOCK_K - 1) / BLOCK_K * BLOCK_K * (R * S) * VECTORS_C; i++) {
        totals[i] = (float16)(0.0f);
    }
    ROLLED for (int i = 0; i < TILE_IMAGES * PLANE * VECTORS_C; i++) {
        copy[i] = (float16)(0.0f);
    }
    const int endN = min(N, (slice + 1) * SLICE_IMAGES);
    ROLLED for (int n = slice * SLICE_IMAGES; n < endN; n += TILE_IMAGES) {
        const int images = min(TILE_IMAGES, endN - n);
        ROLLED for (int firstP = 0; firstP < P; firstP += TILE_ROWS) {
            const int rows = min(TILE_ROWS, P - firstP);
            ROLLED for (int image = 0; image < images; image++) {
                q_load_copy(x, ((size_t)(n + image) * C + group * GROUP_C + firstC) * (H * W), countC, firstP, rows,
                        copy + image * (PLANE * VECTORS_C));
            }
            ROLLED for (int k = 0; k < countK; k += BLOCK_K) {
                Q_GLOBAL const float* gradient = dy + (((size_t)n * K + group * GROUP_K + firstK + k) * P + firstP) * Q;
                float16* sums = totals + k * (R * S * VECTORS_C);
                if (k + BLOCK_K <= countK) {
                    q_taps(BLOCK_K, copy, gradient, images, rows, sums);
                }
#if GROUP_K % BLOCK_K != 0
                else {
                    q_taps(GROUP_K % BLOCK_K, copy, gradient, images, rows, sums);
                }
#endif
            }
        }
    }
    ROLLED for (int k = 0; k < countK; k++) {
        const float* sums = (const float*)(totals + (k / BLOCK_K * (R * S * BLOCK_K) + k % BLOCK_K) * VECTORS_C);
        const size_t first = (size_t)(group * GROUP_K + firstK + k) * TAPS + firstC * (R * S);
        ROLLED for (int c = 0; c < countC; c++) {
            ROLLED for (int t = 0; t < R * S; t++) {
                const size_t i = first + c * (R * S) + t;
#if SLICES == 1
                dfilter[i] = q_epilogue(sums[t * (BLOCK_K * LANES) + c], i Q_EPILOGUE_ARGUMENTS);
#else
                dfilter[(size_t)slice * K * TAPS + i] = sums[t * (BLOCK_K * LANES) + c];
#endif
            }
        }
    }
}
