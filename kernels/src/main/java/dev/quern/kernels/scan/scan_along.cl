// Purpose: what kernels that scan along the axis in vectors share: a part of one line.
//
//   scan order     k = 0 … LENGTH - 1, from the line's end on with REVERSE; a vector in registers is in scan order (TURN)
//
// Parameters: LENGTH, EXCLUSIVE, REVERSE, COMBINE(a, b), NEUTRAL as scan_blocked.cl has them; STREAM, whether results go past the caches
//   (they are then stored in whole vectors of cache lines, and what is before and behind one by one).
// Requirements: FETCH of fetch.cl; clang's vector shuffles and, with STREAM, its non-temporal stores.
// Adds: nothing by itself.
// Determinism: fixed order.

#define W 16
#if REVERSE
#define BASE(o, k, n) ((o) * LENGTH + (LENGTH - (k) - (n)))
#define TURN(v) ((v).sfedcba9876543210)
#else
#define BASE(o, k, n) ((o) * LENGTH + (k))
#define TURN(v) (v)
#endif
// PoCL 3.1 splits vload16 and vstore16 into several; through this type they stay one.
typedef float q_float16_anywhere __attribute__((ext_vector_type(16), aligned(4)));
#define LOAD16(p) (*(Q_GLOBAL const q_float16_anywhere*)(p))
#if STREAM
#define PUT16(p, v) __builtin_nontemporal_store(v, (Q_GLOBAL float16*)(p))
#define BEFORE_LINE(p) ((int)(16 - (size_t)(p) / 4 % 16) % 16)
#define BEHIND_LINE(p) ((int)((size_t)(p) / 4 % 16))
#else
#define PUT16(p, v) (*(Q_GLOBAL q_float16_anywhere*)(p) = (v))
#define BEFORE_LINE(p) 0
#define BEHIND_LINE(p) 0
#endif

// Elements in scan order, from the one at p on, until whole lines begin.
#define HEAD(p) (REVERSE ? BEHIND_LINE(p) : BEFORE_LINE(p))
// Elements ahead in the order of the scan: what a core reads while a line is on its way.
#define AHEAD (REVERSE ? -512 : 512)
// How many places of memory a work-item goes on from side by side, so that more lines are under way.
#define FOUR 4
#define EACH _Pragma("unroll") for (int r = 0; r < FOUR; r++)

static inline float16 both(float16 a, float16 b) {
    return COMBINE(a, b);
}

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

// Elements k of [first, last) of line o, with what was before them in total, which becomes what is before those behind.
static inline void part_of_line(Q_GLOBAL const float* x, Q_GLOBAL float* y, size_t o, int first, int last, float* total, int store) {
    const int ahead = HEAD(y + BASE(o, first, 0));
    int k = store ? min(first + ahead, last) : first;
    float16 sum = scalars(x, y, o, first, k, *total, store);
    for (; k + W <= last; k += W) {
        FETCH(x + BASE(o, k, W) + AHEAD);
        const float16 v = TURN(LOAD16(x + BASE(o, k, W)));
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

// So many vectors of four lines, or parts of them, side by side: the first one at from[r], with what was before it in total[r], which becomes
// what is before those behind.
static inline void side_by_side(Q_GLOBAL const float* from[FOUR], Q_GLOBAL float* to[FOUR], float total[FOUR], int vectors) {
    float16 sum[FOUR];
    EACH {
        sum[r] = total[r];
    }
    for (int k = 0; k < vectors * W; k += W) {
        const int at = REVERSE ? -k : k;
        float16 v[FOUR];
        EACH {
            FETCH(from[r] + at + AHEAD);
            v[r] = TURN(LOAD16(from[r] + at));
        }
        EACH {
            const float16 joined = both(sum[r], within(v[r]));
            const float16 out = result(sum[r], joined);
            PUT16(to[r] + at, TURN(out));
            sum[r] = (float16)(joined.sf);
        }
    }
    EACH {
        total[r] = sum[r].s0;
    }
}
