// Purpose: softmax, or its logarithm, of rows of AXIS neighbours; THREADS threads a row.
//
//   thread t of a row has chunks t, t + THREADS, … of LANES neighbours (cuda_rows.h)
//
// Parameters: those of cuda_rows.h; KEPT 1 if a thread's elements of a row stay in registers; LOG 0 or 1; X_T, X_TAG the storage;
//   argument rows.
// Requirements: blocks of BLOCK threads; cuda_rows.h in front.
// Adds over row_per_group: 16 bytes an access; a row that fits into its threads' registers is read once, a longer one twice, the
//   largest element and the sum being found together; threads meet through warp shuffles. What bounds it is the memory: a thread
//   has at most 32 elements in registers, so that a multiprocessor keeps its 2048 threads, or half of them.
// Determinism: each thread's sum runs in order, and the tree over the threads is fixed.

Q_KERNEL __launch_bounds__(BLOCK)
void softmax(const X_T* Q_RESTRICT x, X_T* Q_RESTRICT y, int rows) {
    const int row = (int)blockIdx.x * BLOCK_ROWS + (int)threadIdx.x / THREADS;
    const bool live = row < rows;
    const size_t first = (size_t)(live ? row : 0) * AXIS;
#if KEPT
    float v[CHUNKS * LANES];
    row_get(X_TAG, x + first, live, -Q_INFINITY, v);
    float largest = -Q_INFINITY;
#pragma unroll
    for (int i = 0; i < CHUNKS * LANES; i++) {
        largest = Q_MAX(largest, v[i]);
    }
    largest = row_max(largest);
    float sum = 0.0f;
#pragma unroll
    for (int i = 0; i < CHUNKS * LANES; i++) {
        v[i] -= largest;
#if LOG
        sum += Q_EXP(v[i]);
#else
        v[i] = Q_EXP(v[i]);
        sum += v[i];
#endif
    }
    sum = row_sum(sum);
#if LOG
    const float log_sum = Q_LOG(sum);
#else
    const float factor = 1.0f / sum;
#endif
#pragma unroll
    for (int i = 0; i < CHUNKS * LANES; i++) {
#if LOG
        v[i] -= log_sum;
#else
        v[i] *= factor;
#endif
    }
    row_put(X_TAG, y + first, live, v);
#else
    const online found = online_row(x + first, live);
#if LOG
    const float log_sum = Q_LOG(found.sum);
#else
    const float factor = 1.0f / found.sum;
#endif
#pragma unroll 4
    for (int place = PLACE(0); live && place < AXIS; place += THREADS * LANES) {
        float v[LANES];
        q_get<LANES>(X_TAG, x + first + place, v);
#pragma unroll
        for (int i = 0; i < LANES; i++) {
            const float shifted = v[i] - found.largest;
#if LOG
            v[i] = shifted - log_sum;
#else
            v[i] = Q_EXP(shifted) * factor;
#endif
        }
        q_put<LANES>(X_TAG, y + first + place, v);
    }
#endif
}
