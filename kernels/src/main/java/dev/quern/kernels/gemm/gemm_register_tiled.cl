// Purpose: matrix multiplication, c = epilogue(alpha * op(a) * op(b) + beta * d); one work-group a tile of c, one work-item a
//   square of sums.
//
//            columns: 16 items, PER_ITEM columns each, 16 apart          tile of c: TILE x TILE, TILE = 16 * PER_ITEM
//          +-----------------+
//     rows | tile of c       |     along k, DEPTH at a time:
//          |                 |       tile_a[i][row]    and    tile_b[i][column]    in local memory
//          +-----------------+
//
// Parameters: those of gemm_operands.cl; PER_ITEM 1 to 8: rows and columns of c that an item owns; DEPTH 4 to 32: how much of
//   k is in local memory at a time; SPLIT 1: sums over a part of k, `depth_of_slice` long, go to partial[slice] instead of c.
// Requirements: groups of 16 x 16 x 1 work-items; 2 * DEPTH * (TILE + 1) floats of local memory.
// Adds over tiled: an item keeps a square of sums in registers and uses each value that it reads from local memory PER_ITEM
//   times, so that local memory is no longer the limit.
// Determinism: each sum runs in the order of i in one work-item.

#define TILE (16 * PER_ITEM)
#define ITEMS 256

Q_KERNEL Q_REQD_GROUP(16, 16, 1)
void gemm_register_tiled(IN_PARAMETERS,
#if SPLIT
                         Q_GLOBAL float* Q_RESTRICT partial, int slices, int depth_of_slice
#else
                         OUT_PARAMETERS
#endif
                         Q_PROLOGUE_A_PARAMETERS Q_PROLOGUE_B_PARAMETERS) {
    // One more column than needed: items that differ in i fall on different banks.
    Q_LOCAL float tile_a[DEPTH][TILE + 1];
    Q_LOCAL float tile_b[DEPTH][TILE + 1];
    const int x = (int)Q_LOCAL_ID(0);
    const int y = (int)Q_LOCAL_ID(1);
    const int item = y * 16 + x;
    const int first_column = (int)Q_GROUP_ID(0) * TILE;
    const int first_row = (int)Q_GROUP_ID(1) * TILE;
#if SPLIT
    const int slice = (int)Q_GROUP_ID(2) % slices;
    const size_t product = Q_GROUP_ID(2) / slices;
    const int begin = slice * depth_of_slice;
    const int end = Q_IMIN(begin + depth_of_slice, k);
#else
    const size_t product = Q_GROUP_ID(2);
    const int begin = 0;
    const int end = k;
#endif

    float sums[PER_ITEM][PER_ITEM];
    for (int r = 0; r < PER_ITEM; r++) {
        for (int s = 0; s < PER_ITEM; s++) {
            sums[r][s] = 0.0f;
        }
    }
    for (int start = begin; start < end; start += DEPTH) {
        for (int e = item; e < DEPTH * TILE; e += ITEMS) {
#if TRANSPOSE_A
            const int ia = e / TILE;
            const int row = e % TILE;
#else
            const int ia = e % DEPTH;
            const int row = e / DEPTH;
#endif
            tile_a[ia][row] = first_row + row < m && start + ia < end ? LOAD_A(product, first_row + row, start + ia) : 0.0f;
#if TRANSPOSE_B
            const int ib = e % DEPTH;
            const int column = e / DEPTH;
#else
            const int ib = e / TILE;
            const int column = e % TILE;
#endif
            tile_b[ib][column] =
                first_column + column < n && start + ib < end ? LOAD_B(product, start + ib, first_column + column) : 0.0f;
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
#if SPLIT
                partial[((Q_GROUP_ID(2) * m) + row) * n + column] = sums[r][s];
#else
                finish_element(sums[r][s], product, row, column, m, n, OUT_ARGUMENTS);
#endif
            }
        }
    }
}
