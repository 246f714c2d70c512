// Purpose: what the rungs with explicit vectors share: names for vectors of W lanes, and the end of W sums in a row of c.
// Parameters: W lanes: 4, 8 or 16; the definitions of gemm_operands.cl, in vectors of W too.
// Requirements: the OpenCL dialect; W columns from `column` on exist.
// Adds: nothing to the ladder.
// Determinism: as finish_element, lane by lane.

#define Q_JOIN_(x, y) x##y
#define Q_JOIN(x, y) Q_JOIN_(x, y)
#define VECTOR Q_JOIN(float, W)
#define LOAD Q_JOIN(vload, W)
#define STORE Q_JOIN(vstore, W)
#define EPILOGUE Q_JOIN(q_epilogue, W)
#define C_STORE_VECTOR Q_JOIN(C_STORE, W)
#define D_LOAD_VECTOR Q_JOIN(D_LOAD, W)
// Loops whose speed does not matter stay loops: unrolled, they would be most of the time to compile this.
#define ROLLED _Pragma("unroll 1")

static inline void finish_vector(VECTOR sum, size_t product, int row, int column, int m, int n, OUT_PARAMETERS) {
    VECTOR x = alpha * sum;
#if ADDED
    x = fma((VECTOR)(beta), D_LOAD_VECTOR(d, offset_d + product * stride_d + (size_t)row * ld_d + column), x);
#endif
    const size_t element = (product * m + row) * n + column;
    x = EPILOGUE(x, element Q_EPILOGUE_ARGUMENTS);
    C_STORE_VECTOR(c, offset_c + product * stride_c + (size_t)row * ld_c + column, x);
}
