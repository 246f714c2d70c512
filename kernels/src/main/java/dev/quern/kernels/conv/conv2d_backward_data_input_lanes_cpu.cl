// Purpose: gradient of a convolution's input on a CPU, for many input channels: lanes are input channels.
//
//   turn_filter  group id 0: (group*C_BLOCKS + c block)*GROUP_K + k
//                filter -> for each block of LANES = 16*VECTORS_C input channels and each phase: turned[k][tap of the phase][LANES]
//   multiply     group id 0: ((n*BANDS + band)*GROUPS + group)*C_PARTS + part
//
//   dx rows fall into STRIDE_H phases, a = (h + PAD_TOP) % STRIDE_H, which see the taps with r*DILATION_H % STRIDE_H = a and
//   nothing else; columns alike. With i = (h + PAD_TOP) / STRIDE_H, tap (r,s) carries dy[i - r*DILATION_H/STRIDE_H][j - ...]
//   there. For CHUNK_K output channels at a time, a work-item copies the rows of dy that TILE_ROWS rows of dx need, with zeros
//   around:
//
//     copy[k][row][column]     from row (first i) - REACH_H and column (first j) - REACH_W of dy on
//     copy[block][k][pixel]    where a single tap sees each pixel once (1x1 without padding): no two blocks share a pixel
//
//   Then, for each block of input channels, each phase and BLOCK_H x BLOCK_W of its pixels, over these k and all taps:
//
//     sums[BLOCK_H*BLOCK_W][VECTORS_C] float16, lanes = c, in registers += copy[...] (broadcast) * turned[k][tap]
//
//   which wait in tile[c block][phase][block][pixel] for the next chunk. At the end the tile is turned into rows of channels.
//
// Parameters: the geometry; VECTORS_C (1 to 3); BLOCK_H * BLOCK_W * VECTORS_C accumulators, at most 28; CHUNK_K; TILE_ROWS (a
//   multiple of STRIDE_H, or H), BANDS; PART_BLOCKS blocks of input channels a work-item, C_PARTS, C_BLOCKS; PHASES with taps.
// Requirements: group size (1,1,1); clang's vector shuffles; private memory for the copy and the tile.
// Adds: sums stay in registers over the taps and a chunk of output channels, and no product with the gaps of a stride is
//   computed. Filters are turned once a launch into the order in which they are read.
// Determinism: each element is one work-item's; sums run over k, then taps, in a fixed order.

#define GROUP_C (C / GROUPS)
#define GROUP_K (K / GROUPS)
#define LANES (16 * VECTORS_C)
#define REACH_H ((R - 1) * DILATION_H / STRIDE_H)
#define REACH_W ((S - 1) * DILATION_W / STRIDE_W)
// Blocks along a phase's rows and columns; they may reach past the last ones.
#define BLOCKS_H (((TILE_ROWS + STRIDE_H - 1) / STRIDE_H + BLOCK_H - 1) / BLOCK_H)
#define BLOCKS_W (((W + STRIDE_W - 1) / STRIDE_W + BLOCK_W - 1) / BLOCK_W)
#define COPY_ROWS (BLOCKS_H * BLOCK_H + REACH_H + (STRIDE_H > 1))
#define COPY_COLUMNS (BLOCKS_W * BLOCK_W + REACH_W + (STRIDE_W > 1))
#define BLOCK_VECTORS (BLOCK_H * BLOCK_W * VECTORS_C)
#define PHASE_VECTORS (BLOCKS_H * BLOCKS_W * BLOCK_VECTORS)
#define TILE_VECTORS (PHASES * PHASE_VECTORS)
#define SINGLE_TAP (R == 1 && S == 1 && PAD_TOP == 0 && PAD_LEFT == 0)
#if SINGLE_TAP
#define PIXEL(i, j) ((i) * BLOCK_W + (j))
#define STEP_K (BLOCK_H * BLOCK_W)
#else
#define PIXEL(i, j) ((i) * COPY_COLUMNS + (j))
#define STEP_K (COPY_ROWS * COPY_COLUMNS)
#endif
// Loops around the products stay loops: where sizes are small, all of them unrolled would take minutes to compile.
#define ROLLED _Pragma("unroll 1")

