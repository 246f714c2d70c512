// Purpose: the mean cross-entropy of softmax and its gradient, on CPUs, so that memory is read and written all the time; one work-item
// a run of rows.
//
//   item p      rows p * PER_ITEM …; their losses' sum goes to sums[p], or to loss if there is one item
//
// With s the label smoothing and z = logits - max: loss = log(sum exp z) - (1 - s) z[label] - s / classes * sum z. Rows whose
// label is IGNORED have no loss and no gradient, and the mean is over the others.
//
// Parameters, all of them definitions: ROWS; AXIS, the classes; PER_ITEM rows, ITEMS; ON = 1 - s and OFF = s / classes, floats;
//   IGNORED; W lanes; CHUNKS, CHUNK, TURN; STREAM whether the gradient goes past the caches.
// Requirements: groups of one work-item; vectors.cl, online.cl, row_pipeline.cl and cross_entropy_items.cl in front; AXIS at least W;
//   local memory for two rows.
// Adds over vector_cpu: the pipeline; exponentials once and not twice, several vectors side by side. The label's part of the gradient
//   is taken off its exponential while that is in the cache.
// Determinism: each sum runs in a fixed order, and the items' sums are added in order.

// A row without gradient, whatever its logits are.
static inline void zero(Q_LOCAL float* kept, Row* row) {
    for (int i = 0; i < AXIS; i++) {
        kept[i] = 0.0f;
    }
    for (int k = 0; k < CHUNKS; k++) {
        row->factor[k] = 0.0f;
    }
}

// Takes the label's part of the gradient off its exponential, so that multiplying by the chunk's factor makes it right. A chunk so far
// below the row's maximum that this would overflow gets the maximum's factor before.
static inline void take_off(Q_LOCAL float* kept, int label, int mine, Row* row) {
    const int k = label < mine ? 0 : min((label - mine) / CHUNK, CHUNKS - 1);
    float power = row->factor[k] * row->sum;
    if (power < 1e-20f) {
        for (int i = START_OF(mine, k); i < END_OF(mine, k); i++) {
            kept[i] *= power;
        }
        row->factor[k] = 1.0f / row->sum;
        power = 1.0f;
    }
    kept[label] -= ON * row->sum / power;
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void row_losses(Q_GLOBAL const X_T* Q_RESTRICT logits, Q_GLOBAL const int* Q_RESTRICT labels, Q_GLOBAL float* Q_RESTRICT sums,
                Q_GLOBAL X_T* Q_RESTRICT gradient) {
    Q_LOCAL float kept[2 * ROOM];
    const int first = (int)Q_GROUP_ID(0) * PER_ITEM;
    const int rows = min(PER_ITEM, ROWS - first);
    const float scale = 1.0f / (float)rows_kept(labels);
    Raised raised = {{0.0f}, {0.0f}, {0.0f}};
    Row row = {{0.0f}, 0.0f, 0.0f, 0.0f};
    Known known = {0.0f, 0.0f, 0.0f, (VECTOR)(0.0f)};
    float share = 0.0f;
    float loss = 0.0f;
    for (int t = -1; t <= rows; t++) {
        Q_GLOBAL const X_T* from = logits + ((size_t)first + t) * AXIS;
        Q_GLOBAL X_T* to = gradient + ((size_t)first + t) * AXIS - AXIS;
        Q_LOCAL float* now = beside(kept + (t & 1) * ROOM, to + AXIS);
        Q_LOCAL const float* done = beside(kept + (t + 1 & 1) * ROOM, to);
        float behind = 0.0f;
        _Pragma("nounroll") for (int k = 0; k < CHUNKS; k++) {
            known.factor = row.factor[k] * share;
            behind = turn_of(t, rows, k, from, to, now, done, &raised, &known);
            if (k < CHUNKS - 1) {
                raised.most[k + 1] = behind;
            }
        }
        if (t >= 0 && t < rows) {
            const int mine = lead(to + AXIS);
            row = row_of(&raised, mine);
            const int label = labels[first + t];
            share = label == IGNORED ? 0.0f : scale;
            known.offset = -OFF * scale;
            if (label == IGNORED) {
                zero(now, &row);
                known.offset = 0.0f;
            } else if (label >= 0 && label < AXIS) {
                loss += log(row.sum) - ON * (X_LOAD(from, label) - row.most) - OFF * row.total;
                take_off(now, label, mine, &row);
            } else {
                loss = NAN;
                share = NAN;
            }
        }
        raised.most[0] = behind;
    }
    sums[Q_GROUP_ID(0)] = ITEMS == 1 ? loss * scale : loss;
}
