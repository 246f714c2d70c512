// Purpose: what the rungs of cross-entropy for CPUs share: how many rows count, and the mean of what the work-items found.
//
// Parameters: ROWS; ITEMS; IGNORED.
// Determinism: the items' sums are added in order.

static inline int rows_kept(Q_GLOBAL const int* labels) {
    int kept = 0;
    for (int row = 0; row < ROWS; row++) {
        kept += labels[row] != IGNORED;
    }
    return kept;
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void mean_loss(Q_GLOBAL const float* Q_RESTRICT sums, Q_GLOBAL const int* Q_RESTRICT labels, Q_GLOBAL float* Q_RESTRICT loss) {
    float sum = 0.0f;
    for (int item = 0; item < ITEMS; item++) {
        sum += sums[item];
    }
    loss[0] = sum / (float)rows_kept(labels);
}
