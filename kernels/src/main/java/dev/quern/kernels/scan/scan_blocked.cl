// Purpose: running totals along an axis, with lines cut into blocks.
//
//   line (o, i), elements k of LENGTH, INNER apart       block b = elements b * BLOCK … of a line, counted from its end with REVERSE
//
//   totals    item (line, b)   partial[b][line] = total of the block              BLOCKS > 1 only
//   carry     item line        partial[b][line] = total of all blocks before b    BLOCKS > 1 only
//   scan      item (line, b)   y = running total of the block, from its carry on
//
// Parameters, all of them definitions: LINES, LENGTH, INNER, BLOCK, BLOCKS; EXCLUSIVE, REVERSE; COMBINE(a, b) and NEUTRAL, macros
//   of the operation.
// Requirements: none.
// Adds: with one block the bottom of the ladder; with several, work-items for long lines that are few.
// Determinism: elements of a block are joined in order by one work-item, and blocks in order.

#define PLACE(line, k) ((line) / INNER * ((size_t)LENGTH * INNER) + (line) % INNER \
                        + (size_t)(REVERSE ? LENGTH - 1 - (k) : (k)) * INNER)

Q_KERNEL void totals(Q_GLOBAL const float* Q_RESTRICT x, Q_GLOBAL float* Q_RESTRICT partial) {
    const size_t item = Q_GLOBAL_ID(0);
    if (item >= (size_t)LINES * BLOCKS) {
        return;
    }
    const size_t line = item % LINES;
    const int first = (int)(item / LINES) * BLOCK;
    float total = NEUTRAL;
    for (int k = first; k < Q_IMIN(first + BLOCK, LENGTH); k++) {
        const float next = x[PLACE(line, k)];
        total = COMBINE(total, next);
    }
    partial[item] = total;
}

Q_KERNEL void carry(Q_GLOBAL float* partial) {
    const size_t line = Q_GLOBAL_ID(0);
    if (line >= LINES) {
        return;
    }
    float total = NEUTRAL;
    for (size_t b = 0; b < BLOCKS; b++) {
        const float next = partial[b * LINES + line];
        partial[b * LINES + line] = total;
        total = COMBINE(total, next);
    }
}

Q_KERNEL void scan(Q_GLOBAL const float* Q_RESTRICT x, Q_GLOBAL float* Q_RESTRICT y
#if BLOCKS > 1
                   , Q_GLOBAL const float* Q_RESTRICT partial
#endif
                   ) {
    const size_t item = Q_GLOBAL_ID(0);
    if (item >= (size_t)LINES * BLOCKS) {
        return;
    }
    const size_t line = item % LINES;
    const int first = (int)(item / LINES) * BLOCK;
#if BLOCKS > 1
    float total = partial[item];
#else
    float total = NEUTRAL;
#endif
    for (int k = first; k < Q_IMIN(first + BLOCK, LENGTH); k++) {
        const size_t at = PLACE(line, k);
        const float next = x[at];
        const float joined = COMBINE(total, next);
        y[at] = EXCLUSIVE ? total : joined;
        total = joined;
    }
}
