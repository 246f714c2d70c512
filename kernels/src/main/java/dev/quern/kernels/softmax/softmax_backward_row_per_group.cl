// Purpose: the gradient of softmax, or of its logarithm, along the axis of [outer, axis, inner]; one work-group a row.
//
//   group row = outer index * inner + inner index      item l owns elements l, l + GROUP, l + 2 GROUP, … of the row
//
// Parameters: LOG 0 or 1; GROUP, a power of two; arguments axis and inner.
//   X_T, X_LOAD, X_STORE for the storage of the tensors.
// Requirements: groups of GROUP work-items; group_tree.cl in front; GROUP floats of local memory.
// Adds over row_per_item: long rows are shared by a whole group, and for inner = 1 neighbouring items read neighbouring
//   elements.
// Determinism: each item's sum runs in order, and the tree over the items is fixed.

Q_KERNEL Q_REQD_GROUP(GROUP, 1, 1)
void softmax_backward(Q_GLOBAL const X_T* Q_RESTRICT y, Q_GLOBAL const X_T* Q_RESTRICT dy,
                      Q_GLOBAL X_T* Q_RESTRICT dx, int axis, int inner) {
    Q_LOCAL float tree[GROUP];
    const int row = (int)Q_GROUP_ID(0);
    const int item = (int)Q_LOCAL_ID(0);
    const size_t first = (size_t)(row / inner) * axis * inner + row % inner;
    float sum = 0.0f;
    for (int i = item; i < axis; i += GROUP) {
        const size_t at = first + (size_t)i * inner;
        sum += LOG ? X_LOAD(dy, at) : X_LOAD(y, at) * X_LOAD(dy, at);
    }
    sum = group_sum(sum, tree);
    for (int i = item; i < axis; i += GROUP) {
        const size_t at = first + (size_t)i * inner;
        X_STORE(dx, at, LOG ? X_LOAD(dy, at) - Q_EXP(X_LOAD(y, at)) * sum : X_LOAD(y, at) * (X_LOAD(dy, at) - sum));
    }
}
