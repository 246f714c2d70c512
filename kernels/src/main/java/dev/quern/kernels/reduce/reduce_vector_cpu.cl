// Purpose: a reduction over axes, on CPUs; one work-item a run of outputs, or a part of their terms.
//
//   INNER_REDUCED = 1: vectors along the innermost axis, which is reduced; lanes are joined at the end
//     unit = output; its terms are RUNS runs of INNER neighbours, cut into chunks of CHUNK
//   INNER_REDUCED = 0: vectors along the innermost axis, which is kept; each lane is an output
//     unit = up to TILE outputs; its terms are RUNS rows. Up to 4 vectors are kept in registers; more lie in the first-level cache
//     while rows go by four at a time, so that memory is read in order
//
//   group (units from x * PER_ITEM on, part y, tensor z)      results go to its y, or with PARTS > 1 to partial[tensor][part][output]
//
// Parameters, all of them definitions: INNER_REDUCED; W lanes; INNER, RUNS, OUTPUTS; UNITS, PER_ITEM; PARTS and PER_PART, the
//   chunks (or rows) of a part; CHUNK and TILE, multiples of W; KEPT_AT and RUN_AT, macros that turn a kept row's and a run's number
//   into places in x; X_PARAMETERS, X_OF, Y_PARAMETERS, Y_OF and BEFORE with what it takes, of the tensors, applied where PROLOGUES;
//   TERM, COMBINE, NEUTRAL, FINISH, macros of the operation; TAIL_LOAD for INNER % W elements.
// Requirements: groups of one work-item; reduce_combine.cl behind.
// Adds over item_per_output: W elements an instruction, four independent chains of them, and long reductions to few outputs
//   are shared by the cores.
// Determinism: every part is joined in a fixed order by one work-item, and parts in order. Blocks of a few hundred terms a lane
//   are joined first, which keeps the rounding of long sums small.

// The vector at element i of tensor m.
#define LOAD(i) Q_JOIN(BEFORE, W)(m, Q_JOIN(X_LOAD, W)(x + (i), 0), (size_t)(i))
#if PARTS > 1
#define OUT_T float
#define TO_PARAMETERS Q_GLOBAL float* Q_RESTRICT partial
#define TO_OF(m) (partial + (size_t)(m) * PARTS * OUTPUTS)
#else
#define OUT_T X_T
#define TO_PARAMETERS Y_PARAMETERS(X_T)
#define TO_OF(m) Y_OF(m)
#endif
#define NOTHING ((VECTOR)(NEUTRAL))

// The last elements of a row, from element i of tensor m on, and nothing behind them.
#if INNER % W != 0 && PROLOGUES
#define READ_TAIL(i) TAIL_BEFORE(m, x, (size_t)(i), NEUTRAL)
#elif INNER % W != 0
#define READ_TAIL(i) TAIL_LOAD(x + (i), NEUTRAL)
#endif
// Elements ahead: what a core reads while a line is on its way.
#define AHEAD (2048 / (int)sizeof(X_T))
// The next vector at element i of tensor m, for whose neighbour far ahead is asked besides.
#define NEXT(i) (FETCH(x + (i) + AHEAD), LOAD(i))

static inline VECTOR both(VECTOR a, VECTOR b) {
    return COMBINE(a, b);
}

// What is joined so far with W more elements.
static inline VECTOR with(VECTOR a, VECTOR elements) {
    const VECTOR b = TERM(elements);
    return COMBINE(a, b);
}

static inline void put(Q_GLOBAL OUT_T* y, int part, int o, float value Q_EPILOGUE_PARAMETERS) {
#if PARTS > 1
    y[(size_t)part * OUTPUTS + o] = value;
#else
    X_STORE(y, o, FINISH(value, o));
#endif
}

#if INNER_REDUCED

static inline float join_lanes(VECTOR v) {
#if W == 16
    const float8 a = COMBINE(v.lo, v.hi);
    const float4 b = COMBINE(a.lo, a.hi);
#elif W == 8
    const float4 b = COMBINE(v.lo, v.hi);
#else
    const float4 b = v;
#endif
    const float2 c = COMBINE(b.lo, b.hi);
    return COMBINE(c.x, c.y);
}

#define CHUNKS ((INNER + CHUNK - 1) / CHUNK)

static inline VECTOR chunk(int m, Q_GLOBAL const X_T* x, size_t p, int count BEFORE_PARAMETERS) {
    VECTOR a = NOTHING;
    VECTOR b = NOTHING;
    VECTOR c = NOTHING;
    VECTOR d = NOTHING;
    int i = 0;
    for (; i + 4 * W <= count; i += 4 * W) {
        a = with(a, NEXT(p + i));
        b = with(b, NEXT(p + i + W));
        c = with(c, NEXT(p + i + 2 * W));
        d = with(d, NEXT(p + i + 3 * W));
    }
    for (; i + W <= count; i += W) {
        a = with(a, NEXT(p + i));
    }
#if INNER % W != 0
    if (i < count) {
        FETCH(x + p + i + AHEAD);
        b = with(b, READ_TAIL(p + i));
    }
#endif
    return both(both(a, b), both(c, d));
}

