// Purpose: what attention's kernels for CPUs are made of: products of small blocks in registers, powers of two, turned blocks.
//
//   a block of QB = QV * W queries lies turned, [d][query], so that a vector holds the same thing of W queries
//
//   turned_scores    scores[key][query]   = sum over d of rows[key][d] * turned[d][query]        MR keys x QV vectors in registers
//   query products   results[query][column] += sum over keys of p[key][query] * rows[key][column]      MR rows x up to QV vectors
//
//   In both of them the factor is one float in every lane of a vector, read where it lies: neither keys nor values are
//   packed or turned beforehand.
//
// Parameters: W lanes (4, 8, 16); QV vectors of queries; MR rows of a tile, a divisor of QB.
// Requirements: attention_masks.h and vector_names.cl in front.
// Determinism: every sum runs in a fixed order.

#define AS_VECTOR Q_JOIN(as_float, W)
#define AS_INTS Q_JOIN(as_int, W)
#define LOAD(p) Q_JOIN(vload, W)(0, (p))
#define STORE(v, p) Q_JOIN(vstore, W)((v), 0, (p))
#define QB (QV * W)
#define UNROLL _Pragma("unroll")
#define ROLLED _Pragma("unroll 1")
#define LOG2_E 1.44269504088896341f
#define LN_2 0.693147180559945309f

// 2^x for x <= 0 and a little above, to 1.1e-7 of it; 0 below 2^-126. A polynomial of 2^f, f in [-1/2, 1/2], fitted for the
// least relative error; the integer part goes into the exponent. NaN stays NaN: its bits reach only the other factor.
static inline VECTOR power_of_two(VECTOR x) {
    const VECTOR shifted = x + 12582912.0f;
    const VECTOR f = x - (shifted - 12582912.0f);
    const VECTOR power = AS_VECTOR((AS_INTS(shifted) << 23) + 0x3f800000);
    VECTOR p = fma(f, (VECTOR)(0.001326472731307149f), (VECTOR)(0.009671512991189957f));
    p = fma(p, f, (VECTOR)(0.05550733581185341f));
    p = fma(p, f, (VECTOR)(0.24022242426872253f));
    p = fma(p, f, (VECTOR)(0.6931470036506653f));
    p = fma(p, f, (VECTOR)(1.0f));
    return x < -126.0f ? (VECTOR)(0.0f) : p * power;
}

// The scores of ROWS keys with all queries of a block; rows[key][d] in memory of the given kind.
#define DEFINE_SCORES(NAME, ROWS, MEMORY)                                                                        \
    static inline void NAME(MEMORY const float* rows, const VECTOR* turned, VECTOR* scores, const int dim) {     \
        VECTOR sums[ROWS][QV];                                                                                   \
        UNROLL for (int r = 0; r < ROWS; r++) {                                                                  \
            UNROLL for (int v = 0; v < QV; v++) {                                                                \
                sums[r][v] = (VECTOR)(0.0f);                                                                     \
            }                                                                                                    \
        }                                                                                                        \
        ROLLED for (int d = 0; d < dim; d++) {                                                                   \
            VECTOR x[QV];                                                                                        \
            UNROLL for (int v = 0; v < QV; v++) {                                                                \
                x[v] = turned[d * QV + v];                                                                       \
            }                                                                                                    \
            UNROLL for (int r = 0; r < ROWS; r++) {                                                              \
                const VECTOR y = (VECTOR)(rows[r * dim + d]);                                                    \
                UNROLL for (int v = 0; v < QV; v++) {                                                            \
                    sums[r][v] = fma(y, x[v], sums[r][v]);                                                       \
                }                                                                                                \
            }                                                                                                    \
        }                                                                                                        \
        UNROLL for (int r = 0; r < ROWS; r++) {                                                                  \
            UNROLL for (int v = 0; v < QV; v++) {                                                                \
                scores[r * QV + v] = sums[r][v];                                                                 \
            }                                                                                                    \
        }                                                                                                        \
    }
DEFINE_SCORES(scores_of_tile, MR, Q_GLOBAL)
DEFINE_SCORES(scores_of_row, 1, Q_GLOBAL)

