// Purpose: matrix multiplication, c = epilogue(ALPHA * op(a) * op(b)), on CPUs, for small and skinny products; one launch
//   without packing, one work-item a few tiles of c.
//
//   b not transposed (BY_COLUMNS)               b transposed, a not (BY_DOTS)
//     vectors along a row of c                    vectors along k
//     ROWS rows x NV vectors of sums              DOT_ROWS rows x 4 columns of vectors of partial sums,
//     b[i][column..] is loaded, op(a)[row][i]     added up across their lanes at the end
//     is the same for all lanes
//
// Parameters, all of them definitions: M, N, K the sizes; STRIDE_A, STRIDE_B elements from one product's operand to the next
//   one's (0: shared); BY_COLUMNS, TRANSPOSE_A 0 or 1; ALPHA; W lanes a vector; ROWS, NV, DOT_ROWS the tile;
//   ITEM_ROWS, ITEM_COLUMNS what one work-item owns, whole tiles. TAIL_LOAD(p, fill) loads the last N % W columns (BY_COLUMNS) or the
//   last K % W steps (BY_DOTS) into a vector , reading nothing else.
// Requirements: groups of one work-item; not both operands transposed.
// Adds over packed_cpu: nothing is copied and nothing launched twice, which is most of the time of a small product. It reads
//   b in rows that are far apart, which costs more than packing once the operands outgrow the second-level cache.
// Determinism: each sum runs in an order that depends on K and W only, in one work-item.

#define Q_JOIN_(x, y) x##y
#define Q_JOIN(x, y) Q_JOIN_(x, y)
#define VECTOR Q_JOIN(float, W)
#define LOAD Q_JOIN(vload, W)
#define STORE Q_JOIN(vstore, W)
#define EPILOGUE Q_JOIN(q_epilogue, W)

#if BY_COLUMNS

#if TRANSPOSE_A
#define ROW_A 1
#define STEP_A M
#else
#define ROW_A K
#define STEP_A 1
#endif

// One tile: ROWS rows from row on (those past the last one repeat it and are not stored), vectors whole vectors of columns.
#define DEFINE_TILE(NAME, VECTORS)                                                                                     \
    static inline void NAME(Q_GLOBAL const float* a, Q_GLOBAL const float* b, Q_GLOBAL float* c, size_t product, int row, \
                            int column Q_EPILOGUE_PARAMETERS) {                                                        \
        Q_GLOBAL const float* pa[ROWS];                                                                                \
        VECTOR sums[ROWS][VECTORS];                                                                                    \
        _Pragma("unroll") for (int r = 0; r < ROWS; r++) {                                                             \
            pa[r] = a + (size_t)min(row + r, M - 1) * ROW_A;                                                           \
            _Pragma("unroll") for (int v = 0; v < VECTORS; v++) {                                                      \
                sums[r][v] = (VECTOR)(0.0f);                                                                           \
            }                                                                                                          \
        }                                                                                                              \
        for (int i = 0; i < K; i++) {                                                                                  \
            VECTOR from_b[VECTORS];                                                                                    \
            _Pragma("unroll") for (int v = 0; v < VECTORS; v++) {                                                      \
                from_b[v] = LOAD(v, b + (size_t)i * N + column);                                                       \
            }                                                                                                          \
            _Pragma("unroll") for (int r = 0; r < ROWS; r++) {                                                         \
                const VECTOR x = (VECTOR)(pa[r][(size_t)i * STEP_A]);                                                  \
                _Pragma("unroll") for (int v = 0; v < VECTORS; v++) {                                                  \
                    sums[r][v] = fma(x, from_b[v], sums[r][v]);                                                        \
                }                                                                                                      \
            }                                                                                                          \
        }                                                                                                              \
        _Pragma("unroll") for (int r = 0; r < ROWS; r++) {                                                             \
            if (row + r < M) {                                                                                         \
                const size_t element = (product * M + row + r) * N + column;                                           \
                _Pragma("unroll") for (int v = 0; v < VECTORS; v++) {                                                  \
                    STORE(EPILOGUE(ALPHA * sums[r][v], element + v * W Q_EPILOGUE_ARGUMENTS), v, c + element);         \
                }                                                                                                      \
            }                                                                                                          \
        }                                                                                                              \
    }
DEFINE_TILE(full_tile, NV)
DEFINE_TILE(narrow_tile, 1)

#if N % W != 0
// The last N % W columns.
static inline void tail_tile(Q_GLOBAL const float* a, Q_GLOBAL const float* b, Q_GLOBAL float* c, size_t product,
                             int row Q_EPILOGUE_PARAMETERS) {
    const int column = N / W * W;
    Q_GLOBAL const float* pa[ROWS];
    VECTOR sums[ROWS];
    _Pragma("unroll") for (int r = 0; r < ROWS; r++) {
        pa[r] = a + (size_t)min(row + r, M - 1) * ROW_A;
        sums[r] = (VECTOR)(0.0f);
    }
    for (int i = 0; i < K; i++) {
        const VECTOR from_b = TAIL_LOAD(b + (size_t)i * N + column, 0.0f);
        _Pragma("unroll") for (int r = 0; r < ROWS; r++) {
            sums[r] = fma((VECTOR)(pa[r][(size_t)i * STEP_A]), from_b, sums[r]);
        }
    }
    _Pragma("unroll") for (int r = 0; r < ROWS; r++) {
        if (row + r < M) {
            float lanes[W];
            STORE(sums[r], 0, lanes);
            for (int j = 0; j < N % W; j++) {
                const size_t element = (product * M + row + r) * N + column + j;
                c[element] = q_epilogue(ALPHA * lanes[j], element Q_EPILOGUE_ARGUMENTS);
            }
        }
    }
}
#endif

