// Purpose: rows by index on CPUs, eight at a time.
//
//   group t      rows t * PER_ITEM … of y, in blocks of eight; the rows behind the last block one by one
//
// Parameters: those of row_blocks.cl, which stands before; ROWS, PER_ITEM, a multiple of 8; LENGTH, COUNT, INNER, a multiple of 16; POISON.
// Requirements: groups of one work-item; an index for each row.
// Adds over rows_cpu: a block's rows move side by side, and those of the next are asked for meanwhile.
// Determinism: moves bits.

// Row of x that row of y shows, or none.
static inline Q_GLOBAL const WORD* place(Q_GLOBAL const WORD* x, Q_GLOBAL const int* index, size_t row) {
    const int at = index[row % COUNT];
    return at >= 0 && at < LENGTH ? x + (row / COUNT * LENGTH + (size_t)at) * INNER : 0;
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void gather(Q_GLOBAL const WORD* Q_RESTRICT x, Q_GLOBAL const int* Q_RESTRICT index, Q_GLOBAL WORD* Q_RESTRICT y) {
    const size_t first = Q_GROUP_ID(0) * PER_ITEM;
    const size_t last = min(first + PER_ITEM, (size_t)ROWS);
    for (size_t row = first; row < last; row += BLOCK_ROWS) {
        Q_GLOBAL const WORD* from[BLOCK_ROWS];
        Q_GLOBAL const WORD* ahead[BLOCK_ROWS];
        int whole = row + BLOCK_ROWS <= last;
        for (size_t r = 0; r < BLOCK_ROWS && whole; r++) {
            from[r] = place(x, index, row + r);
            ahead[r] = row + BLOCK_ROWS + r < last ? place(x, index, row + BLOCK_ROWS + r) : from[r];
            whole = from[r] != 0;
            ahead[r] = ahead[r] == 0 ? from[r] : ahead[r];
        }
        if (whole) {
            store_rows(y + row * INNER, INNER, from, ahead, INNER);
            continue;
        }
        for (size_t r = row; r < min(row + BLOCK_ROWS, last); r++) {
            Q_GLOBAL const WORD* source = place(x, index, r);
            if (source == 0) {
                fill_run(y + r * INNER, INNER, POISON);
            } else {
                copy_run(y + r * INNER, source, INNER);
            }
        }
    }
}