// scores[key][query] for so many keys.
static inline void turned_scores(Q_GLOBAL const float* rows, const VECTOR* turned, VECTOR* scores, int count, const int dim) {
    int r = 0;
    ROLLED for (; r + MR <= count; r += MR) {
        scores_of_tile(rows + (size_t)r * dim, turned, scores + r * QV, dim);
    }
    ROLLED for (; r < count; r++) {
        scores_of_row(rows + (size_t)r * dim, turned, scores + r * QV, dim);
    }
}

// Products whose results lie in rows of LENGTH columns: COLUMNS vectors, the last of which may be a part that TAIL_LOAD reads. QV
// vectors of a row make a group; the last group may be smaller.
#define COLUMNS(LENGTH) (((LENGTH) + W - 1) / W)
#define LAST_COLUMNS(LENGTH) (COLUMNS(LENGTH) - (LENGTH) / W / QV * QV)
#define READ(p, v) LOAD(p)

// ROWS x VECTORS sums over so many steps, in registers. Row r's factor at step i is factors[r * row + i * step]; the vectors of
// step i are those that FIND reads at rows + i * LENGTH.
#define SUM_PRODUCTS(ROWS, VECTORS, LENGTH, FIND)                             \
    VECTOR sums[ROWS][VECTORS];                                               \
    UNROLL for (int r = 0; r < ROWS; r++) {                                   \
        UNROLL for (int v = 0; v < VECTORS; v++) {                            \
            sums[r][v] = (VECTOR)(0.0f);                                      \
        }                                                                     \
    }                                                                         \
    ROLLED for (int i = 0; i < steps; i++) {                                  \
        VECTOR x[VECTORS];                                                    \
        UNROLL for (int v = 0; v < VECTORS; v++) {                            \
            x[v] = FIND(rows + v * W, v);                                     \
        }                                                                     \
        UNROLL for (int r = 0; r < ROWS; r++) {                               \
            const VECTOR y = (VECTOR)(factors[r * row]);                      \
            UNROLL for (int v = 0; v < VECTORS; v++) {                        \
                sums[r][v] = fma(y, x[v], sums[r][v]);                        \
            }                                                                 \
        }                                                                     \
        rows += LENGTH;                                                       \
        factors += step;                                                      \
    }

// results[query][column] = rescale[query] * results[query][column] + sum over keys of p[key][query] * rows[key][column],
// for the queries of a tile.
#define DEFINE_QUERY_TILE(NAME, VECTORS, LENGTH, FIND)                                                                    \
    static inline void NAME(const float* factors, Q_GLOBAL const float* rows, int steps, const float* rescale,           \
                            VECTOR* results) {                                                                           \
        const int row = 1;                                                                                                \
        const int step = QB;                                                                                              \
        SUM_PRODUCTS(MR, VECTORS, LENGTH, FIND)                                                                           \
        UNROLL for (int r = 0; r < MR; r++) {                                                                             \
            UNROLL for (int v = 0; v < VECTORS; v++) {                                                                    \
                VECTOR* result = results + r * COLUMNS(LENGTH) + v;                                                       \
                *result = fma((VECTOR)(rescale[r]), *result, sums[r][v]);                                                 \
            }                                                                                                             \
        }                                                                                                                 \
    }

