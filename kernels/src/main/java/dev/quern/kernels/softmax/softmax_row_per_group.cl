// Purpose: softmax, or its logarithm, of [outer, axis, inner] along the axis; one work-group a row.
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
void softmax(Q_GLOBAL const X_T* Q_RESTRICT x, Q_GLOBAL X_T* Q_RESTRICT y, int axis, int inner) {
    Q_LOCAL float tree[GROUP];
    const int row = (int)Q_GROUP_ID(0);
    const int item = (int)Q_LOCAL_ID(0);
    const size_t first = (size_t)(row / inner) * axis * inner + row % inner;
    float largest = -Q_INFINITY;
    for (int i = item; i < axis; i += GROUP) {
        largest = Q_MAX(largest, X_LOAD(x, first + (size_t)i * inner));
    }
    largest = group_max(largest, tree);
    float sum = 0.0f;
    for (int i = item; i < axis; i += GROUP) {
        sum += Q_EXP(X_LOAD(x, first + (size_t)i * inner) - largest);
    }
    sum = group_sum(sum, tree);
#if LOG
    const float log_sum = Q_LOG(sum);
#else
    const float factor = 1.0f / sum;
#endif
    for (int i = item; i < axis; i += GROUP) {
        const float shifted = X_LOAD(x, first + (size_t)i * inner) - largest;
#if LOG
        X_STORE(y, first + (size_t)i * inner, shifted - log_sum);
#else
        X_STORE(y, first + (size_t)i * inner, Q_EXP(shifted) * factor);
#endif
    }
}
