// Purpose: sums of rows by index on CPUs; one work-item owns some rows of y, or some columns of all of them.
//
//   group (s, r, o)      columns s * SLICE … of rows r * OWNED … of y[o]: zeros, then + x[o, j, columns] for each j whose
//                        index is one of the rows, in turn
//
// Parameters, all definitions: LENGTH, COUNT, INNER; SLICE, OWNED; IGNORED.
// Requirements: groups of one work-item; an index for each row.
// Adds over column_owner: rows move in vectors that the compiler makes of the inner loops.
// Determinism: a place belongs to one work-item, which adds in the order of j.

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void scatter_add(Q_GLOBAL const float* Q_RESTRICT x, Q_GLOBAL const int* Q_RESTRICT index, Q_GLOBAL float* Q_RESTRICT y) {
    const size_t column = Q_GROUP_ID(0) * SLICE;
    const size_t columns = min((size_t)SLICE, INNER - column);
    const int first = (int)(Q_GROUP_ID(1) * OWNED);
    const int last = (int)min(Q_GROUP_ID(1) * OWNED + OWNED, (size_t)LENGTH);
    Q_GLOBAL float* out = y + Q_GROUP_ID(2) * LENGTH * INNER + column;
    Q_GLOBAL const float* in = x + Q_GROUP_ID(2) * COUNT * INNER + column;
    int wrong = 0;
    for (size_t j = 0; j < COUNT; j++) {
        wrong |= (uint)index[j] >= (uint)LENGTH;
    }
    const float start = wrong ? Q_NAN : 0.0f;
    for (int l = first; l < last; l++) {
        Q_GLOBAL float* row = out + (size_t)l * INNER;
        for (size_t i = 0; i < columns; i++) {
            row[i] = start;
        }
    }
    if (wrong) {
        return;
    }
    for (size_t j = 0; j < COUNT; j++) {
        const int at = index[j];
        if (at >= first && at < last && at != IGNORED) {
            Q_GLOBAL float* row = out + (size_t)at * INNER;
            Q_GLOBAL const float* term = in + j * INNER;
            size_t i = 0;
            for (; i + 16 <= columns; i += 16) {
                vstore16(vload16(0, row + i) + vload16(0, term + i), 0, row + i);
            }
            for (; i < columns; i++) {
                row[i] += term[i];
            }
        }
    }
}
