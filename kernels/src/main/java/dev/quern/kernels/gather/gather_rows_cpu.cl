// Purpose: rows by index on CPUs; one work-item a run of rows of y.
//
//   group t      rows t * PER_ITEM … of y, each INNER words copied in vectors
//
// Parameters: those of copy_rows_cpu.cl, which stands before; ROWS, PER_ITEM, LENGTH, COUNT, INNER; POISON; EPILOGUE, whether there is
//   one (of F32), and W, the width of its vector form or 1.
// Requirements: groups of one work-item; an index for each row.
// Adds over element_per_item: an index is read once a row, and rows move in vectors.
// Determinism: moves bits; an epilogue is computed once an element.

#if EPILOGUE
// A row from element e of y on; NaN where there is none in x.
static inline void finish_run(Q_GLOBAL float* y, Q_GLOBAL const float* x, int known, size_t e Q_EPILOGUE_PARAMETERS) {
    size_t i = 0;
#if W > 1
    for (; i + W <= INNER; i += W) {
        const Q_JOIN(float, W) v = known ? Q_JOIN(vload, W)(0, x + i) : (Q_JOIN(float, W))(NAN);
        Q_JOIN(vstore, W)(Q_JOIN(q_epilogue, W)(v, e + i Q_EPILOGUE_ARGUMENTS), 0, y + i);
    }
#endif
    for (; i < INNER; i++) {
        y[i] = q_epilogue(known ? x[i] : NAN, e + i Q_EPILOGUE_ARGUMENTS);
    }
}
#endif

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void gather(Q_GLOBAL const WORD* Q_RESTRICT x, Q_GLOBAL const int* Q_RESTRICT index,
            Q_GLOBAL WORD* Q_RESTRICT y Q_EPILOGUE_PARAMETERS) {
    const size_t first = Q_GROUP_ID(0) * PER_ITEM;
    const size_t last = min(first + PER_ITEM, (size_t)ROWS);
    for (size_t row = first; row < last; row++) {
        const int at = index[row % COUNT];
        // The next row is nowhere near this one: the processor cannot foresee it, but its index is known.
        const int next = row + 1 < last ? index[(row + 1) % COUNT] : -1;
        if (next >= 0 && next < LENGTH) {
            Q_GLOBAL const WORD* ahead = x + ((row + 1) / COUNT * LENGTH + (size_t)next) * INNER;
            for (size_t i = 0; i < min((size_t)INNER, (size_t)(2048 / WORD_BYTES)); i += 64 / WORD_BYTES) {
                FETCH(ahead + i);
            }
        }
#if EPILOGUE
        const int known = at >= 0 && at < LENGTH;
        Q_GLOBAL const float* from = (Q_GLOBAL const float*)x + (row / COUNT * LENGTH + (size_t)(known ? at : 0)) * INNER;
        finish_run((Q_GLOBAL float*)y + row * INNER, from, known, row * INNER Q_EPILOGUE_ARGUMENTS);
#else
        if (at >= 0 && at < LENGTH) {
            copy_run(y + row * INNER, x + (row / COUNT * LENGTH + (size_t)at) * INNER, INNER);
        } else {
            fill_run(y + row * INNER, INNER, POISON);
        }
#endif
    }
}
