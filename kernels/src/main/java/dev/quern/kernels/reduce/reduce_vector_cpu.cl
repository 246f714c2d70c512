// Purpose: a reduction over axes, on CPUs; one work-item a run of outputs, or a part of their terms.
//
//   INNER_REDUCED = 1: vectors along the innermost axis, which is reduced; lanes are joined at the end
//     unit = output; its terms are RUNS runs of INNER neighbours, cut into chunks of CHUNK
//   INNER_REDUCED = 0: vectors along the innermost axis, which is kept; each lane is an output
//     unit = up to TILE outputs; its terms are RUNS rows. Up to 4 vectors are kept in registers; more lie in the first-level cache
//     while rows go by four at a time, so that memory is read in order
//
//   group (units from x * PER_ITEM on, part y)      results go to y, or with PARTS > 1 to partial[part][output]
//
// Parameters, all of them definitions: INNER_REDUCED; W lanes; INNER, RUNS, OUTPUTS; UNITS, PER_ITEM; PARTS and PER_PART, the
//   chunks (or rows) of a part; CHUNK and TILE, multiples of W; KEPT_AT and RUN_AT, macros that turn a kept row's and a run's number
//   into places in x; TERM, COMBINE, NEUTRAL, FINISH, macros of the operation; TAIL_LOAD for INNER % W elements.
// Requirements: groups of one work-item; reduce_combine.cl behind.
// Adds over item_per_output: W elements an instruction, four independent chains of them, and long reductions to few outputs
//   are shared by the cores.
// Determinism: every part is joined in a fixed order by one work-item, and parts in order. Blocks of a few hundred terms a lane
//   are joined first, which keeps the rounding of long sums small.

#define Q_JOIN_(x, y) x##y
#define Q_JOIN(x, y) Q_JOIN_(x, y)
#define VECTOR Q_JOIN(float, W)
#define LOAD(p) Q_JOIN(X_LOAD, W)(p, 0)
#if PARTS > 1
#define OUT_T float
#else
#define OUT_T X_T
#endif
#define NOTHING ((VECTOR)(NEUTRAL))

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

static inline VECTOR chunk(Q_GLOBAL const X_T* p, int count) {
    VECTOR a = NOTHING;
    VECTOR b = NOTHING;
    VECTOR c = NOTHING;
    VECTOR d = NOTHING;
    int i = 0;
    for (; i + 4 * W <= count; i += 4 * W) {
        a = with(a, LOAD(p + i));
        b = with(b, LOAD(p + i + W));
        c = with(c, LOAD(p + i + 2 * W));
        d = with(d, LOAD(p + i + 3 * W));
    }
    for (; i + W <= count; i += W) {
        a = with(a, LOAD(p + i));
    }
#if INNER % W != 0
    if (i < count) {
        b = with(b, TAIL_LOAD(p + i, NEUTRAL));
    }
#endif
    return both(both(a, b), both(c, d));
}

static inline void unit(Q_GLOBAL const X_T* x, Q_GLOBAL OUT_T* y, int o, int part Q_EPILOGUE_PARAMETERS) {
    Q_GLOBAL const X_T* p = x + KEPT_AT(o);
    VECTOR total = NOTHING;
    for (int q = part * PER_PART; q < min((part + 1) * PER_PART, RUNS * CHUNKS); q++) {
        const int run = q / CHUNKS;
        const int first = q % CHUNKS * CHUNK;
        total = both(total, chunk(p + RUN_AT(run) + first, min(CHUNK, INNER - first)));
    }
    put(y, part, o, join_lanes(total) Q_EPILOGUE_ARGUMENTS);
}

#else

#define TILES ((INNER + TILE - 1) / TILE)
#define BLOCK 128

#if INNER % W != 0
#define READ_TAIL(p) TAIL_LOAD(p, NEUTRAL)
#endif

#if INNER <= 4 * W
#define DEFINE_COLUMNS(NAME, VECTORS, READ, LIVE)                                                             \
    static inline void NAME(Q_GLOBAL const X_T* p, Q_GLOBAL OUT_T* y, int o, int part Q_EPILOGUE_PARAMETERS) { \
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
                Q_GLOBAL const X_T* row = p + RUN_AT(run);                                                  \
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

static inline void unit(Q_GLOBAL const X_T* x, Q_GLOBAL OUT_T* y, int kept, int part Q_EPILOGUE_PARAMETERS) {
    Q_GLOBAL const X_T* p = x + KEPT_AT(kept);
#if INNER == 4 * W
    four_vectors(p, y, kept * INNER, part Q_EPILOGUE_ARGUMENTS);
#else
    int column = 0;
    for (; column + W <= INNER; column += W) {
        one_vector(p + column, y, kept * INNER + column, part Q_EPILOGUE_ARGUMENTS);
    }
#if INNER % W != 0
    tail_vector(p + column, y, kept * INNER + column, part Q_EPILOGUE_ARGUMENTS);
#endif
#endif
}

#else

static inline VECTOR four(VECTOR a, VECTOR b, VECTOR c, VECTOR d) {
    return both(both(TERM(a), TERM(b)), both(TERM(c), TERM(d)));
}

static inline void unit(Q_GLOBAL const X_T* x, Q_GLOBAL OUT_T* y, int u, int part Q_EPILOGUE_PARAMETERS) {
    const int kept = u / TILES;
    const int column = u % TILES * TILE;
    const int columns = min(TILE, INNER - column);
    const int vectors = columns / W;
    Q_GLOBAL const X_T* p = x + KEPT_AT(kept) + column;
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
            Q_GLOBAL const X_T* a = p + RUN_AT(run);
            Q_GLOBAL const X_T* b = p + RUN_AT(run + 1);
            Q_GLOBAL const X_T* c = p + RUN_AT(run + 2);
            Q_GLOBAL const X_T* d = p + RUN_AT(run + 3);
            for (int v = 0; v < vectors; v++) {
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
            Q_GLOBAL const X_T* a = p + RUN_AT(run);
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
void reduce(Q_GLOBAL const X_T* Q_RESTRICT x, Q_GLOBAL OUT_T* Q_RESTRICT y Q_EPILOGUE_PARAMETERS) {
    const int first = (int)Q_GROUP_ID(0) * PER_ITEM;
    for (int u = first; u < min(first + PER_ITEM, UNITS); u++) {
        unit(x, y, u, (int)Q_GROUP_ID(1) Q_EPILOGUE_ARGUMENTS);
    }
}
