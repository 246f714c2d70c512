// Purpose: running totals along an axis on CPUs; one work-item a block of a line, or of TILE lines side by side.
//
//   INNER = 1: vectors along the axis, totalled within the register           group (o, b); with SIDE, of four neighbours of them;
//              with RUN, of 4 RUN whole lines, of which four go side by side
//   INNER > 1: TILE neighbouring lines, whose totals lie in the first-level   group (o * GROUPS + g, b)
//              cache while rows go by in order, four at a time where they lie on multiples of a vector or of half of one
//
// Parameters: those of scan_blocked.cl; SIDE, blocks that go side by side, 1, or 4 where INNER = 1, LENGTH is a multiple of BLOCK, BLOCK
//   of 16, and blocks are a multiple of 4; RUN, lines that follow each other at each of four places, or 0; GROUPS, tiles in a row of INNER;
//   TILE, at least 16 (1 with INNER = 1); STREAM as scan_along.cl has it.
// Requirements: groups of one work-item; scan_along.cl; carry of scan_blocked.cl, where partial[b][line] are the blocks' totals.
// Adds over blocked: vectors; within one, four steps total 16 neighbours. Four places at once have more lines under way.
// Determinism: fixed order.

#if INNER == 1
#if RUN > 0
#define VECTORS (LENGTH < 2 * W ? 0 : (LENGTH - W + 1) / W)
// Four whole lines, RUN lines apart, whose vectors begin where those of their results fill lines of the caches.
static inline void four_lines(Q_GLOBAL const float* x, Q_GLOBAL float* y, size_t line) {
    Q_GLOBAL const float* from[FOUR];
    Q_GLOBAL float* to[FOUR];
    float total[FOUR];
    int k[FOUR];
    for (int r = 0; r < FOUR; r++) {
        const size_t o = line + r * RUN;
        k[r] = VECTORS > 0 ? HEAD(y + BASE(o, 0, 0)) : 0;
        total[r] = scalars(x, y, o, 0, k[r], NEUTRAL, 1);
        from[r] = x + BASE(o, k[r], W);
        to[r] = y + BASE(o, k[r], W);
    }
    side_by_side(from, to, total, VECTORS);
    for (int r = 0; r < FOUR; r++) {
        part_of_line(x, y, line + r * RUN, k[r] + VECTORS * W, LENGTH, &total[r], 1);
    }
}
#endif

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
            even[r] = both(even[r], LOAD16(x + r * strand + k));
            odd[r] = both(odd[r], LOAD16(x + r * strand + k + W));
        }
    }
    for (int k = FOUR * strand; k < BLOCK; k += W) {
        even[0] = both(even[0], LOAD16(x + k));
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

#if STREAM && INNER % W == W / 2 && LENGTH % FOUR == 0 && BLOCKS == 1
#define HALF_LINES 1
#define WHOLE(r) ((r) % 2 == REVERSE)
typedef float q_float8_anywhere __attribute__((ext_vector_type(8), aligned(4)));

// Half a vector of four rows at a column: results, and the total behind them.
static inline void half_of_rows(Q_GLOBAL const float* from[FOUR], size_t column, float8* total, float8 out[FOUR]) {
    EACH {
        const float8 before = *total;
        *total = COMBINE(before, *(Q_GLOBAL const q_float8_anywhere*)(from[r] + column));
        out[r] = EXCLUSIVE ? before : *total;
    }
}

// A tile of columns where every other row begins in the middle of a line of the caches. Only whole lines are stored: vectors of such a row lie
// half a vector before those of the others, and each is joined from two. What a tile lacks for its first one it computes too: the end
// of the row before for the first tile, which stores the lines that two rows share, else the half vector before the tile.
static inline void half_lines(Q_GLOBAL const float* x, Q_GLOBAL float* y, size_t o, size_t column, float* total) {
    const int begins = column == 0;
    const int ends = column + TILE >= INNER;
    const int count = (int)min((size_t)TILE, INNER - W / 2 - column);
    float8 side = NEUTRAL;
    float8 tail = NEUTRAL;
    for (int k = 0; k < LENGTH; k += FOUR) {
        Q_GLOBAL const float* from[FOUR];
        Q_GLOBAL float* to[FOUR];
        float8 out[FOUR];
        float8 left[FOUR];
        EACH {
            from[r] = x + BASE(o, k + r, 1) * INNER;
            to[r] = y + BASE(o, k + r, 1) * INNER;
        }
        half_of_rows(from, begins ? INNER - W / 2 : column - W / 2, &side, out);
        EACH {
            left[r] = out[begins ? r ^ 1 : r];
        }
        for (size_t i = column; i < column + count; i += W) {
            float16 v[FOUR];
            EACH {
                FETCH(from[r] + (REVERSE ? -FOUR : FOUR) * INNER + i);
                v[r] = LOAD16(from[r] + i);
            }
            float16 sum = *(const q_float16_anywhere*)(total + (i - column));
            EACH {
                const float16 before = sum;
                sum = both(before, v[r]);
                const float16 result = EXCLUSIVE ? before : sum;
                if (WHOLE(r)) {
                    PUT16(to[r] + i, result);
                } else {
                    PUT16(to[r] + i - W / 2, (float16)(left[r], result.lo));
                    left[r] = result.hi;
                }
            }
            *(q_float16_anywhere*)(total + (i - column)) = sum;
        }
        if (ends) {
            if (!begins) {
                half_of_rows(from, INNER - W / 2, &tail, out);
            }
            EACH {
                if (!WHOLE(r)) {
                    PUT16(to[r] + INNER - W, (float16)(left[r], out[r]));
                }
            }
        }
    }
}
#endif

static inline void tile(Q_GLOBAL const float* x, Q_GLOBAL float* y, size_t o, size_t column, int first, int last, float* total,
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
                v[r] = LOAD16(from[r] + i);
            }
            float16 sum = *(const q_float16_anywhere*)(total + i);
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
            const float16 before = *(const q_float16_anywhere*)(total + i);
            const float16 joined = both(before, LOAD16(from + i));
            *(q_float16_anywhere*)(total + i) = joined;
            if (store) {
                PUT16(to + i, EXCLUSIVE ? before : joined);
            }
        }
        columns(from, to, total, i, count, store);
    }
}
#endif

