// Purpose: the mean cross-entropy of softmax, and its gradient, on CPUs; one work-item a run of rows.
//
//   item p      rows p * PER_ITEM …, vectors along the classes; their losses' sum goes to sums[p], or to loss if there is one item
//
// With s the label smoothing and z = logits - max: loss = log(sum exp z) - (1 - s) z[label] - s / classes * sum z.
//
// Parameters, all of them definitions: ROWS, CLASSES; PER_ITEM rows, ITEMS; GRADIENT 0 or 1; ON = 1 - s and OFF = s / classes,
//   floats; SMOOTH whether s > 0; W lanes. TAIL_LOAD and TAIL_STORE handle CLASSES % W logits.
// Requirements: groups of one work-item; vectors.cl in front.
// Adds over row_per_item: W classes an instruction, and a batch of ten classes is a single launch of a single work-item,
//   which a CPU has done before it would have woken up another core.
// Determinism: each sum runs in a fixed order, and the items' sums are added in order.

// Writes a row's gradient and gives its loss.
static inline float row_loss(Q_GLOBAL const float* x, int label, Q_GLOBAL float* gradient) {
    const int known = label >= 0 && label < CLASSES;
    VECTOR largest = (VECTOR)(-INFINITY);
    for (int i = 0; i + W <= CLASSES; i += W) {
        largest = fmax(largest, LOAD(x + i));
    }
#if CLASSES % W != 0
    const VECTOR tail = TAIL_LOAD(x + CLASSES / W * W, -INFINITY);
    largest = fmax(largest, tail);
#endif
    const float most = lanes_max(largest);
    VECTOR sums = (VECTOR)(0.0f);
    VECTOR plain = (VECTOR)(0.0f);
    for (int i = 0; i + W <= CLASSES; i += W) {
        const VECTOR z = LOAD(x + i) - most;
        const VECTOR e = exp(z);
        sums += e;
        plain += z;
#if GRADIENT
        STORE(e, gradient + i);
#endif
    }
#if CLASSES % W != 0
    // The lanes without a class add exp(-infinity) = 0.
    const VECTOR e = exp(tail - most);
    sums += e;
    plain += TAIL_LOAD(x + CLASSES / W * W, most) - most;
#endif
    const float sum = lanes_sum(sums);
#if GRADIENT
    const float scale = 1.0f / (float)ROWS;
    const float factor = scale / sum;
    const float off = known ? OFF * scale : NAN;
    for (int i = 0; i + W <= CLASSES; i += W) {
        STORE(LOAD(gradient + i) * factor - off, gradient + i);
    }
#if CLASSES % W != 0
    TAIL_STORE(e * factor - off, gradient + CLASSES / W * W);
#endif
    if (known) {
        gradient[label] = exp(x[label] - most) * factor - (OFF + ON) * scale;
    }
#endif
    if (!known) {
        return NAN;
    }
    float loss = log(sum) - ON * (x[label] - most);
#if SMOOTH
    loss -= OFF * lanes_sum(plain);
#endif
    return loss;
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void row_losses(Q_GLOBAL const float* Q_RESTRICT logits, Q_GLOBAL const int* Q_RESTRICT labels,
                Q_GLOBAL float* Q_RESTRICT sums
#if GRADIENT
                , Q_GLOBAL float* Q_RESTRICT gradient
#endif
                ) {
    const int first = (int)Q_GROUP_ID(0) * PER_ITEM;
    float sum = 0.0f;
    for (int row = first; row < min(first + PER_ITEM, ROWS); row++) {
#if GRADIENT
        sum += row_loss(logits + (size_t)row * CLASSES, labels[row], gradient + (size_t)row * CLASSES);
#else
        sum += row_loss(logits + (size_t)row * CLASSES, labels[row], 0);
#endif
    }
    sums[Q_GROUP_ID(0)] = ITEMS == 1 ? sum / (float)ROWS : sum;
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void mean_loss(Q_GLOBAL const float* Q_RESTRICT sums, Q_GLOBAL float* Q_RESTRICT loss) {
    float sum = 0.0f;
    for (int item = 0; item < ITEMS; item++) {
        sum += sums[item];
    }
    loss[0] = sum / (float)ROWS;
}
