// Purpose: running totals along an axis on CPUs; one work-item a block of a line, or of TILE lines side by side.
//
//   INNER = 1: vectors along the axis, totalled within the register           group (o, b); with SIDE, of four neighbours of them
//   INNER > 1: TILE neighbouring lines, whose totals lie in the first-level   group (o * GROUPS + g, b)
//              cache while rows go by in order, four at a time where they lie on multiples of a vector
//
// Parameters: those of scan_blocked.cl; SIDE, blocks that go side by side, 1, or 4 where
//   INNER = 1, LENGTH is a multiple of BLOCK, BLOCK of 16, and blocks are a multiple of 4; GROUPS, tiles in a row of INNER; TILE, at least 16 (1 with INNER = 1); STREAM, whether
//   results go past the caches (they are then stored in whole vectors of cache lines, and what is before and behind one by one).
// Requirements: groups of one work-item; carry of scan_blocked.cl, where partial[b][line] are the blocks' totals; clang's vector
//   shuffles and, with STREAM, its non-temporal stores.
// Adds over blocked: vectors; within one, four steps total 16 neighbours. Four places at once have more lines under way.
// Determinism: fixed order.

#define W 16
#if REVERSE
#define BASE(o, k, n) ((o) * LENGTH + (LENGTH - (k) - (n)))
#define TURN(v) ((v).sfedcba9876543210)
#else
#define BASE(o, k, n) ((o) * LENGTH + (k))
#define TURN(v) (v)
#endif
// PoCL 3.1 splits vstore16 into four stores; a store through this type stays one.
typedef float q_float16_anywhere __attribute__((ext_vector_type(16), aligned(4)));
#if STREAM
#define PUT16(p, v) __builtin_nontemporal_store(v, (Q_GLOBAL float16*)(p))
#define BEFORE_LINE(p) ((int)(16 - (size_t)(p) / 4 % 16) % 16)
#define BEHIND_LINE(p) ((int)((size_t)(p) / 4 % 16))
#else
#define PUT16(p, v) (*(Q_GLOBAL q_float16_anywhere*)(p) = (v))
#define BEFORE_LINE(p) 0
#define BEHIND_LINE(p) 0
#endif

// How many rows or blocks go side by side.
#define FOUR 4
#define EACH _Pragma("unroll") for (int r = 0; r < FOUR; r++)

static inline float16 both(float16 a, float16 b) {
    return COMBINE(a, b);
}

#if INNER == 1
// Elements k of [from, to), one by one.
static inline float scalars(Q_GLOBAL const float* x, Q_GLOBAL float* y, size_t o, int from, int to, float total, int store) {
    for (int k = from; k < to; k++) {
        const size_t at = BASE(o, k, 1);
        const float next = x[at];
        const float joined = COMBINE(total, next);
        if (store) {
            y[at] = EXCLUSIVE ? total : joined;
        }
        total = joined;
    }
    return total;
}

// Running totals of the lanes.
static inline float16 within(float16 v) {
    const float16 none = NEUTRAL;
    v = both(__builtin_shufflevector(none, v, 0, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30), v);
    v = both(__builtin_shufflevector(none, v, 0, 1, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29), v);
    v = both(__builtin_shufflevector(none, v, 0, 1, 2, 3, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27), v);
    return both(__builtin_shufflevector(none, v, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23), v);
}

