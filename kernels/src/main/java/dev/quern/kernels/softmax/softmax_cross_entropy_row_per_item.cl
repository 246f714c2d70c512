// Purpose: each row's cross-entropy of softmax, and its gradient; one work-item a row.
//
//   item row      losses[row], gradient[row][0 .. classes - 1]
//
// A row whose label is IGNORED has no loss and no gradient; share is 1 / how many rows count.
// With s the label smoothing and z = logits - max: loss = log(sum exp z) - (1 - s) z[label] - s / classes * sum z.
//
// Parameters: GRADIENT 0 or 1; ON = 1 - s and OFF = s / classes, floats; SMOOTH whether s > 0; IGNORED;
//   X_T, X_LOAD, X_STORE for the storage of logits and gradient; arguments rows, classes.
// Requirements: group_tree.cl and cross_entropy_mean.cl in front, whose kernel takes the mean of the losses.
// Adds: the bottom of the ladder. A label that is no class is never used as an index; it makes the row's results NaN.
// Determinism: each sum runs in the order of the row, in one work-item.

Q_KERNEL void row_losses(Q_GLOBAL const X_T* Q_RESTRICT logits, Q_GLOBAL const int* Q_RESTRICT labels,
                         Q_GLOBAL float* Q_RESTRICT losses, Q_GLOBAL const float* Q_RESTRICT share,
#if GRADIENT
                         Q_GLOBAL X_T* Q_RESTRICT gradient,
#endif
                         int rows, int classes) {
    const int row = (int)Q_GLOBAL_ID(0);
    if (row >= rows) {
        return;
    }
    const size_t first = (size_t)row * classes;
    const int label = labels[row];
    const int known = label >= 0 && label < classes;
    float largest = -Q_INFINITY;
    for (int i = 0; i < classes; i++) {
        largest = Q_MAX(largest, X_LOAD(logits, first + i));
    }
    float sum = 0.0f;
    float plain = 0.0f;
    for (int i = 0; i < classes; i++) {
        const float z = X_LOAD(logits, first + i) - largest;
        sum += Q_EXP(z);
        plain += z;
    }
    float loss = Q_NAN;
    if (known) {
        loss = Q_LOG(sum) - ON * (X_LOAD(logits, first + label) - largest);
#if SMOOTH
        loss -= OFF * plain;
#endif
    }
    losses[row] = label == IGNORED ? 0.0f : loss;
#if GRADIENT
    const float factor = 1.0f / sum;
    const float scale = share[0];
    for (int i = 0; i < classes; i++) {
        const float target = known ? OFF + (i == label ? ON : 0.0f) : Q_NAN;
        X_STORE(gradient, first + i, label == IGNORED ? 0.0f : (Q_EXP(X_LOAD(logits, first + i) - largest) * factor - target) * scale);
    }
#endif
}
