// Purpose: softmax, or its logarithm, of [outer, axis, inner] along the axis; one work-item a row.
//
//   item row = outer index * inner + inner index      element i of the row: x[(row / inner) * axis * inner + row % inner + i * inner]
//
// Parameters: LOG 0 or 1; arguments rows = outer * inner, axis and inner, each at least 1.
//   X_T, X_LOAD, X_STORE for the storage of the tensors.
// Requirements: none.
// Adds: the bottom of the ladder: three walks along the row, for the largest value, the sum and the result.
// Determinism: each sum runs in the order of the row, in one work-item.

Q_KERNEL void softmax(Q_GLOBAL const X_T* Q_RESTRICT x, Q_GLOBAL X_T* Q_RESTRICT y, int rows, int axis, int inner) {
    const int row = (int)Q_GLOBAL_ID(0);
    if (row >= rows) {
        return;
    }
    const size_t first = (size_t)(row / inner) * axis * inner + row % inner;
    float largest = -Q_INFINITY;
    for (int i = 0; i < axis; i++) {
        largest = Q_MAX(largest, X_LOAD(x, first + (size_t)i * inner));
    }
    float sum = 0.0f;
    for (int i = 0; i < axis; i++) {
        sum += Q_EXP(X_LOAD(x, first + (size_t)i * inner) - largest);
    }
#if LOG
    const float log_sum = Q_LOG(sum);
#else
    const float factor = 1.0f / sum;
#endif
    for (int i = 0; i < axis; i++) {
        const float shifted = X_LOAD(x, first + (size_t)i * inner) - largest;
#if LOG
        X_STORE(y, first + (size_t)i * inner, shifted - log_sum);
#else
        X_STORE(y, first + (size_t)i * inner, Q_EXP(shifted) * factor);
#endif
    }
}
