// Purpose: the gradient of softmax, or of its logarithm, along rows of AXIS neighbours; THREADS threads a row.
//
//   thread t of a row has chunks t, t + THREADS, … of LANES neighbours (cuda_rows.h)
//
// Parameters: those of cuda_rows.h; KEPT 1 if a thread's elements of both rows stay in registers; LOG 0 or 1; X_T, X_TAG the storage;
//   argument rows.
// Requirements: blocks of BLOCK threads; cuda_rows.h in front.
// Adds over row_per_group: 16 bytes an access, rows that fit into their threads' registers are read once, and threads meet through warp
//   shuffles. What bounds it is the memory.
// Determinism: each thread's sum runs in order, and the tree over the threads is fixed.

Q_DEVICE float term(float y, float dy) { return LOG ? dy : y * dy; }
Q_DEVICE float gradient(float y, float dy, float sum) { return LOG ? dy - Q_EXP(y) * sum : y * (dy - sum); }

Q_KERNEL __launch_bounds__(BLOCK)
void softmax_backward(const X_T* Q_RESTRICT y, const X_T* Q_RESTRICT dy, X_T* Q_RESTRICT dx, int rows) {
    const int row = (int)blockIdx.x * BLOCK_ROWS + (int)threadIdx.x / THREADS;
    const bool live = row < rows;
    const size_t first = (size_t)(live ? row : 0) * AXIS;
    float sum = 0.0f;
#if KEPT
    float v[CHUNKS * LANES];
    float g[CHUNKS * LANES];
    row_get(X_TAG, y + first, live, 0.0f, v);
    row_get(X_TAG, dy + first, live, 0.0f, g);
#pragma unroll
    for (int i = 0; i < CHUNKS * LANES; i++) {
        sum += term(v[i], g[i]);
    }
    sum = row_sum(sum);
#pragma unroll
    for (int i = 0; i < CHUNKS * LANES; i++) {
        v[i] = gradient(v[i], g[i], sum);
    }
    row_put(X_TAG, dx + first, live, v);
#else
    float v[LANES];
    float g[LANES];
#pragma unroll 4
    for (int place = PLACE(0); live && place < AXIS; place += THREADS * LANES) {
        q_get<LANES>(X_TAG, y + first + place, v);
        q_get<LANES>(X_TAG, dy + first + place, g);
#pragma unroll
        for (int i = 0; i < LANES; i++) {
            sum += term(v[i], g[i]);
        }
    }
    sum = row_sum(sum);
#pragma unroll 4
    for (int place = PLACE(0); live && place < AXIS; place += THREADS * LANES) {
        q_get<LANES>(X_TAG, y + first + place, v);
        q_get<LANES>(X_TAG, dy + first + place, g);
#pragma unroll
        for (int i = 0; i < LANES; i++) {
            v[i] = gradient(v[i], g[i], sum);
        }
        q_put<LANES>(X_TAG, dx + first + place, v);
    }
#endif
}