static inline void unit(int m, Q_GLOBAL const X_T* x, Q_GLOBAL OUT_T* y, int o, int part Q_EPILOGUE_PARAMETERS BEFORE_PARAMETERS) {
    const size_t p = KEPT_AT(o);
    VECTOR total = NOTHING;
    for (int q = part * PER_PART; q < min((part + 1) * PER_PART, RUNS * CHUNKS); q++) {
        const int run = q / CHUNKS;
        const int first = q % CHUNKS * CHUNK;
        total = both(total, chunk(m, x, p + RUN_AT(run) + first, min(CHUNK, INNER - first) BEFORE_ARGUMENTS));
    }
    put(y, part, o, join_lanes(total) Q_EPILOGUE_ARGUMENTS);
}

#if W == 16 && RUNS == 1 && PARTS == 1 && INNER <= CHUNK
#define SIXTEEN 1
#define PAIR_WORDS(a, b) both(__builtin_shufflevector(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29), \
                              __builtin_shufflevector(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31))
#define PAIR_PAIRS(a, b) both(__builtin_shufflevector(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29), \
                              __builtin_shufflevector(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31))
#define PAIR_QUARTERS(a, b) both(__builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27), \
                                 __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31))

// Sixteen outputs: lanes are joined while vectors are turned, with 30 shuffles instead of 64.
static inline void sixteen_units(int m, Q_GLOBAL const X_T* x, Q_GLOBAL OUT_T* y, int o Q_EPILOGUE_PARAMETERS BEFORE_PARAMETERS) {
    VECTOR v[16];
#if INNER == W
#pragma unroll
    for (int i = 0; i < 16; i++) {
        const VECTOR elements = NEXT(KEPT_AT((o + i)));
        v[i] = TERM(elements);
    }
#else
    for (int i = 0; i < 16; i++) {
        v[i] = chunk(m, x, KEPT_AT((o + i)), INNER BEFORE_ARGUMENTS);
    }
#endif
#pragma unroll
    for (int i = 0; i < 8; i++) {
        v[i] = PAIR_WORDS(v[2 * i], v[2 * i + 1]);
    }
#pragma unroll
    for (int i = 0; i < 4; i++) {
        v[i] = PAIR_PAIRS(v[2 * i], v[2 * i + 1]);
    }
    const VECTOR joined = PAIR_QUARTERS(PAIR_QUARTERS(v[0], v[1]), PAIR_QUARTERS(v[2], v[3]));
    float lanes[16];
    vstore16(joined, 0, lanes);
    for (int i = 0; i < 16; i++) {
        put(y, 0, o + i, lanes[i] Q_EPILOGUE_ARGUMENTS);
    }
}
#endif

#else

#define TILES ((INNER + TILE - 1) / TILE)
#define BLOCK 128

#if INNER <= 4 * W
#define DEFINE_COLUMNS(NAME, VECTORS, READ, LIVE)                                                             \
    static inline void NAME(int m, Q_GLOBAL const X_T* x, size_t p, Q_GLOBAL OUT_T* y, int o,                 \
                            int part Q_EPILOGUE_PARAMETERS BEFORE_PARAMETERS) {                               \
        VECTOR total[VECTORS];                                                                                \
        _Pragma("unroll") for (int v = 0; v < VECTORS; v++) {                                                 \
            total[v] = NOTHING;                                                                               \
        }                                                                                                     \
        const int end = min((part + 1) * PER_PART, RUNS);                                                     \
        for (int first = part * PER_PART; first < end; first += BLOCK) {                                      \
            VECTOR block[VECTORS];                                                                            \
            _Pragma("unroll") for (int v = 0; v < VECTORS; v++) {                                             \
                block[v] = NOTHING;                                                                           \
            }                                                                                                 \
            for (int run = first; run < min(first + BLOCK, end); run++) {                                     \
                const size_t row = p + RUN_AT(run);                                                           \
                _Pragma("unroll") for (int v = 0; v < VECTORS; v++) {                                         \
                    block[v] = with(block[v], READ(row + v * W));                                             \
                }                                                                                             \
            }                                                                                                 \
            _Pragma("unroll") for (int v = 0; v < VECTORS; v++) {                                             \
                total[v] = both(total[v], block[v]);                                                          \
            }                                                                                                 \
        }                                                                                                     \
        float lanes[VECTORS * W];                                                                             \
        _Pragma("unroll") for (int v = 0; v < VECTORS; v++) {                                                 \
            Q_JOIN(vstore, W)(total[v], v, lanes);                                                            \
        }                                                                                                     \
        for (int j = 0; j < (LIVE); j++) {                                                                    \
            put(y, part, o + j, lanes[j] Q_EPILOGUE_ARGUMENTS);                                               \
        }                                                                                                     \
    }