// The taps of phase (a,b): their number, which they are, and where in the copy they look from a pixel on.
static inline int q_taps_of_phase(int a, int b, int* taps, int* offsets) {
    int count = 0;
    ROLLED for (int r = 0; r < R; r++) {
        ROLLED for (int s = 0; s < S; s++) {
            if (r * DILATION_H % STRIDE_H == a && s * DILATION_W % STRIDE_W == b) {
                taps[count] = r * S + s;
                offsets[count] = SINGLE_TAP ? 0 : (REACH_H - r * DILATION_H / STRIDE_H) * COPY_COLUMNS + REACH_W - s * DILATION_W / STRIDE_W;
                count++;
            }
        }
    }
    return count;
}

__attribute__((reqd_work_group_size(1, 1, 1)))
__kernel void turn_filter(Q_GLOBAL const float* filter, Q_GLOBAL float* turned) {
    size_t item = get_group_id(0);
    const int k = (int)(item % GROUP_K);
    item /= GROUP_K;
    const int firstC = (int)(item % C_BLOCKS) * LANES;
    const size_t group = item / C_BLOCKS;
    const int countC = min(LANES, GROUP_C - firstC);
    Q_GLOBAL const float* from = filter + ((group * GROUP_K + k) * GROUP_C + firstC) * (R * S);
    Q_GLOBAL float* block = turned + (group * C_BLOCKS + firstC / LANES) * ((size_t)GROUP_K * R * S * LANES);
    int before = 0;
    ROLLED for (int phase = 0; phase < STRIDE_H * STRIDE_W; phase++) {
        int taps[R * S];
        int offsets[R * S];
        const int count = q_taps_of_phase(phase / STRIDE_W, phase % STRIDE_W, taps, offsets);
        Q_GLOBAL float* to = block + ((size_t)before * GROUP_K + (size_t)k * count) * LANES;
        ROLLED for (int t = 0; t < count; t++) {
            ROLLED for (int c = 0; c < LANES; c++) {
                to[t * LANES + c] = c < countC ? from[c * (R * S) + taps[t]] : 0.0f;
            }
        }
        before += count;
    }
}

// One block of pixels: dy is the copy at the block's first pixel, filter the phase's weights from the chunk's first k on.
__attribute__((always_inline)) static inline void q_block(const float* dy, Q_GLOBAL const float* filter, const int* offsets,
        const int taps, int chunk, bool first, float16* waiting) {
    float16 sums[BLOCK_H * BLOCK_W][VECTORS_C];
    #pragma unroll
    for (int i = 0; i < BLOCK_H * BLOCK_W; i++) {
        #pragma unroll
        for (int v = 0; v < VECTORS_C; v++) {
            sums[i][v] = first ? (float16)(0.0f) : waiting[i * VECTORS_C + v];
        }
    }
    ROLLED for (int k = 0; k < chunk; k++) {
        ROLLED for (int t = 0; t < taps; t++) {
            float16 weights[VECTORS_C];
            #pragma unroll
            for (int v = 0; v < VECTORS_C; v++) {
                weights[v] = vload16(v, filter);
            }
            const float* pixel = dy + offsets[t];
            #pragma unroll
            for (int i = 0; i < BLOCK_H; i++) {
                #pragma unroll
                for (int j = 0; j < BLOCK_W; j++) {
                    const float16 g = (float16)(pixel[PIXEL(i, j)]);
                    #pragma unroll
                    for (int v = 0; v < VECTORS_C; v++) {
                        sums[i * BLOCK_W + j][v] = fma(g, weights[v], sums[i * BLOCK_W + j][v]);
                    }
                }
            }
            filter += LANES;
        }
        dy += STEP_K;
    }
    #pragma unroll
    for (int i = 0; i < BLOCK_H * BLOCK_W; i++) {
        #pragma unroll
        for (int v = 0; v < VECTORS_C; v++) {
            waiting[i * VECTORS_C + v] = sums[i][v];
        }
    }
}

