// Purpose: matrix multiplication, c = epilogue(alpha * op(a) * op(b)); one work-group a tile of c.
//
//            columns: 16 items, PER_ITEM columns each, 16 apart          tile of c: TILE x TILE, TILE = 16 * PER_ITEM
//          +-----------------+
//     rows | tile of c       |     along k, DEPTH at a time:
//          |                 |       tile_a[i][row]    and    tile_b[i][column]    in local memory
//          +-----------------+
//
// Parameters: PER_ITEM 1 to 8: rows and columns of c that an item owns; DEPTH 4 to 32: how much of k is in local memory at
//   a time; TRANSPOSE_A, TRANSPOSE_B 0 or 1. The sizes are arguments.
// Requirements: groups of 16 x 16 x 1 work-items; 2 * DEPTH * (TILE + 1) floats of local memory.
// Adds over naive: each element that a group needs is loaded from global memory once, by neighbouring items from
//   neighbouring places, and each value from local memory is used PER_ITEM times from a register.
// Determinism: each sum runs in the order of i in one work-item.

#define TILE (16 * PER_ITEM)
#define ITEMS 256

Q_KERNEL Q_REQD_GROUP(16, 16, 1)
void gemm_tiled(Q_GLOBAL const float* Q_RESTRICT a, Q_GLOBAL const float* Q_RESTRICT b, Q_GLOBAL float* Q_RESTRICT c, int m,
                int n, int k, int stride_a, int stride_b, float alpha Q_EPILOGUE_PARAMETERS) {
    // One more column than needed: items that differ in i fall on different banks.
    Q_LOCAL float tile_a[DEPTH][TILE + 1];
    Q_LOCAL float tile_b[DEPTH][TILE + 1];
    const int x = (int)Q_LOCAL_ID(0);
    const int y = (int)Q_LOCAL_ID(1);
    const int item = y * 16 + x;
    const int first_column = (int)Q_GROUP_ID(0) * TILE;
    const int first_row = (int)Q_GROUP_ID(1) * TILE;
    const size_t product = Q_GROUP_ID(2);
    Q_GLOBAL const float* pa = a + product * stride_a;
    Q_GLOBAL const float* pb = b + product * stride_b;

    float sums[PER_ITEM][PER_ITEM];
    for (int r = 0; r < PER_ITEM; r++) {
        for (int s = 0; s < PER_ITEM; s++) {
            sums[r][s] = 0.0f;
        }
    }
    for (int start = 0; start < k; start += DEPTH) {
        for (int e = item; e < DEPTH * TILE; e += ITEMS) {
#if TRANSPOSE_A
            const int ia = e / TILE;
            const int row = e % TILE;
            const size_t at_a = (size_t)(start + ia) * m + (first_row + row);
#else
            const int ia = e % DEPTH;
            const int row = e / DEPTH;
            const size_t at_a = (size_t)(first_row + row) * k + (start + ia);
#endif
            tile_a[ia][row] = first_row + row < m && start + ia < k ? pa[at_a] : 0.0f;
#if TRANSPOSE_B
            const int ib = e % DEPTH;
            const int column = e / DEPTH;
            const size_t at_b = (size_t)(first_column + column) * k + (start + ib);
#else
            const int ib = e / TILE;
            const int column = e % TILE;
            const size_t at_b = (size_t)(start + ib) * n + (first_column + column);
#endif
            tile_b[ib][column] = first_column + column < n && start + ib < k ? pb[at_b] : 0.0f;
        }
        Q_LOCAL_BARRIER();
        for (int i = 0; i < DEPTH; i++) {
            float from_b[PER_ITEM];
            for (int s = 0; s < PER_ITEM; s++) {
                from_b[s] = tile_b[i][x + 16 * s];
            }
            for (int r = 0; r < PER_ITEM; r++) {
                const float from_a = tile_a[i][y + 16 * r];
                for (int s = 0; s < PER_ITEM; s++) {
                    sums[r][s] = Q_FMA(from_a, from_b[s], sums[r][s]);
                }
            }
        }
        Q_LOCAL_BARRIER();
    }
    for (int r = 0; r < PER_ITEM; r++) {
        const int row = first_row + y + 16 * r;
        for (int s = 0; s < PER_ITEM; s++) {
            const int column = first_column + x + 16 * s;
            if (row < m && column < n) {
                const size_t element = (product * m + row) * n + column;
                c[element] = q_epilogue(alpha * sums[r][s], element Q_EPILOGUE_ARGUMENTS);
            }
        }
    }
}
