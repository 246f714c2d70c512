// Purpose: the gradient of softmax, or of its logarithm, along the axis of [outer, axis, inner]; one work-item a row.
//
//   item row = outer index * inner + inner index      element i of the row: at (row / inner) * axis * inner + row % inner + i * inner
//
// Parameters: LOG 0 or 1; arguments rows = outer * inner, axis and inner, each at least 1.
//   X_T, X_LOAD, X_STORE for the storage of the tensors.
// Requirements: none.
// Adds: the bottom of the ladder: two walks along the row, for the sum and the result.
// Determinism: each sum runs in the order of the row, in one work-item.

Q_KERNEL void softmax_backward(Q_GLOBAL const X_T* Q_RESTRICT y, Q_GLOBAL const X_T* Q_RESTRICT dy,
                               Q_GLOBAL X_T* Q_RESTRICT dx, int rows, int axis, int inner) {
    const int row = (int)Q_GLOBAL_ID(0);
    if (row >= rows) {
        return;
    }
    const size_t first = (size_t)(row / inner) * axis * inner + row % inner;
    float sum = 0.0f;
    for (int i = 0; i < axis; i++) {
        const size_t at = first + (size_t)i * inner;
        sum += LOG ? X_LOAD(dy, at) : X_LOAD(y, at) * X_LOAD(dy, at);
    }
    for (int i = 0; i < axis; i++) {
        const size_t at = first + (size_t)i * inner;
        X_STORE(dx, at, LOG ? X_LOAD(dy, at) - Q_EXP(X_LOAD(y, at)) * sum : X_LOAD(y, at) * (X_LOAD(dy, at) - sum));
    }
}
