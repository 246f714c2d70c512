// Purpose: matrix multiplication, c = epilogue(alpha * op(a) * op(b) + beta * d); one work-group a tile of c.
//
//            16 columns
//          +-----------+        along k, 16 at a time: each item loads one element of
//  16 rows | tile of c |        tile_a[row][i]  and one of  tile_b[i][column]  into local memory,
//          +-----------+        and adds 16 products to its sum
//
// Parameters: those of gemm_operands.cl; the sizes are arguments.
// Requirements: groups of 16 x 16 x 1 work-items; 544 floats of local memory.
// Adds over naive: each element that a group needs is loaded from global memory once, by neighbouring items from neighbouring
//   places, and used 16 times from local memory.
// Determinism: each sum runs in the order of i in one work-item.

#define SIDE 16

Q_KERNEL Q_REQD_GROUP(SIDE, SIDE, 1)
void gemm_tiled(IN_PARAMETERS, OUT_PARAMETERS Q_PROLOGUE_A_PARAMETERS Q_PROLOGUE_B_PARAMETERS) {
    // One more column than needed: items that differ in the row fall on different banks.
    Q_LOCAL float tile_a[SIDE][SIDE + 1];
    Q_LOCAL float tile_b[SIDE][SIDE + 1];
    const int x = (int)Q_LOCAL_ID(0);
    const int y = (int)Q_LOCAL_ID(1);
    const int first_column = (int)Q_GROUP_ID(0) * SIDE;
    const int first_row = (int)Q_GROUP_ID(1) * SIDE;
    const size_t product = Q_GROUP_ID(2);
    float sum = 0.0f;
    for (int start = 0; start < k; start += SIDE) {
        // The item with the next x reads the next address, however the operand is stored.
#if TRANSPOSE_A
        tile_a[x][y] = first_row + x < m && start + y < k ? LOAD_A(product, first_row + x, start + y) : 0.0f;
#else
        tile_a[y][x] = first_row + y < m && start + x < k ? LOAD_A(product, first_row + y, start + x) : 0.0f;
#endif
#if TRANSPOSE_B
        tile_b[x][y] = first_column + y < n && start + x < k ? LOAD_B(product, start + x, first_column + y) : 0.0f;
#else
        tile_b[y][x] = first_column + x < n && start + y < k ? LOAD_B(product, start + y, first_column + x) : 0.0f;
#endif
        Q_LOCAL_BARRIER();
        for (int i = 0; i < SIDE; i++) {
            sum = Q_FMA(tile_a[y][i], tile_b[i][x], sum);
        }
        Q_LOCAL_BARRIER();
    }
    if (first_row + y < m && first_column + x < n) {
        finish_element(sum, product, first_row + y, first_column + x, m, n, OUT_ARGUMENTS);
    }
}
