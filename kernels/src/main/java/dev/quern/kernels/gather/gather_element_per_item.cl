// Purpose: elements by index; one work-item an element of y.
//
//   item e = (o, j, i)      y[o, j, i] = x[o, index, i], index = index[j] or, with PER_ELEMENT, index[o, j, i]
//
// Parameters: WORD, the unsigned type of an element; POISON, its value for wrong indices; LENGTH, COUNT, INNER, ELEMENTS (of y);
//   PER_ELEMENT; EPILOGUE, whether there is one (of F32).
// Requirements: groups of 128.
// Adds: the bottom of the ladder; on a GPU neighbouring items read neighbouring elements of a row.
// Determinism: moves bits.

Q_KERNEL void gather(Q_GLOBAL const WORD* Q_RESTRICT x, Q_GLOBAL const int* Q_RESTRICT index,
                     Q_GLOBAL WORD* Q_RESTRICT y Q_EPILOGUE_PARAMETERS) {
    const size_t e = Q_GLOBAL_ID(0);
    if (e >= ELEMENTS) {
        return;
    }
    const size_t row = e / INNER;
    const int at = index[PER_ELEMENT ? e : row % COUNT];
    const int known = at >= 0 && at < LENGTH;
    const size_t from = (row / COUNT * LENGTH + (size_t)(known ? at : 0)) * INNER + e % INNER;
#if EPILOGUE
    ((Q_GLOBAL float*)y)[e] = q_epilogue(known ? ((Q_GLOBAL const float*)x)[from] : Q_NAN, e Q_EPILOGUE_ARGUMENTS);
#else
    y[e] = known ? x[from] : POISON;
#endif
}
