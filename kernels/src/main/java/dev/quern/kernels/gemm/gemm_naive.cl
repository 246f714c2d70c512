// Purpose: matrix multiplication, c = epilogue(alpha * op(a) * op(b)); one work-item an element of c.
//
//   item (column, row, product)      c[product][row][column] = sum over i of op(a)[row][i] * op(b)[i][column]
//
// Parameters, all of them arguments, so that one program serves every size: m, n, k the sizes, at least 1; row_a and step_a
//   elements of a from one row of op(a) to the next and from one i to the next; step_b and column_b likewise for b;
//   stride_a, stride_b elements from one product's operand to the next one's (0: shared).
// Requirements: groups of 16 x 16 x 1 work-items.
// Adds: the bottom of the ladder. Neighbouring items read neighbouring elements of b, all else is left to the caches.
// Determinism: each sum runs in the order of i in one work-item.

Q_KERNEL void gemm_naive(Q_GLOBAL const float* Q_RESTRICT a, Q_GLOBAL const float* Q_RESTRICT b,
                         Q_GLOBAL float* Q_RESTRICT c, int m, int n, int k, int row_a, int step_a, int step_b, int column_b,
                         int stride_a, int stride_b, float alpha Q_EPILOGUE_PARAMETERS) {
    const int column = (int)Q_GLOBAL_ID(0);
    const int row = (int)Q_GLOBAL_ID(1);
    const size_t product = Q_GROUP_ID(2);
    if (column >= n || row >= m) {
        return;
    }
    Q_GLOBAL const float* pa = a + product * stride_a + (size_t)row * row_a;
    Q_GLOBAL const float* pb = b + product * stride_b + (size_t)column * column_b;
    float sum = 0.0f;
    for (int i = 0; i < k; i++) {
        sum = Q_FMA(pa[(size_t)i * step_a], pb[(size_t)i * step_b], sum);
    }
    const size_t element = (product * m + row) * n + column;
    c[element] = q_epilogue(alpha * sum, element Q_EPILOGUE_ARGUMENTS);
}
