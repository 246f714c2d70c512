// Purpose: running totals along an axis on CPUs; one work-item a block of a line, or of 16 lines side by side.
//
//   INNER = 1: vectors along the axis, totalled within the register     group (o, b)
//   INNER > 1: 16 neighbouring lines in the lanes                        group (o * GROUPS + g, b)
//
// Parameters: those of scan_blocked.cl, and GROUPS, vectors of lines in a row of INNER.
// Requirements: groups of one work-item; carry of scan_blocked.cl, where partial[b][line] are the blocks' totals.
// Adds over blocked: vectors; within one, four steps total 16 neighbours.
// Determinism: fixed order.

#define W 16
#if REVERSE
#define BASE(o, k, n) ((o) * LENGTH + (LENGTH - (k) - (n)))
#define TURN(v) ((v).sfedcba9876543210)
#else
#define BASE(o, k, n) ((o) * LENGTH + (k))
#define TURN(v) (v)
#endif

static inline float16 both(float16 a, float16 b) {
    return COMBINE(a, b);
}

static inline void block(Q_GLOBAL const float* x, Q_GLOBAL float* y, size_t o, size_t column, int first, int last, float* total,
                         int store) {
#if INNER == 1
    float16 sum = (float16)(*total);
    int k = first;
    for (; k + W <= last; k += W) {
        float16 v = TURN(vload16(0, x + BASE(o, k, W)));
        if (store) {
            v = both((float16)((float4)(NEUTRAL, v.s012), v.s3456, v.s789a, v.sbcde), v);
            v = both((float16)((float2)(NEUTRAL), v.s01, v.s2345, v.s6789, v.sabcd), v);
            v = both((float16)((float4)(NEUTRAL), v.s0123, v.s4567, v.s89ab), v);
            v = both((float16)((float8)(NEUTRAL), v.s01234567), v);
            const float16 joined = both(sum, v);
#if EXCLUSIVE
            const float16 out = (float16)(sum.s0, joined.s0123, joined.s4567, joined.s89ab, joined.scd, joined.se);
#else
            const float16 out = joined;
#endif
            vstore16(TURN(out), 0, y + BASE(o, k, W));
            sum = (float16)(joined.sf);
        } else {
            const float8 a = COMBINE(v.lo, v.hi);
            const float4 b = COMBINE(a.lo, a.hi);
            const float2 c = COMBINE(b.lo, b.hi);
            const float d = COMBINE(c.x, c.y);
            sum = both(sum, (float16)(d));
        }
    }
    float one = sum.s0;
    for (; k < last; k++) {
        const size_t at = BASE(o, k, 1);
        const float next = x[at];
        const float joined = COMBINE(one, next);
        if (store) {
            y[at] = EXCLUSIVE ? one : joined;
        }
        one = joined;
    }
    *total = one;
#else
    if (column + W <= INNER) {
        float16 sum = vload16(0, total);
        for (int k = first; k < last; k++) {
            const size_t at = BASE(o, k, 1) * INNER + column;
            const float16 next = vload16(0, x + at);
            const float16 joined = both(sum, next);
            if (store) {
                vstore16(EXCLUSIVE ? sum : joined, 0, y + at);
            }
            sum = joined;
        }
        vstore16(sum, 0, total);
        return;
    }
    for (size_t i = column; i < INNER; i++) {
        float sum = total[i - column];
        for (int k = first; k < last; k++) {
            const size_t at = BASE(o, k, 1) * INNER + i;
            const float next = x[at];
            const float joined = COMBINE(sum, next);
            if (store) {
                y[at] = EXCLUSIVE ? sum : joined;
            }
            sum = joined;
        }
        total[i - column] = sum;
    }
#endif
}

#define LINES_HERE(column) (INNER == 1 ? 1 : min((size_t)W, INNER - (column)))

#if BLOCKS > 1
Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void cpu_totals(Q_GLOBAL const float* Q_RESTRICT x, Q_GLOBAL float* Q_RESTRICT partial) {
    const size_t o = Q_GROUP_ID(0) / GROUPS;
    const size_t column = Q_GROUP_ID(0) % GROUPS * W;
    const int first = (int)Q_GROUP_ID(1) * BLOCK;
    float total[W];
    for (int i = 0; i < W; i++) {
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
    const size_t o = Q_GROUP_ID(0) / GROUPS;
    const size_t column = Q_GROUP_ID(0) % GROUPS * W;
    const int first = (int)Q_GROUP_ID(1) * BLOCK;
    float total[W];
    for (int i = 0; i < W; i++) {
        total[i] = NEUTRAL;
    }
#if BLOCKS > 1
    for (size_t i = 0; i < LINES_HERE(column); i++) {
        total[i] = partial[Q_GROUP_ID(1) * LINES + o * INNER + column + i];
    }
#endif
    block(x, y, o, column, first, min(first + BLOCK, LENGTH), total, 1);
}