// The same for a whole block of queries; NAME_part is the last group of columns, if there is one.
#define DEFINE_QUERY_PRODUCT(NAME, LENGTH, READ_LAST)                                                                     \
    DEFINE_QUERY_TILE(NAME##_tile, QV, LENGTH, READ)                                                                      \
    DEFINE_QUERY_TILE(NAME##_part, (LAST_COLUMNS(LENGTH) + !LAST_COLUMNS(LENGTH)), LENGTH, READ_LAST)                     \
    static inline void NAME(const float* p, Q_GLOBAL const float* rows, int count, const float* rescale,                 \
                            VECTOR* results) {                                                                           \
        ROLLED for (int query = 0; query < QB; query += MR) {                                                             \
            VECTOR* result = results + query * COLUMNS(LENGTH);                                                           \
            ROLLED for (int column = 0; column + QV <= LENGTH / W; column += QV) {                                        \
                NAME##_tile(p + query, rows + column * W, count, rescale + query, result + column);                       \
            }                                                                                                             \
            if (LAST_COLUMNS(LENGTH)) {                                                                                   \
                const int column = LENGTH / W / QV * QV;                                                                  \
                NAME##_part(p + query, rows + column * W, count, rescale + query, result + column);                       \
            }                                                                                                             \
        }                                                                                                                 \
    }

// Turns W x W floats: row r of the result is column r of what stands at rows, each row stride floats after the one before.
static inline void turn_square(Q_GLOBAL const float* rows, size_t stride, VECTOR* turned, float factor) {
#if W == 16
    VECTOR a[16];
    VECTOR b[16];
    UNROLL for (int r = 0; r < 16; r++) {
        a[r] = LOAD(rows + r * stride);
    }
    // Blocks of 8, 4, 2 and 1 change places across the diagonal.
    const uint16 lo8 = (uint16)(0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
    const uint16 hi8 = (uint16)(8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
    const uint16 lo4 = (uint16)(0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27);
    const uint16 hi4 = (uint16)(4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31);
    const uint16 lo2 = (uint16)(0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29);
    const uint16 hi2 = (uint16)(2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
    const uint16 lo1 = (uint16)(0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30);
    const uint16 hi1 = (uint16)(1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31);
    UNROLL for (int r = 0; r < 8; r++) {
        b[r] = shuffle2(a[r], a[r + 8], lo8);
        b[r + 8] = shuffle2(a[r], a[r + 8], hi8);
    }
    UNROLL for (int r = 0; r < 16; r += 8) {
        UNROLL for (int i = r; i < r + 4; i++) {
            a[i] = shuffle2(b[i], b[i + 4], lo4);
            a[i + 4] = shuffle2(b[i], b[i + 4], hi4);
        }
    }
    UNROLL for (int r = 0; r < 16; r += 4) {
        UNROLL for (int i = r; i < r + 2; i++) {
            b[i] = shuffle2(a[i], a[i + 2], lo2);
            b[i + 2] = shuffle2(a[i], a[i + 2], hi2);
        }
    }
    UNROLL for (int r = 0; r < 16; r += 2) {
        turned[r * QV] = factor * shuffle2(b[r], b[r + 1], lo1);
        turned[(r + 1) * QV] = factor * shuffle2(b[r], b[r + 1], hi1);
    }
#else
    float* out = (float*)turned;
    ROLLED for (int r = 0; r < W; r++) {
        for (int c = 0; c < W; c++) {
            out[c * QB + r] = factor * rows[r * stride + c];
        }
    }
#endif
}

// turned[d][query] = factor * rows[query][d] for so many queries; the others are 0.
static inline void turn_rows(Q_GLOBAL const float* rows, VECTOR* turned, int count, const int dim, float factor) {
    float* out = (float*)turned;
    ROLLED for (int v = 0; v < QV; v++) {
        int d = 0;
        if ((v + 1) * W <= count) {
            ROLLED for (; d + W <= dim; d += W) {
                turn_square(rows + (size_t)v * W * dim + d, dim, turned + d * QV + v, factor);
            }
        }
        ROLLED for (; d < dim; d++) {
            ROLLED for (int query = v * W; query < (v + 1) * W; query++) {
                out[d * QB + query] = query < count ? factor * rows[(size_t)query * dim + d] : 0.0f;
            }
        }
    }
}

#if MASK
// Group (block of queries, keys / 64): turned_mask[key][query] = mask[query][key] / log 2; 0 for queries that do not exist.
Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void turn_mask(Q_GLOBAL const float* Q_RESTRICT mask, Q_GLOBAL float* Q_RESTRICT turned_mask, int queries, int keys) {
    const int first = (int)Q_GROUP_ID(0) * QB;
    const int stride = (queries + QB - 1) / QB * QB;
    const int end = min((int)Q_GROUP_ID(1) * 64 + 64, keys);
    for (int key = (int)Q_GROUP_ID(1) * 64; key < end; key++) {
        for (int query = first; query < first + QB; query++) {
            turned_mask[(size_t)key * stride + query] = query < queries ? LOG2_E * mask[(size_t)query * keys + key] : 0.0f;
        }
    }
}
#endif