#if INNER == 1
#define SCAN(x, y, o, column, first, last, total, store) part_of_line(x, y, o, first, last, total, store)
#else
#define SCAN(x, y, o, column, first, last, total, store) tile(x, y, o, column, first, last, total, store)
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
    SCAN(x, partial, o, column, first, min(first + BLOCK, LENGTH), total, 0);
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
        from[r] = x + BASE(line, b * BLOCK, W);
        to[r] = y + BASE(line, b * BLOCK, W);
#if BLOCKS > 1
        start[r] = partial[b * (size_t)LINES + line];
#else
        start[r] = NEUTRAL;
#endif
    }
    side_by_side(from, to, start, BLOCK / W);
#elif RUN > 0
    const size_t first = Q_GROUP_ID(0) * (FOUR * RUN);
    if (first + FOUR * RUN <= LINES) {
        for (int i = 0; i < RUN; i++) {
            four_lines(x, y, first + i);
        }
    } else {
        for (size_t line = first; line < LINES; line++) {
            float total = NEUTRAL;
            part_of_line(x, y, line, 0, LENGTH, &total, 1);
        }
    }
#else
    const size_t o = Q_GROUP_ID(0) / GROUPS;
    const size_t column = Q_GROUP_ID(0) % GROUPS * TILE;
    const int first = (int)Q_GROUP_ID(1) * BLOCK;
    __attribute__((aligned(64))) float total[TILE];
    for (int i = 0; i < TILE; i++) {
        total[i] = NEUTRAL;
    }
#ifdef HALF_LINES
    half_lines(x, y, o, column, total);
    return;
#endif
#if BLOCKS > 1
    for (size_t i = 0; i < LINES_HERE(column); i++) {
        total[i] = partial[Q_GROUP_ID(1) * LINES + o * INNER + column + i];
    }
#endif
    SCAN(x, y, o, column, first, min(first + BLOCK, LENGTH), total, 1);
#endif
}
