// Purpose: the mean cross-entropy of softmax, and its gradient, on CPUs; one work-item a run of rows.
//
//   item p      rows p * PER_ITEM …, vectors along the classes; their losses' sum goes to sums[p], or to loss if there is one item
//
// With s the label smoothing and z = logits - max: loss = log(sum exp z) - (1 - s) z[label] - s / classes * sum z. Rows whose
// label is IGNORED have no loss and no gradient, and the mean is over the others.
//
// Parameters, all of them definitions: ROWS, CLASSES; PER_ITEM rows, ITEMS; GRADIENT 0 or 1; ON = 1 - s and OFF = s / classes,
//   floats; SMOOTH whether s > 0; IGNORED; W lanes; STREAM whether the gradient goes past the caches. TAIL_LOAD and TAIL_STORE
//   handle CLASSES % W logits.
// Requirements: groups of one work-item; vectors.cl, online.cl and cross_entropy_items.cl in front.
// Adds over row_per_item: W classes an instruction; a row comes from memory once, and exponentials are computed twice rather than
//   stored between. A batch of ten classes is a single launch of a single work-item, which a CPU has done before it would have
//   woken up another core.
// Determinism: each sum runs in a fixed order, and the items' sums are added in order.

#if GRADIENT
// The gradient's vector of classes i, i + 1, …
static inline VECTOR gradient_of(VECTOR x, float most, float factor, float off, float on, int label, int i) {
    const VECTOR share = fma(exponential(x - most), (VECTOR)(factor), (VECTOR)(-off));
    return LANES + i == (INTS)(label) ? share - on : share;
}

static inline void write_gradient(Q_GLOBAL const X_T* x, Q_GLOBAL X_T* gradient, float most, float factor, float off, float on,
                                  int label) {
    int i = 0;
#if STREAM && CLASSES >= W
    // Vectors overlap where the row does not begin at a multiple of one: their elements come out the same.
    i = lead(gradient);
    if (i > 0) {
        PUT(gradient_of(GET(x), most, factor, off, on, label, 0), gradient);
    }
    for (; i + W <= CLASSES; i += W) {
        PUT_ALIGNED(gradient_of(GET(x + i), most, factor, off, on, label, i), gradient + i);
    }
    if (i < CLASSES) {
        PUT(gradient_of(GET(x + CLASSES - W), most, factor, off, on, label, CLASSES - W), gradient + CLASSES - W);
    }
#else
    for (; i + W <= CLASSES; i += W) {
        PUT(gradient_of(GET(x + i), most, factor, off, on, label, i), gradient + i);
    }
#if CLASSES % W != 0
    TAIL_STORE(gradient_of(TAIL_LOAD(x + i, 0.0f), most, factor, off, on, label, i), gradient + i);
#endif
#endif
}

static inline void write_zeros(Q_GLOBAL X_T* gradient) {
    int i = 0;
    for (; i + W <= CLASSES; i += W) {
        PUT((VECTOR)(0.0f), gradient + i);
    }
#if CLASSES % W != 0
    TAIL_STORE((VECTOR)(0.0f), gradient + i);
#endif
}
#endif

// Writes a row's gradient and gives its loss.
static inline float row_loss(Q_GLOBAL const X_T* x, int label, float scale, Q_GLOBAL X_T* gradient) {
    if (label == IGNORED) {
#if GRADIENT
        write_zeros(gradient);
#endif
        return 0.0f;
    }
    const int known = label >= 0 && label < CLASSES;
    Online found;
    found.most = (VECTOR)(-INFINITY);
    found.sum = (VECTOR)(0.0f);
    VECTOR plain = (VECTOR)(0.0f);
    int i = 0;
    for (; i + BLOCK * W <= CLASSES; i += BLOCK * W) {
        found = online_block(found, x + i, W);
#if SMOOTH
        for (int b = 0; b < BLOCK; b++) {
            plain += GET(x + i + b * W);
        }
#endif
    }
    for (; i + W <= CLASSES; i += W) {
        found = online_one(found, GET(x + i));
        plain += GET(x + i);
    }
#if CLASSES % W != 0
    found = online_one(found, TAIL_LOAD(x + i, -INFINITY));
    plain += TAIL_LOAD(x + i, 0.0f);
#endif
    float most;
    const float sum = joined(found, &most);
#if GRADIENT
    write_gradient(x, gradient, most, scale / sum, known ? OFF * scale : NAN, ON * scale, label);
#endif
    if (!known) {
        return NAN;
    }
    float loss = log(sum) - ON * (X_LOAD(x, label) - most);
#if SMOOTH
    loss -= OFF * (lanes_sum(plain) - CLASSES * most);
#endif
    return loss;
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void row_losses(Q_GLOBAL const X_T* Q_RESTRICT logits, Q_GLOBAL const int* Q_RESTRICT labels,
                Q_GLOBAL float* Q_RESTRICT sums
#if GRADIENT
                , Q_GLOBAL X_T* Q_RESTRICT gradient
#endif
                ) {
    const int first = (int)Q_GROUP_ID(0) * PER_ITEM;
    const float scale = 1.0f / (float)rows_kept(labels);
    float sum = 0.0f;
    for (int row = first; row < min(first + PER_ITEM, ROWS); row++) {
#if GRADIENT
        sum += row_loss(logits + (size_t)row * CLASSES, labels[row], scale, gradient + (size_t)row * CLASSES);
#else
        sum += row_loss(logits + (size_t)row * CLASSES, labels[row], scale, 0);
#endif
    }
    sums[Q_GROUP_ID(0)] = ITEMS == 1 ? sum * scale : sum;
}
