// Purpose: a micro tile of sums in vector registers, for CPUs: MR lines times NV vectors.
//
//   for each step: NV vectors are loaded; each of MR single values LINE(r), the same for all lanes, is multiplied by them
//
// Parameters: definitions MR (4, 6, 8 or 12), NV (1 to 4), W lanes a vector; LINE(r), the value of line r in the step. Sums are kept in
//   variables of their own, s<line>_<vector>: an array would go through memory.
// Requirements: 8 x 3 sums, 3 vectors and 1 value are 28 of 32 registers of 512 bits; 4 x 3, 3 and 1 are all 16 of AVX.
// Adds: nothing to the ladder; packed_cpu, skinny_cpu and wide_cpu share it. Where another thread uses the same core, what counts is the
//   number of instructions: 8 x 3 needs 11 loads for 24 multiply-adds and 12 x 2 needs 14, and loops that are unrolled four
//   times count and compare less. Together that made 117 GFLOP/s out of 99 on such a core (one thread, median), and 170 out of 146 on an
//   idle one. As fast: 6 x 4. Slower: values broadcast by the multiply-add itself, 24 x 1, 5 x 5, 9 x 3, 14 x 2.
// Determinism: each sum runs in the order of the steps.

#define NR (NV * W)
#if MR == 12
#define EACH_ROW(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11)
#elif MR == 8
#define EACH_ROW(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7)
#elif MR == 6
#define EACH_ROW(X) X(0) X(1) X(2) X(3) X(4) X(5)
#else
#define EACH_ROW(X) X(0) X(1) X(2) X(3)
#endif
#if NV == 4
#define EACH_VECTOR(X, r) X(r, 0) X(r, 1) X(r, 2) X(r, 3)
#elif NV == 3
#define EACH_VECTOR(X, r) X(r, 0) X(r, 1) X(r, 2)
#elif NV == 2
#define EACH_VECTOR(X, r) X(r, 0) X(r, 1)
#else
#define EACH_VECTOR(X, r) X(r, 0)
#endif
#define SCRATCH(r, v) *(Q_GLOBAL UNALIGNED*)(scratch + r * NR + v * W)
#define DECLARE_SUM(r, v) VECTOR s##r##_##v = (VECTOR)(0.0f);
#define DECLARE_SUMS(r) EACH_VECTOR(DECLARE_SUM, r)
#define ADD_PRODUCT(r, v) s##r##_##v = fma(x, b##v, s##r##_##v);
#define ADD_PRODUCTS(r) { const VECTOR x = (VECTOR)(LINE(r)); EACH_VECTOR(ADD_PRODUCT, r) }
#define ADD_EARLIER_SUM(r, v) s##r##_##v += SCRATCH(r, v);
#define ADD_EARLIER(r) EACH_VECTOR(ADD_EARLIER_SUM, r)
#define SET_SUM_ASIDE(r, v) SCRATCH(r, v) = s##r##_##v;
#define SET_ASIDE(r) EACH_VECTOR(SET_SUM_ASIDE, r)
#define LOAD_VECTOR(p, v) const VECTOR b##v = LOAD(v, p);
#define LOAD_VECTORS(p) EACH_VECTOR(LOAD_VECTOR, p)
// Does ONE_STEP so many times, with i counting, and BEFORE in front of each four of them.
#define EACH_STEP(steps, BEFORE, ONE_STEP)                                                                              \
    int i = 0;                                                                                                          \
    ROLLED for (; i + 4 <= steps;) {                                                                                    \
        BEFORE                                                                                                          \
        ONE_STEP ONE_STEP ONE_STEP ONE_STEP                                                                             \
    }                                                                                                                   \
    ROLLED for (; i < steps;) {                                                                                         \
        ONE_STEP                                                                                                        \
    }

// Takes a micro tile's whole sums out of scratch.
static inline void finish_tile(Q_GLOBAL const float* scratch, size_t product, int row, int column, int m, int n,
                               OUT_PARAMETERS) {
    const int rows = min(MR, m - row);
    const int columns = min(NR, n - column);
    ROLLED for (int r = 0; r < rows; r++) {
        int j = 0;
        ROLLED for (; j + W <= columns; j += W) {
            finish_vector(LOAD(0, scratch + r * NR + j), product, row + r, column + j, m, n, OUT_ARGUMENTS);
        }
        ROLLED for (; j < columns; j++) {
            finish_element(scratch[r * NR + j], product, row + r, column + j, m, n, OUT_ARGUMENTS);
        }
    }
}