// Copies the rows of dy that the band needs, of `chunk` output channels; dy points at the first one's plane.
#if SINGLE_TAP
// Padding on the right has columns of dy that no pixel sees.
#define SEEN_Q min(Q, BLOCKS_W * BLOCK_W)
static inline void q_copy_rows(Q_GLOBAL const float* dy, int chunk, int firstH, float* copy) {
    const int firstP = firstH / STRIDE_H;
    const int rows = min(BLOCKS_H * BLOCK_H, P - firstP);
    ROLLED for (int k = 0; k < chunk; k++) {
        ROLLED for (int i = 0; i < rows; i++) {
            Q_GLOBAL const float* from = dy + ((size_t)k * P + firstP + i) * Q;
            float* to = copy + (i / BLOCK_H * BLOCKS_W * CHUNK_K + k) * STEP_K + i % BLOCK_H * BLOCK_W;
            ROLLED for (int j = 0; j < SEEN_Q / BLOCK_W; j++) {
                for (int z = 0; z < BLOCK_W; z++) {
                    to[j * (CHUNK_K * STEP_K) + z] = from[j * BLOCK_W + z];
                }
            }
            for (int z = 0; z < SEEN_Q % BLOCK_W; z++) {
                to[SEEN_Q / BLOCK_W * (CHUNK_K * STEP_K) + z] = from[SEEN_Q / BLOCK_W * BLOCK_W + z];
            }
        }
    }
}
#else
static inline void q_copy_rows(Q_GLOBAL const float* dy, int chunk, int firstH, float* copy) {
    const int firstP = (firstH + PAD_TOP) / STRIDE_H - REACH_H;
    const int shift = REACH_W - PAD_LEFT / STRIDE_W;
    const int first = clamp(shift, 0, COPY_COLUMNS);
    const int end = clamp(shift + Q, 0, COPY_COLUMNS);
    ROLLED for (int k = 0; k < chunk; k++) {
        ROLLED for (int i = 0; i < COPY_ROWS; i++) {
            float* row = copy + (k * COPY_ROWS + i) * COPY_COLUMNS;
            const int p = firstP + i;
            if (p < 0 || p >= P) {
                for (int j = 0; j < COPY_COLUMNS; j++) {
                    row[j] = 0.0f;
                }
                continue;
            }
            Q_GLOBAL const float* from = dy + ((size_t)k * P + p) * Q - shift;
            for (int j = 0; j < first; j++) {
                row[j] = 0.0f;
            }
            for (int j = first; j < end; j++) {
                row[j] = from[j];
            }
            for (int j = end; j < COPY_COLUMNS; j++) {
                row[j] = 0.0f;
            }
        }
    }
}

#endif

// The place of each pixel of a band in a c block's part of the tile; TILE_VECTORS where no tap leads to it.
static inline void q_places(int* places) {
    int taps[R * S];
    int offsets[R * S];
    int phase = 0;
    ROLLED for (int a = 0; a < STRIDE_H; a++) {
        ROLLED for (int b = 0; b < STRIDE_W; b++) {
            const bool seen = q_taps_of_phase(a, b, taps, offsets) > 0;
            const int firstH = (a + STRIDE_H - PAD_TOP % STRIDE_H) % STRIDE_H;
            const int firstW = (b + STRIDE_W - PAD_LEFT % STRIDE_W) % STRIDE_W;
            ROLLED for (int i = 0; firstH + i * STRIDE_H < TILE_ROWS; i++) {
                ROLLED for (int j = 0; firstW + j * STRIDE_W < W; j++) {
                    const int pixel = i % BLOCK_H * BLOCK_W + j % BLOCK_W;
                    const int block = i / BLOCK_H * BLOCKS_W + j / BLOCK_W;
                    places[(firstH + i * STRIDE_H) * W + firstW + j * STRIDE_W] = seen
                            ? phase * PHASE_VECTORS + block * BLOCK_VECTORS + pixel * VECTORS_C : TILE_VECTORS;
                }
            }
            phase += seen;
        }
    }
}

// Turns a c block's part of the tile into rows of channels, with the epilogue.
static inline void q_store_tile(const float16* tile, const int* places, Q_GLOBAL float* dx, size_t first, int countC, int count
        Q_EPILOGUE_PARAMETERS) {
    ROLLED for (int v = 0; v < VECTORS_C; v++) {
        const int channels = min(16, countC - v * 16);
        ROLLED for (int i = 0; i < count; i += 16) {
            float16 rows[16];
            #pragma unroll
            for (int j = 0; j < 16; j++) {
                const int place = places[i + j];
                rows[j] = place < TILE_VECTORS ? tile[place + v] : (float16)(0.0f);
            }
            q_transpose16(rows);
            ROLLED for (int c = 0; c < channels; c++) {
                const size_t at = first + (size_t)(v * 16 + c) * (H * W) + i;
                if (i + 16 <= count) {
                    Q_STORE16_GLOBAL(dx + at, q_epilogue16(rows[c], at Q_EPILOGUE_ARGUMENTS));
                } else {
                    const float* values = (const float*)(rows + c);
                    ROLLED for (int j = 0; i + j < count; j++) {
                        dx[at + j] = q_epilogue(values[j], at + j Q_EPILOGUE_ARGUMENTS);
                    }
                }
            }
        }
    }
}

