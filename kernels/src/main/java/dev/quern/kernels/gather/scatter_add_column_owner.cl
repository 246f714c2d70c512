// Purpose: sums by index; one work-item a column of y.
//
//   item c = (o, i)      y[o, :, i] = 0, then y[o, index, i] += x[o, j, i] for each j in turn
//
// Parameters: LENGTH, COUNT, INNER, COLUMNS (outer * inner); PER_ELEMENT; IGNORED.
// Requirements: none.
// Adds over output_owner: every term is read once.
// Determinism: a column belongs to one work-item, which adds in the order of j.

Q_KERNEL void scatter_add(Q_GLOBAL const float* Q_RESTRICT x, Q_GLOBAL const int* Q_RESTRICT index, Q_GLOBAL float* Q_RESTRICT y) {
    const size_t c = Q_GLOBAL_ID(0);
    if (c >= COLUMNS) {
        return;
    }
    const size_t i = c % INNER;
    const size_t o = c / INNER;
    int wrong = 0;
    for (size_t j = 0; j < COUNT; j++) {
        const int at = index[PER_ELEMENT ? (o * COUNT + j) * INNER + i : j];
        wrong |= at < 0 || at >= (int)LENGTH;
    }
    for (size_t l = 0; l < LENGTH; l++) {
        y[(o * LENGTH + l) * INNER + i] = wrong ? Q_NAN : 0.0f;
    }
    for (size_t j = 0; j < COUNT && !wrong; j++) {
        const size_t term = (o * COUNT + j) * INNER + i;
        const int at = index[PER_ELEMENT ? term : j];
        if (at != IGNORED) {
            y[(o * LENGTH + (size_t)at) * INNER + i] += x[term];
        }
    }
}
