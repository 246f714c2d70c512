// Purpose: softmax, or its logarithm, of [OUTER, AXIS] along a long axis, on CPUs, so that memory is read and written all the time; one
//   work-item a run of rows.
//
// Parameters, all of them definitions: OUTER, AXIS; LOG 0 or 1; W lanes; PER_ITEM rows; SEGMENT; STREAM whether results go past the caches.
// Requirements: groups of one work-item; vectors.cl, online.cl and row_strands.cl in front; local memory for a row.
// Adds over pipelined_cpu: reads and writes a row at four places at once; keeps one row instead of two.
// Determinism: each sum runs in a fixed order, in one work-item; operands begin at multiples of a vector.

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void softmax(Q_GLOBAL const X_T* Q_RESTRICT x, Q_GLOBAL X_T* Q_RESTRICT y) {
    // Vectors in lines of their own.
    Q_LOCAL float room[ROOM + W];
    Q_LOCAL float* kept = room + (W - (uint)(ulong)room / 4 % W) % W;
    const int first = (int)Q_GROUP_ID(0) * PER_ITEM;
    const int rows = min(PER_ITEM, OUTER - first);
    int place = 0;
    Raised raised;
    Row row = {{0.0f}, 0.0f, 0.0f, 0.0f, 0.0f};
    for (int t = 0; t <= rows; t++) {
        const size_t at = ((size_t)first + t) * AXIS;
        pass(t < rows, t > 0, x + at, y + at - AXIS, kept, &place, &row, &raised);
        if (t < rows) {
            take_row(&raised, &row);
#if LOG
            row.end = log(row.sum);
#else
            for (int s = 0; s <= SEGMENTS; s++) {
                row.factor[s] /= row.sum;
            }
#endif
        }
    }
}
