// Purpose: running totals along lines that are longer than the cores are many, in one pass over memory; one work-item one block after the
// other, in the order in which they are taken.
//
//   block u = b + line * BLOCKS: elements b * BLOCK … of a line, in scan order
//   state      ints, in lines of 16: [ next block, … ] [ block 0: known, total before the block behind it, … ] [ block 1: … ] …
//
//   loop       write block u, whose elements are still in the second-level cache        from four places
//              and total the block that was taken last, which comes from memory         from four places
//   then       wait for what is before that block, tell what is before the one behind it
//
// Parameters: those of scan_along.cl; LINES, BLOCK, a multiple of 64, BLOCKS. Where lines are several, LENGTH is a multiple of 16.
// Requirements: groups of one work-item; scan_along.cl; LENGTH at least BLOCK; state is cleared by the kernel clear.
// Adds over vector_cpu: the input comes from memory once, and reading goes on while results are written.
// Determinism: a block's total has one order, and so have the totals before it, since each block waits for the one before. No group
//   waits for one that has not begun: blocks are numbered as they are taken, and who takes a block writes those before it first.

#define UNITS (LINES * BLOCKS)
#define STATE_LINE 16
#define KNOWN(u) (state + ((u) + 1) * STATE_LINE)
#define TOTAL(u) (KNOWN(u) + 1)
#define STRAND (BLOCK / FOUR)

Q_KERNEL void clear(Q_GLOBAL int* Q_RESTRICT state) {
    const size_t i = Q_GLOBAL_ID(0);
    if (i < (size_t)(UNITS + 1) * STATE_LINE) {
        state[i] = 0;
    }
}

static inline int first_of(int u) {
    return u % BLOCKS * BLOCK;
}

static inline int is_whole(int u) {
    return first_of(u) + BLOCK <= LENGTH;
}

// The totals of a block's four quarters; of what is no whole block all in the first of them.
static inline void totals_of(Q_GLOBAL const float* x, int u, float quarters[FOUR]) {
    const size_t o = u / BLOCKS;
    const int first = first_of(u);
    EACH {
        quarters[r] = NEUTRAL;
    }
    if (!is_whole(u)) {
        part_of_line(x, 0, o, first, LENGTH, &quarters[0], 0);
        return;
    }
    float16 sum[FOUR];
    EACH {
        sum[r] = NEUTRAL;
    }
    for (int k = 0; k < STRAND; k += W) {
        EACH {
            Q_GLOBAL const float* p = x + BASE(o, first + r * STRAND + k, W);
            FETCH(p + AHEAD);
            sum[r] = both(sum[r], LOAD16(p));
        }
    }
    EACH {
        quarters[r] = lanes(sum[r]);
    }
}

// Writes a whole block, what is before whose quarters is in before, and totals the quarters of another one.
static inline void write_and_total(Q_GLOBAL const float* x, Q_GLOBAL float* y, int u, const float before[FOUR], int next,
                                   float quarters[FOUR]) {
    Q_GLOBAL const float* from = x + BASE((size_t)(u / BLOCKS), first_of(u), W);
    Q_GLOBAL float* to = y + BASE((size_t)(u / BLOCKS), first_of(u), W);
    Q_GLOBAL const float* ahead = x + BASE((size_t)(next / BLOCKS), first_of(next), W);
    float16 sum[FOUR];
    float16 total[FOUR];
    EACH {
        sum[r] = before[r];
        total[r] = NEUTRAL;
    }
    for (int k = 0; k < STRAND; k += W) {
        float16 v[FOUR];
        float16 w[FOUR];
        EACH {
            const int at = REVERSE ? -(r * STRAND + k) : r * STRAND + k;
            FETCH(ahead + at + AHEAD);
            w[r] = LOAD16(ahead + at);
            v[r] = TURN(LOAD16(from + at));
        }
        EACH {
            const int at = REVERSE ? -(r * STRAND + k) : r * STRAND + k;
            const float16 joined = both(sum[r], within(v[r]));
            const float16 out = result(sum[r], joined);
            PUT16(to + at, TURN(out));
            sum[r] = (float16)(joined.sf);
            total[r] = both(total[r], w[r]);
        }
    }
    EACH {
        quarters[r] = lanes(total[r]);
    }
}

// What is before block u in its line, once it is known.
static inline float before_block(volatile Q_GLOBAL int* state, int u) {
    if (u % BLOCKS == 0) {
        return NEUTRAL;
    }
    while (atomic_or(KNOWN(u - 1), 0) == 0) {
    }
    mem_fence(CLK_GLOBAL_MEM_FENCE);
    return as_float(atomic_or(TOTAL(u - 1), 0));
}

static inline void tell(volatile Q_GLOBAL int* state, int u, float total) {
    atomic_xchg(TOTAL(u), as_int(total));
    mem_fence(CLK_GLOBAL_MEM_FENCE);
    atomic_xchg(KNOWN(u), 1);
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void chained_scan(Q_GLOBAL const float* Q_RESTRICT x, Q_GLOBAL float* Q_RESTRICT y, volatile Q_GLOBAL int* state) {
    int u = atomic_inc(state);
    if (u >= UNITS) {
        return;
    }
    float quarters[FOUR];
    totals_of(x, u, quarters);
    while (u < UNITS) {
        float before[FOUR];
        float total = before_block(state, u);
        EACH {
            before[r] = total;
            total = COMBINE(total, quarters[r]);
        }
        tell(state, u, total);
        const int next = atomic_inc(state);
        if (is_whole(u) && next < UNITS && is_whole(next)) {
            write_and_total(x, y, u, before, next, quarters);
        } else {
            if (is_whole(u)) {
                write_and_total(x, y, u, before, u, quarters);
            } else {
                part_of_line(x, y, u / BLOCKS, first_of(u), LENGTH, &before[0], 1);
            }
            if (next < UNITS) {
                totals_of(x, next, quarters);
            }
        }
        u = next;
    }
}
