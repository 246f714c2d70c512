// Purpose: matrix multiplication, c = epilogue(alpha * op(a) * op(b) + beta * d); one work-group a tile of c, one work-item a
//   square of sums in vectors of four columns.
//
//   item (x, y) owns rows 4 y to 4 y + 3 and columns 4 x to 4 x + 3 of each of PARTS x PARTS quarters of the tile;
//   along k, DEPTH at a time:  tile_a[i][row]  and  tile_b[i][column]  in local memory, read four at a time
//
// Parameters: those of gemm_operands.cl; PARTS 1 or 2: a tile is 64 or 128 wide; DEPTH 8 or 16: how much of k is in local memory
//   at a time. W is 4.
// Requirements: groups of 16 x 16 x 1 work-items; 2 * DEPTH * (64 * PARTS + 4) floats of local memory.
// Adds over register_tiled: four neighbouring elements move with one instruction, from global to local memory, from there
//   to registers, and to c; one load of a and one of b feed sixteen multiply-adds.
// Determinism: each sum runs in the order of i in one work-item.

#define TILE (64 * PARTS)
#define ITEMS 256

// Four elements of op(a): rows row to row + 3 at step i if a is transposed, else steps i to i + 3 of one row. Zero outside.
static inline float4 four_of_a(Q_GLOBAL const A_T* a, int offset_a, int ld_a, int stride_a, int m, int k, size_t product, int row,
                               int i Q_PROLOGUE_A_PARAMETERS) {
    const size_t matrix = stride_a == 0 ? 0 : product;
#if TRANSPOSE_A
    if (i < k && row + 4 <= m) {
        return q_prologue_a4(A_LOAD4(a, offset_a + matrix * stride_a + (size_t)i * ld_a + row),
                             (matrix * k + i) * m + row Q_PROLOGUE_A_ARGUMENTS);
    }
    return (float4)(i < k && row < m ? LOAD_A(product, row, i) : 0.0f, i < k && row + 1 < m ? LOAD_A(product, row + 1, i) : 0.0f,
                    i < k && row + 2 < m ? LOAD_A(product, row + 2, i) : 0.0f, 0.0f);
#else
    if (row < m && i + 4 <= k) {
        return q_prologue_a4(A_LOAD4(a, offset_a + matrix * stride_a + (size_t)row * ld_a + i),
                             (matrix * m + row) * k + i Q_PROLOGUE_A_ARGUMENTS);
    }
    return (float4)(row < m && i < k ? LOAD_A(product, row, i) : 0.0f, row < m && i + 1 < k ? LOAD_A(product, row, i + 1) : 0.0f,
                    row < m && i + 2 < k ? LOAD_A(product, row, i + 2) : 0.0f, 0.0f);
#endif
}

// Likewise of op(b): steps i to i + 3 of one column if b is transposed, else columns column to column + 3 at step i.
static inline float4 four_of_b(Q_GLOBAL const B_T* b, int offset_b, int ld_b, int stride_b, int n, int k, size_t product, int i,
                               int column Q_PROLOGUE_B_PARAMETERS) {
    const size_t matrix = stride_b == 0 ? 0 : product;
#if TRANSPOSE_B
    if (column < n && i + 4 <= k) {
        return q_prologue_b4(B_LOAD4(b, offset_b + matrix * stride_b + (size_t)column * ld_b + i),
                             (matrix * n + column) * k + i Q_PROLOGUE_B_ARGUMENTS);
    }
    return (float4)(column < n && i < k ? LOAD_B(product, i, column) : 0.0f,
                    column < n && i + 1 < k ? LOAD_B(product, i + 1, column) : 0.0f,
                    column < n && i + 2 < k ? LOAD_B(product, i + 2, column) : 0.0f, 0.0f);
#else
    if (i < k && column + 4 <= n) {
        return q_prologue_b4(B_LOAD4(b, offset_b + matrix * stride_b + (size_t)i * ld_b + column),
                             (matrix * k + i) * n + column Q_PROLOGUE_B_ARGUMENTS);
    }
    return (float4)(i < k && column < n ? LOAD_B(product, i, column) : 0.0f,
                    i < k && column + 1 < n ? LOAD_B(product, i, column + 1) : 0.0f,
                    i < k && column + 2 < n ? LOAD_B(product, i, column + 2) : 0.0f, 0.0f);
#endif
}