static inline void tiles(Q_GLOBAL const float* a, Q_GLOBAL const float* b, Q_GLOBAL float* c, size_t product, int row0, int row1,
                         int column0, int column1 Q_EPILOGUE_PARAMETERS) {
    // Rows inside: a panel of b comes from the second-level cache for all rows but the first ones.
    int column = column0;
    for (; column + NV * W <= column1; column += NV * W) {
        for (int row = row0; row < row1; row += ROWS) {
            full_tile(a, b, c, product, row, column Q_EPILOGUE_ARGUMENTS);
        }
    }
    for (; column + W <= column1; column += W) {
        for (int row = row0; row < row1; row += ROWS) {
            narrow_tile(a, b, c, product, row, column Q_EPILOGUE_ARGUMENTS);
        }
    }
#if N % W != 0
    if (column < column1) {
        for (int row = row0; row < row1; row += ROWS) {
            tail_tile(a, b, c, product, row Q_EPILOGUE_ARGUMENTS);
        }
    }
#endif
}

#else

// Four sums: each of the four vectors added up across its lanes.
static inline float4 fold(VECTOR s) {
#if W == 16
    const float8 t = s.lo + s.hi;
    return t.lo + t.hi;
#elif W == 8
    return s.lo + s.hi;
#else
    return s;
#endif
}

static inline float4 sum_lanes(VECTOR s0, VECTOR s1, VECTOR s2, VECTOR s3) {
    const float4 t0 = fold(s0);
    const float4 t1 = fold(s1);
    const float4 t2 = fold(s2);
    const float4 t3 = fold(s3);
    const float4 u0 = (float4)(t0.lo, t1.lo) + (float4)(t0.hi, t1.hi);
    const float4 u1 = (float4)(t2.lo, t3.lo) + (float4)(t2.hi, t3.hi);
    return (float4)(u0.even, u1.even) + (float4)(u0.odd, u1.odd);
}

// One tile: DOT_ROWS rows and 4 columns; those past the last ones repeat them and are not stored.
static inline void dot_tile(Q_GLOBAL const float* a, Q_GLOBAL const float* b, Q_GLOBAL float* c, size_t product, int row,
                            int column Q_EPILOGUE_PARAMETERS) {
    Q_GLOBAL const float* pa[DOT_ROWS];
    Q_GLOBAL const float* pb[4];
    VECTOR sums[DOT_ROWS][4];
    _Pragma("unroll") for (int s = 0; s < 4; s++) {
        pb[s] = b + (size_t)min(column + s, N - 1) * K;
    }
    _Pragma("unroll") for (int r = 0; r < DOT_ROWS; r++) {
        pa[r] = a + (size_t)min(row + r, M - 1) * K;
        _Pragma("unroll") for (int s = 0; s < 4; s++) {
            sums[r][s] = (VECTOR)(0.0f);
        }
    }
    for (int i = 0; i < K / W; i++) {
        VECTOR from_b[4];
        _Pragma("unroll") for (int s = 0; s < 4; s++) {
            from_b[s] = LOAD(i, pb[s]);
        }
        _Pragma("unroll") for (int r = 0; r < DOT_ROWS; r++) {
            const VECTOR from_a = LOAD(i, pa[r]);
            _Pragma("unroll") for (int s = 0; s < 4; s++) {
                sums[r][s] = fma(from_a, from_b[s], sums[r][s]);
            }
        }
    }
#if K % W != 0
    _Pragma("unroll") for (int r = 0; r < DOT_ROWS; r++) {
        const VECTOR from_a = TAIL_LOAD(pa[r] + K / W * W, 0.0f);
        _Pragma("unroll") for (int s = 0; s < 4; s++) {
            sums[r][s] = fma(from_a, TAIL_LOAD(pb[s] + K / W * W, 0.0f), sums[r][s]);
        }
    }
#endif
    _Pragma("unroll") for (int r = 0; r < DOT_ROWS; r++) {
        if (row + r < M) {
            const size_t element = (product * M + row + r) * N + column;
            const float4 four = ALPHA * sum_lanes(sums[r][0], sums[r][1], sums[r][2], sums[r][3]);
            if (column + 4 <= N) {
                vstore4(q_epilogue4(four, element Q_EPILOGUE_ARGUMENTS), 0, c + element);
            } else {
                float lanes[4];
                vstore4(four, 0, lanes);
                for (int s = 0; s < N % 4; s++) {
                    c[element + s] = q_epilogue(lanes[s], element + s Q_EPILOGUE_ARGUMENTS);
                }
            }
        }
    }
}

static inline void tiles(Q_GLOBAL const float* a, Q_GLOBAL const float* b, Q_GLOBAL float* c, size_t product, int row0, int row1,
                         int column0, int column1 Q_EPILOGUE_PARAMETERS) {
    for (int column = column0; column < column1; column += 4) {
        for (int row = row0; row < row1; row += DOT_ROWS) {
            dot_tile(a, b, c, product, row, column Q_EPILOGUE_ARGUMENTS);
        }
    }
}

#endif

// Group (part of the columns, part of the rows, product).
Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void gemm_direct_cpu(Q_GLOBAL const float* Q_RESTRICT a, Q_GLOBAL const float* Q_RESTRICT b,
                     Q_GLOBAL float* Q_RESTRICT c Q_EPILOGUE_PARAMETERS) {
    const int column = (int)Q_GROUP_ID(0) * ITEM_COLUMNS;
    const int row = (int)Q_GROUP_ID(1) * ITEM_ROWS;
    const size_t product = Q_GROUP_ID(2);
    tiles(a + product * STRIDE_A, b + product * STRIDE_B, c, product, row, min(row + ITEM_ROWS, M), column,
          min(column + ITEM_COLUMNS, N) Q_EPILOGUE_ARGUMENTS);
}
