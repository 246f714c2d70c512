// Purpose: softmax, or its logarithm, of [OUTER, AXIS] along the axis, on CPUs, so that memory is read and written all the time; one
//   work-item a run of rows.
//
// Parameters, all of them definitions: OUTER, AXIS; LOG 0 or 1; W lanes; PER_ITEM rows; CHUNKS, CHUNK, TURN; STREAM whether results go past the caches.
// Requirements: groups of one work-item; vectors.cl, online.cl and row_pipeline.cl in front; AXIS at least W; local memory for two rows.
// Adds over vector_cpu: the pipeline; exponentials once and not twice, several vectors side by side.
// Determinism: each sum runs in a fixed order, in one work-item; operands begin at multiples of a vector.

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void softmax(Q_GLOBAL const X_T* Q_RESTRICT x, Q_GLOBAL X_T* Q_RESTRICT y) {
    Q_LOCAL float kept[KEEP ? 2 * ROOM : W];
    const int first = (int)Q_GROUP_ID(0) * PER_ITEM;
    const int rows = min(PER_ITEM, OUTER - first);
    Raised raised = {{0.0f}, {0.0f}, {0.0f}};
    Row row = {{0.0f}, 0.0f, 0.0f, 0.0f};
    Known known = {0.0f, 0.0f, 0.0f, (VECTOR)(0.0f)};
    for (int t = -1; t <= rows; t++) {
        Q_GLOBAL const X_T* from = x + ((size_t)first + t) * AXIS;
        Q_GLOBAL X_T* to = y + ((size_t)first + t) * AXIS - AXIS;
        Q_LOCAL float* now = beside(kept + (t & 1) * ROOM, to + AXIS);
        Q_LOCAL const float* done = beside(kept + (t + 1 & 1) * ROOM, to);
        float behind = 0.0f;
        _Pragma("nounroll") for (int k = 0; k < CHUNKS; k++) {
#if LOG
            known.most = row.most;
            known.factor = log(row.sum);
#else
            known.factor = row.factor[k];
#endif
            behind = turn_of(t, rows, k, from, to, now, done, &raised, &known);
            if (k < CHUNKS - 1) {
                raised.most[k + 1] = behind;
            }
        }
        row = row_of(&raised, lead(to + AXIS));
        raised.most[0] = behind;
    }
}
