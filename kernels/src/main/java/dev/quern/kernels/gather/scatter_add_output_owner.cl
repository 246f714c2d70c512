// Purpose: sums by index; one work-item an element of y.
//
//   item e = (o, l, i)      y[o, l, i] = sum of x[o, j, i] over the j whose index is l
//
// Parameters: LENGTH, COUNT, INNER, ELEMENTS (of y); PER_ELEMENT; IGNORED.
// Requirements: none.
// Adds: the bottom of the ladder; every item goes through all indices.
// Determinism: terms are added in the order of j by one work-item.

Q_KERNEL void scatter_add(Q_GLOBAL const float* Q_RESTRICT x, Q_GLOBAL const int* Q_RESTRICT index, Q_GLOBAL float* Q_RESTRICT y) {
    const size_t e = Q_GLOBAL_ID(0);
    if (e >= ELEMENTS) {
        return;
    }
    const size_t i = e % INNER;
    const int l = (int)(e / INNER % LENGTH);
    const size_t first = e / INNER / LENGTH * COUNT;
    float sum = 0.0f;
    int wrong = 0;
    for (size_t j = 0; j < COUNT; j++) {
        const size_t term = (first + j) * INNER + i;
        const int at = index[PER_ELEMENT ? term : j];
        wrong |= at < 0 || at >= (int)LENGTH;
        if (at == l && at != IGNORED) {
            sum += x[term];
        }
    }
    y[e] = wrong ? Q_NAN : sum;
}