Q_KERNEL Q_REQD_GROUP(16, 16, 1)
void gemm_vectorized(IN_PARAMETERS, OUT_PARAMETERS Q_PROLOGUE_A_PARAMETERS Q_PROLOGUE_B_PARAMETERS) {
    // Four more columns than needed: rows stay aligned to vectors and fall on different banks.
    Q_LOCAL float tile_a[DEPTH][TILE + 4];
    Q_LOCAL float tile_b[DEPTH][TILE + 4];
    const int x = (int)Q_LOCAL_ID(0);
    const int y = (int)Q_LOCAL_ID(1);
    const int item = y * 16 + x;
    const int first_column = (int)Q_GROUP_ID(0) * TILE;
    const int first_row = (int)Q_GROUP_ID(1) * TILE;
    const size_t product = Q_GROUP_ID(2);
    float4 sums[PARTS][4][PARTS];
    for (int p = 0; p < PARTS; p++) {
        for (int r = 0; r < 4; r++) {
            for (int q = 0; q < PARTS; q++) {
                sums[p][r][q] = (float4)(0.0f);
            }
        }
    }
    for (int start = 0; start < k; start += DEPTH) {
        for (int e = item; e < DEPTH * TILE / 4; e += ITEMS) {
#if TRANSPOSE_A
            const int ia = e / (TILE / 4);
            const int row = e % (TILE / 4) * 4;
            vstore4(four_of_a(a, offset_a, ld_a, stride_a, m, k, product, first_row + row, start + ia Q_PROLOGUE_A_ARGUMENTS), 0,
                    &tile_a[ia][row]);
#else
            const int ia = e % (DEPTH / 4) * 4;
            const int row = e / (DEPTH / 4);
            const float4 va =
                four_of_a(a, offset_a, ld_a, stride_a, m, k, product, first_row + row, start + ia Q_PROLOGUE_A_ARGUMENTS);
            tile_a[ia][row] = va.x;
            tile_a[ia + 1][row] = va.y;
            tile_a[ia + 2][row] = va.z;
            tile_a[ia + 3][row] = va.w;
#endif
#if TRANSPOSE_B
            const int ib = e % (DEPTH / 4) * 4;
            const int column = e / (DEPTH / 4);
            const float4 vb =
                four_of_b(b, offset_b, ld_b, stride_b, n, k, product, start + ib, first_column + column Q_PROLOGUE_B_ARGUMENTS);
            tile_b[ib][column] = vb.x;
            tile_b[ib + 1][column] = vb.y;
            tile_b[ib + 2][column] = vb.z;
            tile_b[ib + 3][column] = vb.w;
#else
            const int ib = e / (TILE / 4);
            const int column = e % (TILE / 4) * 4;
            vstore4(four_of_b(b, offset_b, ld_b, stride_b, n, k, product, start + ib, first_column + column Q_PROLOGUE_B_ARGUMENTS),
                    0, &tile_b[ib][column]);
#endif
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int i = 0; i < DEPTH; i++) {
            float4 from_b[PARTS];
            for (int q = 0; q < PARTS; q++) {
                from_b[q] = vload4(0, &tile_b[i][64 * q + 4 * x]);
            }
            for (int p = 0; p < PARTS; p++) {
                const float4 from_a = vload4(0, &tile_a[i][64 * p + 4 * y]);
                for (int q = 0; q < PARTS; q++) {
                    sums[p][0][q] = fma((float4)(from_a.x), from_b[q], sums[p][0][q]);
                    sums[p][1][q] = fma((float4)(from_a.y), from_b[q], sums[p][1][q]);
                    sums[p][2][q] = fma((float4)(from_a.z), from_b[q], sums[p][2][q]);
                    sums[p][3][q] = fma((float4)(from_a.w), from_b[q], sums[p][3][q]);
                }
            }
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    for (int p = 0; p < PARTS; p++) {
        for (int r = 0; r < 4; r++) {
            const int row = first_row + 64 * p + 4 * y + r;
            for (int q = 0; q < PARTS; q++) {
                const int column = first_column + 64 * q + 4 * x;
                const float4 four = sums[p][r][q];
                if (row < m && column + 4 <= n) {
                    finish_vector(four, product, row, column, m, n, OUT_ARGUMENTS);
                } else if (row < m) {
                    const float lanes[3] = {four.x, four.y, four.z};
                    for (int s = 0; column + s < n; s++) {
                        finish_element(lanes[s], product, row, column + s, m, n, OUT_ARGUMENTS);
                    }
                }
            }
        }
    }
}
