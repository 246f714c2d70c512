// Purpose: a transposition; a group turns a tile of 32 by 32 elements in local memory.
//
//   group (p tile, q tile, outer)      items (0 … 31, 0 … 7): each moves four elements on the way in and four on the way out
//
// Parameters, all definitions: P, Q the extents; SQ the distance of neighbours of q in x, TP that of neighbours of p in y; WORD;
//   PLACES(o), statements that declare from and to of outer element o.
// Requirements: groups of 32 x 8 work-items; local memory for 32 x 33 words.
// Adds over element_per_item: neighbouring items touch neighbouring elements both when they read and when they write.
// Determinism: moves bits.

#define TILE 32
#define STEP 8

Q_KERNEL Q_REQD_GROUP(32, 8, 1) void copy(Q_GLOBAL const WORD* Q_RESTRICT x0, Q_GLOBAL WORD* Q_RESTRICT y) {
    // One column more, so that a column's elements lie in different banks.
    Q_LOCAL WORD tile[TILE * (TILE + 1)];
    const size_t p0 = Q_GROUP_ID(0) * TILE;
    const size_t q0 = Q_GROUP_ID(1) * TILE;
    const size_t i = Q_LOCAL_ID(0);
    PLACES(Q_GROUP_ID(2))
    for (size_t j = Q_LOCAL_ID(1); j < TILE; j += STEP) {
        if (p0 + i < P && q0 + j < Q) {
            tile[j * (TILE + 1) + i] = x0[from + (q0 + j) * SQ + p0 + i];
        }
    }
    Q_LOCAL_BARRIER();
    for (size_t j = Q_LOCAL_ID(1); j < TILE; j += STEP) {
        if (p0 + j < P && q0 + i < Q) {
            y[to + (p0 + j) * TP + q0 + i] = tile[i * (TILE + 1) + j];
        }
    }
}
