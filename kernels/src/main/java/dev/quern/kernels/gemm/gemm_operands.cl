// Purpose: what all rungs share: the operands' parameters, loads of single elements of a and b, the end of every sum.
//
//   element (row, column) of product p's matrix x      x[offset_x + p * stride_x + row * ld_x + column]
//
// Parameters: definitions TRANSPOSE_A, TRANSPOSE_B 0 or 1: a is stored [k, m], b [n, k]; ADDED 1 if beta times a further matrix d
//   is added; A_T, A_LOAD … D_LOAD, C_STORE the storage types. m, n, k the sizes; ld_x, stride_x the leading dimensions and the
//   steps from product to product (0: shared).
// Requirements: the definitions of storage types, of the epilogue and of the prologues stand in front.
// Adds: nothing to the ladder; every rung reads and finishes elements alike.
// Determinism: one rounding order: alpha times the sum, then beta times d by one fused multiply-add, then the epilogue.

#define IN_PARAMETERS                                                                                                   \
    Q_GLOBAL const A_T* Q_RESTRICT a, int offset_a, int ld_a, int stride_a, Q_GLOBAL const B_T* Q_RESTRICT b, int offset_b, \
        int ld_b, int stride_b, int m, int n, int k
#if ADDED
#define OUT_PARAMETERS                                                                                                  \
    Q_GLOBAL C_T* c, int offset_c, int ld_c, int stride_c, Q_GLOBAL const D_T* d, int offset_d, int ld_d, \
        int stride_d, float beta, float alpha Q_EPILOGUE_PARAMETERS
#define OUT_ARGUMENTS c, offset_c, ld_c, stride_c, d, offset_d, ld_d, stride_d, beta, alpha Q_EPILOGUE_ARGUMENTS
#else
#define OUT_PARAMETERS Q_GLOBAL C_T* c, int offset_c, int ld_c, int stride_c, float alpha Q_EPILOGUE_PARAMETERS
#define OUT_ARGUMENTS c, offset_c, ld_c, stride_c, alpha Q_EPILOGUE_ARGUMENTS
#endif

// Element (row, i) of op(a).
Q_DEVICE float load_a(Q_GLOBAL const A_T* a, int offset_a, int ld_a, int stride_a, int m, int k, size_t product, int row,
                      int i Q_PROLOGUE_A_PARAMETERS) {
    const size_t matrix = stride_a == 0 ? 0 : product;
#if TRANSPOSE_A
    return q_prologue_a(A_LOAD(a, offset_a + matrix * stride_a + (size_t)i * ld_a + row),
                        (matrix * k + i) * m + row Q_PROLOGUE_A_ARGUMENTS);
#else
    return q_prologue_a(A_LOAD(a, offset_a + matrix * stride_a + (size_t)row * ld_a + i),
                        (matrix * m + row) * k + i Q_PROLOGUE_A_ARGUMENTS);
#endif
}
#define LOAD_A(product, row, i) load_a(a, offset_a, ld_a, stride_a, m, k, product, row, i Q_PROLOGUE_A_ARGUMENTS)

// Element (i, column) of op(b).
Q_DEVICE float load_b(Q_GLOBAL const B_T* b, int offset_b, int ld_b, int stride_b, int n, int k, size_t product, int i,
                      int column Q_PROLOGUE_B_PARAMETERS) {
    const size_t matrix = stride_b == 0 ? 0 : product;
#if TRANSPOSE_B
    return q_prologue_b(B_LOAD(b, offset_b + matrix * stride_b + (size_t)column * ld_b + i),
                        (matrix * n + column) * k + i Q_PROLOGUE_B_ARGUMENTS);
#else
    return q_prologue_b(B_LOAD(b, offset_b + matrix * stride_b + (size_t)i * ld_b + column),
                        (matrix * k + i) * n + column Q_PROLOGUE_B_ARGUMENTS);
#endif
}
#define LOAD_B(product, i, column) load_b(b, offset_b, ld_b, stride_b, n, k, product, i, column Q_PROLOGUE_B_ARGUMENTS)

// Makes the element of c out of its sum and stores it.
Q_DEVICE void finish_element(float sum, size_t product, int row, int column, int m, int n, OUT_PARAMETERS) {
    float x = alpha * sum;
#if ADDED
    x = Q_FMA(beta, D_LOAD(d, offset_d + product * stride_d + (size_t)row * ld_d + column), x);
#endif
    const size_t element = (product * m + row) * n + column;
    C_STORE(c, offset_c + product * stride_c + (size_t)row * ld_c + column, q_epilogue(x, element Q_EPILOGUE_ARGUMENTS));
}
