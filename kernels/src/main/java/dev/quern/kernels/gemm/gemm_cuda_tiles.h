// Purpose: how the CUDA rungs bring fours of neighbouring elements of op(a) and op(b) to registers and into tiles in shared memory, and
// fours of finished elements to c.
//
// Parameters: those of gemm_operands.cl; A_TAG, B_TAG, C_TAG the storage types; A_FOURS, B_FOURS, C_FOURS 1 where rows begin at
//   multiples of four elements, so that four neighbours are one access.
// Requirements: chunks.h and gemm_operands.cl in front.
// Adds: what gemm_tiled_cuda.cu and gemm_register_tiled_cuda.cu have in common.
// Determinism: loads and stores only.

// Elements i to i + 3 of row `row` where a is stored so that these are neighbours (TRANSPOSE_A 0), else rows `row` to row + 3 of
// element i. What lies past m or `end` is 0.
Q_DEVICE void fetch_a(float* four, const A_T* Q_RESTRICT a, int offset_a, int ld_a, int stride_a, int m, int k, int end, size_t product,
                      int row, int i Q_PROLOGUE_A_PARAMETERS) {
#if A_FOURS
    if (TRANSPOSE_A ? i < end && row + 3 < m : row < m && i + 3 < end) {
        const size_t matrix = stride_a == 0 ? 0 : product;
#if TRANSPOSE_A
        q_get<4>(A_TAG(), a + (offset_a + matrix * stride_a + (size_t)i * ld_a + row), four);
        const size_t element = (matrix * k + i) * m + row;
#else
        q_get<4>(A_TAG(), a + (offset_a + matrix * stride_a + (size_t)row * ld_a + i), four);
        const size_t element = (matrix * m + row) * k + i;
#endif
#pragma unroll
        for (int j = 0; j < 4; j++) {
            four[j] = q_prologue_a(four[j], element + j Q_PROLOGUE_A_ARGUMENTS);
        }
        return;
    }
#endif
#pragma unroll
    for (int j = 0; j < 4; j++) {
        const int own_row = TRANSPOSE_A ? row + j : row;
        const int own_i = TRANSPOSE_A ? i : i + j;
        four[j] = own_row < m && own_i < end ? LOAD_A(product, own_row, own_i) : 0.0f;
    }
}

// Elements i to i + 3 of column `column` where b is stored so that these are neighbours (TRANSPOSE_B 1), else columns `column` to
// column + 3 of element i. What lies past n or `end` is 0.
Q_DEVICE void fetch_b(float* four, const B_T* Q_RESTRICT b, int offset_b, int ld_b, int stride_b, int n, int k, int end, size_t product,
                      int i, int column Q_PROLOGUE_B_PARAMETERS) {
#if B_FOURS
    if (TRANSPOSE_B ? column < n && i + 3 < end : i < end && column + 3 < n) {
        const size_t matrix = stride_b == 0 ? 0 : product;
#if TRANSPOSE_B
        q_get<4>(B_TAG(), b + (offset_b + matrix * stride_b + (size_t)column * ld_b + i), four);
        const size_t element = (matrix * n + column) * k + i;
#else
        q_get<4>(B_TAG(), b + (offset_b + matrix * stride_b + (size_t)i * ld_b + column), four);
        const size_t element = (matrix * k + i) * n + column;
#endif
#pragma unroll
        for (int j = 0; j < 4; j++) {
            four[j] = q_prologue_b(four[j], element + j Q_PROLOGUE_B_ARGUMENTS);
        }
        return;
    }
#endif
#pragma unroll
    for (int j = 0; j < 4; j++) {
        const int own_column = TRANSPOSE_B ? column : column + j;
        const int own_i = TRANSPOSE_B ? i + j : i;
        four[j] = own_column < n && own_i < end ? LOAD_B(product, own_i, own_column) : 0.0f;
    }
}

// Makes the elements (row, column) to (row, column + 3) of c out of their sums and stores those that exist.
Q_DEVICE void finish_four(const float* sums, size_t product, int row, int column, int m, int n, OUT_PARAMETERS) {
#if C_FOURS
    if (column + 3 < n) {
        float four[4];
#if ADDED
        q_get<4>(C_TAG(), d + (offset_d + product * stride_d + (size_t)row * ld_d + column), four);
#endif
        const size_t element = (product * m + row) * n + column;
#pragma unroll
        for (int j = 0; j < 4; j++) {
#if ADDED
            const float x = Q_FMA(beta, four[j], alpha * sums[j]);
#else
            const float x = alpha * sums[j];
#endif
            four[j] = q_epilogue(x, element + j Q_EPILOGUE_ARGUMENTS);
        }
        q_put<4>(C_TAG(), c + (offset_c + product * stride_c + (size_t)row * ld_c + column), four);
        return;
    }
#endif
#pragma unroll
    for (int j = 0; j < 4; j++) {
        if (column + j < n) {
            finish_element(sums[j], product, row, column + j, m, n, OUT_ARGUMENTS);
        }
    }
}
