// Purpose: the largest element of a row and the sum of e^(element - largest) in one read, for rows that do not fit into registers.
//
// Parameters: those of cuda_rows.h; X_T, X_TAG the storage; PLAIN 1 if the sum of (element - largest) is wanted too.
// Requirements: cuda_rows.h in front; all threads of a block come here.
// Adds: what the CUDA rungs of softmax and cross-entropy have in common.
// Determinism: each thread's sum runs in order and is scaled where a larger element is met; the tree over the threads is fixed.

struct online {
    float largest;
    float sum;
    float plain;
};

Q_DEVICE online online_row(const X_T* Q_RESTRICT row, bool live) {
    float largest = -Q_INFINITY;
    float sum = 0.0f;
#if PLAIN
    // Distances from one of the row's own elements keep their digits where the elements are large.
    const float origin = X_LOAD(row, 0);
    float plain = 0.0f;
#endif
#pragma unroll 4
    for (int place = PLACE(0); live && place < AXIS; place += THREADS * LANES) {
        float v[LANES];
        q_get<LANES>(X_TAG, row + place, v);
        float larger = largest;
#pragma unroll
        for (int i = 0; i < LANES; i++) {
            larger = Q_MAX(larger, v[i]);
#if PLAIN
            plain += v[i] - origin;
#endif
        }
        // Minus infinity is not subtracted from itself: nothing has been added up then.
        sum = larger == largest ? sum : sum * Q_EXP(largest - larger);
        largest = larger;
        const float shift = largest == -Q_INFINITY ? 0.0f : largest;
#pragma unroll
        for (int i = 0; i < LANES; i++) {
            sum += Q_EXP(v[i] - shift);
        }
    }
    online all;
    all.largest = row_max(largest);
    all.sum = row_sum(largest == -Q_INFINITY ? sum : sum * Q_EXP(largest - all.largest));
#if PLAIN
    all.plain = row_sum(plain) + (float)AXIS * (origin - all.largest);
#else
    all.plain = 0.0f;
#endif
    return all;
}