DEFINE_COLUMNS(four_vectors, 4, LOAD, 4 * W)
DEFINE_COLUMNS(one_vector, 1, LOAD, W)
#if INNER % W != 0
DEFINE_COLUMNS(tail_vector, 1, READ_TAIL, INNER % W)
#endif

static inline void unit(int m, Q_GLOBAL const X_T* x, Q_GLOBAL OUT_T* y, int kept,
                        int part Q_EPILOGUE_PARAMETERS BEFORE_PARAMETERS) {
    const size_t p = KEPT_AT(kept);
#if INNER == 4 * W
    four_vectors(m, x, p, y, kept * INNER, part Q_EPILOGUE_ARGUMENTS BEFORE_ARGUMENTS);
#else
    int column = 0;
    for (; column + W <= INNER; column += W) {
        one_vector(m, x, p + column, y, kept * INNER + column, part Q_EPILOGUE_ARGUMENTS BEFORE_ARGUMENTS);
    }
#if INNER % W != 0
    tail_vector(m, x, p + column, y, kept * INNER + column, part Q_EPILOGUE_ARGUMENTS BEFORE_ARGUMENTS);
#endif
#endif
}

#else

static inline VECTOR four(VECTOR a, VECTOR b, VECTOR c, VECTOR d) {
    return both(both(TERM(a), TERM(b)), both(TERM(c), TERM(d)));
}

static inline void unit(int m, Q_GLOBAL const X_T* x, Q_GLOBAL OUT_T* y, int u,
                        int part Q_EPILOGUE_PARAMETERS BEFORE_PARAMETERS) {
    const int kept = u / TILES;
    const int column = u % TILES * TILE;
    const int columns = min(TILE, INNER - column);
    const int vectors = columns / W;
    const size_t p = KEPT_AT(kept) + column;
    VECTOR total[TILE / W];
    VECTOR block[TILE / W];
    for (int v = 0; v < TILE / W; v++) {
        total[v] = NOTHING;
    }
    const int end = min((part + 1) * PER_PART, RUNS);
    for (int first = part * PER_PART; first < end; first += BLOCK) {
        for (int v = 0; v < TILE / W; v++) {
            block[v] = NOTHING;
        }
        const int last = min(first + BLOCK, end);
        int run = first;
        for (; run + 4 <= last; run += 4) {
            const size_t a = p + RUN_AT(run);
            const size_t b = p + RUN_AT(run + 1);
            const size_t c = p + RUN_AT(run + 2);
            const size_t d = p + RUN_AT(run + 3);
            // The next four rows are asked for meanwhile: each begins what the prefetcher takes for a new stream.
            const int ahead = min(run + 4, RUNS - 4);
            const size_t next[4] = {p + RUN_AT(ahead), p + RUN_AT(ahead + 1), p + RUN_AT(ahead + 2), p + RUN_AT(ahead + 3)};
            for (int v = 0; v < vectors; v++) {
                for (int r = 0; r < 4; r++) {
                    FETCH(x + next[r] + v * W);
                }
                block[v] = both(block[v], four(LOAD(a + v * W), LOAD(b + v * W), LOAD(c + v * W), LOAD(d + v * W)));
            }
#if INNER % W != 0
            if (column + columns == INNER) {
                const int t = vectors * W;
                block[vectors] = both(block[vectors], four(READ_TAIL(a + t), READ_TAIL(b + t), READ_TAIL(c + t), READ_TAIL(d + t)));
            }
#endif
        }
        for (; run < last; run++) {
            const size_t a = p + RUN_AT(run);
            for (int v = 0; v < vectors; v++) {
                block[v] = with(block[v], LOAD(a + v * W));
            }
#if INNER % W != 0
            if (column + columns == INNER) {
                block[vectors] = with(block[vectors], READ_TAIL(a + vectors * W));
            }
#endif
        }
        for (int v = 0; v < TILE / W; v++) {
            total[v] = both(total[v], block[v]);
        }
    }
    const float* results = (const float*)total;
    for (int j = 0; j < columns; j++) {
        put(y, part, kept * INNER + column + j, results[j] Q_EPILOGUE_ARGUMENTS);
    }
}

#endif

#endif

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void reduce(X_PARAMETERS, TO_PARAMETERS Q_EPILOGUE_PARAMETERS BEFORE_PARAMETERS) {
    const int m = (int)Q_GROUP_ID(2);
    const int first = (int)Q_GROUP_ID(0) * PER_ITEM;
    int u = first;
#ifdef SIXTEEN
    for (; u + 16 <= min(first + PER_ITEM, UNITS); u += 16) {
        sixteen_units(m, X_OF(m), TO_OF(m), u Q_EPILOGUE_ARGUMENTS BEFORE_ARGUMENTS);
    }
#endif
    for (; u < min(first + PER_ITEM, UNITS); u++) {
        unit(m, X_OF(m), TO_OF(m), u, (int)Q_GROUP_ID(1) Q_EPILOGUE_ARGUMENTS BEFORE_ARGUMENTS);
    }
}