__attribute__((reqd_work_group_size(1, 1, 1)))
__kernel void multiply(Q_GLOBAL const float* dy, Q_GLOBAL const float* turned, Q_GLOBAL float* dx Q_EPILOGUE_PARAMETERS) {
    __attribute__((aligned(64))) float copy[CHUNK_K * COPY_ROWS * COPY_COLUMNS];
    float16 tile[PART_BLOCKS * TILE_VECTORS];
    int places[TILE_ROWS * W + 15];
    size_t item = get_group_id(0);
    const int firstBlock = (int)(item % C_PARTS) * PART_BLOCKS;
    item /= C_PARTS;
    const int group = (int)(item % GROUPS);
    item /= GROUPS;
    const int firstH = (int)(item % BANDS) * TILE_ROWS;
    const size_t n = item / BANDS;
    const int rows = min(TILE_ROWS, H - firstH);
    const int blocks = min(PART_BLOCKS, C_BLOCKS - firstBlock);
#if SINGLE_TAP
    // Pixels past the last ones are multiplied too.
    ROLLED for (int i = 0; i < CHUNK_K * COPY_ROWS * COPY_COLUMNS; i++) {
        copy[i] = 0.0f;
    }
#endif
    ROLLED for (int i = 0; i < 15; i++) {
        places[TILE_ROWS * W + i] = TILE_VECTORS;
    }
    q_places(places);
    ROLLED for (int k = 0; k < GROUP_K; k += CHUNK_K) {
        const int chunk = min(CHUNK_K, GROUP_K - k);
        q_copy_rows(dy + (n * K + group * GROUP_K + k) * (P * Q), chunk, firstH, copy);
        ROLLED for (int part = 0; part < blocks; part++) {
            Q_GLOBAL const float* filter = turned
                    + ((size_t)group * C_BLOCKS + firstBlock + part) * ((size_t)GROUP_K * R * S * LANES);
            float16* waiting = tile + part * TILE_VECTORS;
            ROLLED for (int phase = 0; phase < STRIDE_H * STRIDE_W; phase++) {
                const int a = phase / STRIDE_W;
                const int b = phase % STRIDE_W;
                int taps[R * S];
                int offsets[R * S];
                const int count = q_taps_of_phase(a, b, taps, offsets);
                if (count == 0) {
                    continue;
                }
                // Phases before the first row's or column's begin with the next i or j.
                const float* gradients = copy + (a < PAD_TOP % STRIDE_H ? COPY_COLUMNS : 0) + (b < PAD_LEFT % STRIDE_W ? 1 : 0);
                const int lines = ((rows + STRIDE_H - 1) / STRIDE_H + BLOCK_H - 1) / BLOCK_H;
                ROLLED for (int i = 0; i < lines; i++) {
                    ROLLED for (int j = 0; j < BLOCKS_W; j++) {
#if SINGLE_TAP
                        const float* block = copy + (i * BLOCKS_W + j) * (CHUNK_K * STEP_K);
#else
                        const float* block = gradients + i * BLOCK_H * COPY_COLUMNS + j * BLOCK_W;
#endif
                        q_block(block, filter + (size_t)k * count * LANES, offsets,
                                count, chunk, k == 0, waiting + (i * BLOCKS_W + j) * BLOCK_VECTORS);
                    }
                }
                waiting += PHASE_VECTORS;
                filter += (size_t)GROUP_K * count * LANES;
            }
        }
    }
    ROLLED for (int block = 0; block < blocks; block++) {
        const int firstC = (firstBlock + block) * LANES;
        q_store_tile(tile + block * TILE_VECTORS, places, dx, ((n * C + group * GROUP_C + firstC) * H + firstH) * W,
                min(LANES, GROUP_C - firstC), rows * W Q_EPILOGUE_ARGUMENTS);
    }
}
