// Purpose: what a row counts in the mean, and the mean of the rows' losses; one work-group each.
//
//   item l adds up losses l, l + GROUP, l + 2 GROUP, …; a tree joins the items
//
// Parameters: GROUP, a power of two; IGNORED, the label of rows that do not count; argument rows.
// Requirements: groups of GROUP work-items; group_tree.cl in front; GROUP floats of local memory.
// Adds: the second half of the rungs that work on rows independently.
// Determinism: each item's sum runs in order, and the tree over the items is fixed.

// share = 1 / how many rows count; infinity if none does, so that the mean is NaN.
Q_KERNEL Q_REQD_GROUP(GROUP, 1, 1)
void row_share(Q_GLOBAL const int* Q_RESTRICT labels, Q_GLOBAL float* Q_RESTRICT share, int rows) {
    Q_LOCAL float tree[GROUP];
    int kept = 0;
    for (int row = (int)Q_LOCAL_ID(0); row < rows; row += GROUP) {
        kept += labels[row] != IGNORED;
    }
    const float all = group_sum((float)kept, tree);
    if (Q_LOCAL_ID(0) == 0) {
        share[0] = 1.0f / all;
    }
}

Q_KERNEL Q_REQD_GROUP(GROUP, 1, 1)
void mean_loss(Q_GLOBAL const float* Q_RESTRICT losses, Q_GLOBAL const float* Q_RESTRICT share,
               Q_GLOBAL float* Q_RESTRICT loss, int rows) {
    Q_LOCAL float tree[GROUP];
    float sum = 0.0f;
    for (int row = (int)Q_LOCAL_ID(0); row < rows; row += GROUP) {
        sum += losses[row];
    }
    sum = group_sum(sum, tree);
    if (Q_LOCAL_ID(0) == 0) {
        loss[0] = sum * share[0];
    }
}