// What is stored of totals, with what was before them in every lane of sum.
static inline float16 result(float16 sum, float16 joined) {
#if EXCLUSIVE
    return __builtin_shufflevector(sum, joined, 0, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
#else
    return joined;
#endif
}

static inline float lanes(float16 v) {
    const float8 a = COMBINE(v.lo, v.hi);
    const float4 b = COMBINE(a.lo, a.hi);
    const float2 c = COMBINE(b.lo, b.hi);
    return COMBINE(c.x, c.y);
}

static inline void block(Q_GLOBAL const float* x, Q_GLOBAL float* y, size_t o, size_t column, int first, int last, float* total,
                         int store) {
#if REVERSE
    const int ahead = BEHIND_LINE(y + BASE(o, first, 0));
#else
    const int ahead = BEFORE_LINE(y + BASE(o, first, 0));
#endif
    int k = store ? min(first + ahead, last) : first;
    float16 sum = scalars(x, y, o, first, k, *total, store);
    for (; k + W <= last; k += W) {
        float16 v = TURN(vload16(0, x + BASE(o, k, W)));
        if (store) {
            const float16 joined = both(sum, within(v));
            const float16 out = result(sum, joined);
            PUT16(y + BASE(o, k, W), TURN(out));
            sum = (float16)(joined.sf);
        } else {
            sum = both(sum, (float16)(lanes(v)));
        }
    }
    *total = scalars(x, y, o, k, last, sum.s0, store);
}

// Four blocks of BLOCK elements, side by side.
static inline void four_blocks(Q_GLOBAL const float* from[FOUR], Q_GLOBAL float* to[FOUR], const float start[FOUR]) {
    float16 sum[FOUR];
    EACH {
        sum[r] = start[r];
    }
    for (int k = 0; k < BLOCK; k += W) {
        const int at = REVERSE ? BLOCK - W - k : k;
        float16 v[FOUR];
        EACH {
            v[r] = TURN(vload16(0, from[r] + at));
        }
        EACH {
            const float16 joined = both(sum[r], within(v[r]));
            const float16 out = result(sum[r], joined);
            PUT16(to[r] + at, TURN(out));
            sum[r] = (float16)(joined.sf);
        }
    }
}

// The total of a whole block, from four places at once.
static inline float total_of(Q_GLOBAL const float* x) {
    const int strand = BLOCK / (FOUR * 2 * W) * 2 * W;
    float16 even[FOUR];
    float16 odd[FOUR];
    EACH {
        even[r] = NEUTRAL;
        odd[r] = NEUTRAL;
    }
    for (int k = 0; k < strand; k += 2 * W) {
        EACH {
            even[r] = both(even[r], vload16(0, x + r * strand + k));
            odd[r] = both(odd[r], vload16(0, x + r * strand + k + W));
        }
    }
    for (int k = FOUR * strand; k < BLOCK; k += W) {
        even[0] = both(even[0], vload16(0, x + k));
    }
    const float16 a = both(both(even[0], odd[0]), both(even[1], odd[1]));
    const float16 b = both(both(even[2], odd[2]), both(even[3], odd[3]));
    return lanes(both(a, b));
}
#else
static inline void columns(Q_GLOBAL const float* from, Q_GLOBAL float* to, float* total, int first, int last, int store) {
    for (int i = first; i < last; i++) {
        const float before = total[i];
        const float next = from[i];
        total[i] = COMBINE(before, next);
        if (store) {
            to[i] = EXCLUSIVE ? before : total[i];
        }
    }
}

static inline void block(Q_GLOBAL const float* x, Q_GLOBAL float* y, size_t o, size_t column, int first, int last, float* total,
                         int store) {
    const int count = (int)min((size_t)TILE, INNER - column);
    int k = first;
#if INNER % W == 0
    for (; store && k + FOUR <= last; k += FOUR) {
        Q_GLOBAL const float* from[FOUR];
        Q_GLOBAL float* to[FOUR];
        EACH {
            from[r] = x + BASE(o, k + r, 1) * INNER + column;
            to[r] = y + BASE(o, k + r, 1) * INNER + column;
        }
        for (int i = 0; i < count; i += W) {
            float16 v[FOUR];
            EACH {
                v[r] = vload16(0, from[r] + i);
            }
            float16 sum = vload16(0, total + i);
            EACH {
                const float16 before = sum;
                sum = both(before, v[r]);
                PUT16(to[r] + i, EXCLUSIVE ? before : sum);
            }
            *(q_float16_anywhere*)(total + i) = sum;
        }
    }
#endif
    for (; k < last; k++) {
        const size_t at = BASE(o, k, 1) * INNER + column;
        Q_GLOBAL const float* from = x + at;
        Q_GLOBAL float* to = y + at;
        Q_GLOBAL const float* next = x + BASE(o, min(k + 1, last - 1), 1) * INNER + column;
        int i = store ? min(BEFORE_LINE(to), count) : 0;
        columns(from, to, total, 0, i, store);
        for (; i + W <= count; i += W) {
            FETCH(next + i);
            const float16 before = vload16(0, total + i);
            const float16 joined = both(before, vload16(0, from + i));
            *(q_float16_anywhere*)(total + i) = joined;
            if (store) {
                PUT16(to + i, EXCLUSIVE ? before : joined);
            }
        }
        columns(from, to, total, i, count, store);
    }
}
#endif

#define LINES_HERE(column) (INNER == 1 ? 1 : min((size_t)TILE, INNER - (column)))

#if BLOCKS > 1
Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void cpu_totals(Q_GLOBAL const float* Q_RESTRICT x, Q_GLOBAL float* Q_RESTRICT partial) {
    const size_t o = Q_GROUP_ID(0) / GROUPS;
    const size_t column = Q_GROUP_ID(0) % GROUPS * TILE;
    const int first = (int)Q_GROUP_ID(1) * BLOCK;
#if INNER == 1
    if (first + BLOCK <= LENGTH) {
        partial[Q_GROUP_ID(1) * LINES + o] = total_of(x + BASE(o, first, BLOCK));
        return;
    }
#endif
    __attribute__((aligned(64))) float total[TILE];
    for (int i = 0; i < TILE; i++) {
        total[i] = NEUTRAL;
    }
    block(x, partial, o, column, first, min(first + BLOCK, LENGTH), total, 0);
    for (size_t i = 0; i < LINES_HERE(column); i++) {
        partial[Q_GROUP_ID(1) * LINES + o * INNER + column + i] = total[i];
    }
}
#endif

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void cpu_scan(Q_GLOBAL const float* Q_RESTRICT x, Q_GLOBAL float* Q_RESTRICT y
#if BLOCKS > 1
              , Q_GLOBAL const float* Q_RESTRICT partial
#endif
              ) {
#if SIDE > 1
    const size_t unit = Q_GROUP_ID(0) * SIDE;
    Q_GLOBAL const float* from[FOUR];
    Q_GLOBAL float* to[FOUR];
    float start[FOUR];
    for (int r = 0; r < FOUR; r++) {
        const size_t line = (unit + r) / BLOCKS;
        const int b = (int)((unit + r) % BLOCKS);
        from[r] = x + BASE(line, b * BLOCK, BLOCK);
        to[r] = y + BASE(line, b * BLOCK, BLOCK);
#if BLOCKS > 1
        start[r] = partial[b * (size_t)LINES + line];
#else
        start[r] = NEUTRAL;
#endif
    }
    four_blocks(from, to, start);
#else
    const size_t o = Q_GROUP_ID(0) / GROUPS;
    const size_t column = Q_GROUP_ID(0) % GROUPS * TILE;
    const int first = (int)Q_GROUP_ID(1) * BLOCK;
    __attribute__((aligned(64))) float total[TILE];
    for (int i = 0; i < TILE; i++) {
        total[i] = NEUTRAL;
    }
#if BLOCKS > 1
    for (size_t i = 0; i < LINES_HERE(column); i++) {
        total[i] = partial[Q_GROUP_ID(1) * LINES + o * INNER + column + i];
    }
#endif
    block(x, y, o, column, first, min(first + BLOCK, LENGTH), total, 1);
#endif
}
