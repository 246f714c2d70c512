// Purpose: each row's cross-entropy of softmax, and its gradient; THREADS threads a row.
//
//   thread t of a row has chunks t, t + THREADS, … of LANES neighbouring classes (cuda_rows.h)
//
// A row whose label is IGNORED has no loss and no gradient; share is 1 / how many rows count.
// With s the label smoothing and z = logits - max: loss = log(sum exp z) - (1 - s) z[label] - s / classes * sum z.
//
// Parameters: those of cuda_rows.h, AXIS being the classes; KEPT 1 if a thread's logits stay in registers; GRADIENT 0 or 1; ON = 1 - s
//   and OFF = s / classes, floats; SMOOTH whether s > 0; IGNORED; X_T, X_TAG the storage of logits and gradient; arguments rows,
//   classes.
// Requirements: blocks of BLOCK threads; cuda_rows.h and online_rows.h in front, and cross_entropy_mean.cl, whose kernels count the rows
//   and take the mean of the losses.
// Adds over row_per_group: 16 bytes an access; a row that fits into its threads' registers is read once, a longer one twice; threads
//   meet through warp shuffles. What bounds it is the memory.
// Determinism: each thread's sum runs in order, and the tree over the threads is fixed.

Q_KERNEL __launch_bounds__(BLOCK)
void row_losses(const X_T* Q_RESTRICT logits, const int* Q_RESTRICT labels, float* Q_RESTRICT losses, const float* Q_RESTRICT share,
#if GRADIENT
                X_T* Q_RESTRICT gradient,
#endif
                int rows, int classes) {
    const int row = (int)blockIdx.x * BLOCK_ROWS + (int)threadIdx.x / THREADS;
    const bool live = row < rows;
    const size_t first = (size_t)(live ? row : 0) * AXIS;
    const int label = live ? labels[row] : IGNORED;
    const int known = label >= 0 && label < AXIS;
#if KEPT
    float v[CHUNKS * LANES];
    row_get(X_TAG, logits + first, live, -Q_INFINITY, v);
    online found;
    found.largest = -Q_INFINITY;
#pragma unroll
    for (int i = 0; i < CHUNKS * LANES; i++) {
        found.largest = Q_MAX(found.largest, v[i]);
    }
    found.largest = row_max(found.largest);
    float sums[2] = {0.0f, 0.0f};
#pragma unroll
    for (int i = 0; i < CHUNKS * LANES; i++) {
        v[i] -= found.largest;
#if SMOOTH
        sums[1] += PLACE(i / LANES) < AXIS ? v[i] : 0.0f;
#endif
        v[i] = Q_EXP(v[i]);
        sums[0] += v[i];
    }
    row_join<q_sum, 1 + SMOOTH>(sums);
    found.sum = sums[0];
    found.plain = sums[1];
#else
    const online found = online_row(logits + first, live);
#endif
    if (live && ROW_THREAD == 0) {
        float loss = Q_NAN;
        if (known) {
            loss = Q_LOG(found.sum) - ON * (X_LOAD(logits, first + label) - found.largest);
#if SMOOTH
            loss -= OFF * found.plain;
#endif
        }
        losses[row] = label == IGNORED ? 0.0f : loss;
    }
#if GRADIENT
    const float factor = 1.0f / found.sum;
    const float scale = share[0];
#if KEPT
#pragma unroll
    for (int i = 0; i < CHUNKS * LANES; i++) {
        const float target = known ? OFF + (PLACE(i / LANES) + i % LANES == label ? ON : 0.0f) : Q_NAN;
        v[i] = label == IGNORED ? 0.0f : (v[i] * factor - target) * scale;
    }
    row_put(X_TAG, gradient + first, live, v);
#else
#pragma unroll 4
    for (int place = PLACE(0); live && place < AXIS; place += THREADS * LANES) {
        float v[LANES];
        q_get<LANES>(X_TAG, logits + first + place, v);
#pragma unroll
        for (int i = 0; i < LANES; i++) {
            const float target = known ? OFF + (place + i == label ? ON : 0.0f) : Q_NAN;
            v[i] = label == IGNORED ? 0.0f : (Q_EXP(v[i] - found.largest) * factor - target) * scale;
        }
        q_put<LANES>(X_TAG, gradient + first + place, v);
    }
#endif
#endif
}
