// Purpose: the mean cross-entropy of softmax and its gradient over many classes, on CPUs, so that memory is read and written all the
// time; one work-item a run of rows.
//
//   item p      rows p * PER_ITEM …; their losses' sum goes to sums[p], or to loss if there is one item
//
// With s the label smoothing and z = logits - max: loss = log(sum exp z) - (1 - s) z[label] - s / classes * sum z. Rows whose
// label is IGNORED have no loss and no gradient, and the mean is over the others.
//
// Parameters, all of them definitions: ROWS; AXIS, the classes; PER_ITEM rows, ITEMS; ON = 1 - s and OFF = s / classes, floats;
//   IGNORED; W lanes; SEGMENT; STREAM whether the gradient goes past the caches.
// Requirements: groups of one work-item; vectors.cl, online.cl, row_strands.cl and cross_entropy_items.cl in front; local memory for a
//   row.
// Adds over pipelined_cpu: reads and writes a row at four places at once; keeps one row instead of two.
// Determinism: each sum runs in a fixed order, and the items' sums are added in order.

// A row without gradient, whatever its logits are.
static inline void zero(Q_LOCAL float* kept, Row* row) {
    for (int i = 0; i < ROOM; i++) {
        kept[i] = 0.0f;
    }
    for (int s = 0; s <= SEGMENTS; s++) {
        row->factor[s] = 0.0f;
    }
}

// Takes the label's part of the gradient off its exponential, so that multiplying by the segment's factor makes it right. A segment so
// far below the row's maximum that this would overflow gets the maximum's factor before.
static inline void take_off(Q_LOCAL float* kept, int label, int mine, int place, Row* row) {
    const int i = label - mine;
    int segment = SEGMENTS;
    int at = label < mine ? BODY + label : REST_AT + i - BODY;
    int from = BODY;
    int end = ROOM;
    if (i >= 0 && i < BODY) {
        const int vector = i % STRAND / W;
        segment = vector / SEGMENT;
        from = segment * SEGMENT_BODY;
        end = from + SEGMENT_BODY;
        at = from + (vector + place & SEGMENT - 1) * (CHAINS * W) + i / STRAND * W + i % W;
    }
    float power = row->factor[segment];
    if (power < 1e-20f) {
        for (int k = from; k < end; k++) {
            kept[k] *= power;
        }
        row->factor[segment] = 1.0f;
        power = 1.0f;
    }
    kept[at] -= ON * row->sum / power;
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void row_losses(Q_GLOBAL const X_T* Q_RESTRICT logits, Q_GLOBAL const int* Q_RESTRICT labels, Q_GLOBAL float* Q_RESTRICT sums,
                Q_GLOBAL X_T* Q_RESTRICT gradient) {
    // Vectors in lines of their own.
    Q_LOCAL float room[ROOM + W];
    Q_LOCAL float* kept = room + (W - (uint)(ulong)room / 4 % W) % W;
    const int first = (int)Q_GROUP_ID(0) * PER_ITEM;
    const int rows = min(PER_ITEM, ROWS - first);
    const float scale = 1.0f / (float)rows_kept(labels);
    int place = 0;
    Raised raised;
    Row row = {{0.0f}, 0.0f, 0.0f, 0.0f, 0.0f};
    float loss = 0.0f;
    // What the head and the rest leave of their places is multiplied too.
    for (int i = 0; i < ROOM; i++) {
        kept[i] = 0.0f;
    }
    for (int t = 0; t <= rows; t++) {
        const size_t at = ((size_t)first + t) * AXIS;
        pass(t < rows, t > 0, logits + at, gradient + at - AXIS, kept, &place, &row, &raised);
        if (t < rows) {
            take_row(&raised, &row);
            const int label = labels[first + t];
            float share = scale / row.sum;
            row.end = -OFF * scale;
            if (label == IGNORED) {
                zero(kept, &row);
                row.end = 0.0f;
                share = 0.0f;
            } else if (label >= 0 && label < AXIS) {
                loss += log(row.sum) - ON * (X_LOAD(logits + at, label) - row.most) - OFF * row.total;
                take_off(kept, label, lead(gradient + at), place, &row);
            } else {
                loss = NAN;
                share = NAN;
            }
            for (int s = 0; s <= SEGMENTS; s++) {
                row.factor[s] *= share;
            }
        }
    }
    sums[Q_GROUP_ID(0)] = ITEMS == 1 ? loss * scale : loss;
}
