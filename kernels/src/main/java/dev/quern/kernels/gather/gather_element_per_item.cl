// Purpose: elements by index; one work-item an element of y.
//
//   item e = (o, j, i)      y[o, j, i] = x[o, index, i], index = index[j] or, with PER_ELEMENT, index[o, j, i]
//
// Parameters: WORD, the unsigned type of an element; POISON, its value for wrong indices; LENGTH, COUNT, INNER, ELEMENTS (of y);
//   PER_ELEMENT.
// Requirements: groups of 128.
// Adds: the bottom of the ladder; on a GPU neighbouring items read neighbouring elements of a row.
// Determinism: moves bits.

Q_KERNEL void gather(Q_GLOBAL const WORD* Q_RESTRICT x, Q_GLOBAL const int* Q_RESTRICT index, Q_GLOBAL WORD* Q_RESTRICT y) {
    const size_t e = Q_GLOBAL_ID(0);
    if (e >= ELEMENTS) {
        return;
    }
    const size_t row = e / INNER;
    const int at = index[PER_ELEMENT ? e : row % COUNT];
    y[e] = at >= 0 && at < LENGTH ? x[(row / COUNT * LENGTH + (size_t)at) * INNER + e % INNER] : POISON;
}
