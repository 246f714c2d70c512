// Purpose: matrix multiplication, c = epilogue(alpha * op(a) * op(b) + beta * d); one work-item an element of c.
//
//   item (column, row, product)      c[product][row][column] = sum over i of op(a)[row][i] * op(b)[i][column]
//
// Parameters: those of gemm_operands.cl; the sizes are arguments, so that one program serves them all.
// Requirements: groups of 16 x 16 x 1 work-items.
// Adds: the bottom of the ladder. Neighbouring items read neighbouring elements of b, all else is left to the caches.
// Determinism: each sum runs in the order of i in one work-item.

Q_KERNEL void gemm_naive(IN_PARAMETERS, OUT_PARAMETERS Q_PROLOGUE_A_PARAMETERS Q_PROLOGUE_B_PARAMETERS) {
    const int column = (int)Q_GLOBAL_ID(0);
    const int row = (int)Q_GLOBAL_ID(1);
    const size_t product = Q_GROUP_ID(2);
    if (column >= n || row >= m) {
        return;
    }
    float sum = 0.0f;
    for (int i = 0; i < k; i++) {
        sum = Q_FMA(LOAD_A(product, row, i), LOAD_B(product, i, column), sum);
    }
    finish_element(sum, product, row, column, m, n, OUT_ARGUMENTS);
}
