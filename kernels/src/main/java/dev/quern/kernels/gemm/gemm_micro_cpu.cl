// Purpose: a micro tile of sums in vector registers, for CPUs: MR lines times NV vectors.
//
//   for each step: NV vectors are loaded; each of MR single values LINE(r), the same for all lanes, is multiplied by them
//
// Parameters: definitions MR (4 or 12), NV (1 to 3), W lanes a vector; LINE(r), the value of line r in the step. Sums are kept in
//   variables of their own, s<line>_<vector>: an array would go through memory.
// Requirements: 12 x 2 sums, 2 vectors and 1 value are 27 of 32 registers of 512 bits; 4 x 3, 3 and 1 are all 16 of AVX.
// Adds: nothing to the ladder; packed_cpu and skinny_cpu share it.
// Determinism: each sum runs in the order of the steps.

#define NR (NV * W)
#if MR == 12
#define EACH_ROW(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11)
#else
#define EACH_ROW(X) X(0) X(1) X(2) X(3)
#endif
#define SCRATCH(r, v) *(Q_GLOBAL UNALIGNED*)(scratch + r * NR + v * W)
#if NV == 3
#define DECLARE_SUMS(r) VECTOR s##r##_0 = (VECTOR)(0.0f), s##r##_1 = (VECTOR)(0.0f), s##r##_2 = (VECTOR)(0.0f);
#define ADD_PRODUCTS(r) { const VECTOR x = (VECTOR)(LINE(r)); \
    s##r##_0 = fma(x, b0, s##r##_0); s##r##_1 = fma(x, b1, s##r##_1); s##r##_2 = fma(x, b2, s##r##_2); }
#define ADD_EARLIER(r) s##r##_0 += SCRATCH(r, 0); s##r##_1 += SCRATCH(r, 1); s##r##_2 += SCRATCH(r, 2);
#define SET_ASIDE(r) SCRATCH(r, 0) = s##r##_0; SCRATCH(r, 1) = s##r##_1; SCRATCH(r, 2) = s##r##_2;
#define LOAD_VECTORS(p) const VECTOR b0 = LOAD(0, p); const VECTOR b1 = LOAD(1, p); const VECTOR b2 = LOAD(2, p);
#elif NV == 2
#define DECLARE_SUMS(r) VECTOR s##r##_0 = (VECTOR)(0.0f), s##r##_1 = (VECTOR)(0.0f);
#define ADD_PRODUCTS(r) { const VECTOR x = (VECTOR)(LINE(r)); \
    s##r##_0 = fma(x, b0, s##r##_0); s##r##_1 = fma(x, b1, s##r##_1); }
#define ADD_EARLIER(r) s##r##_0 += SCRATCH(r, 0); s##r##_1 += SCRATCH(r, 1);
#define SET_ASIDE(r) SCRATCH(r, 0) = s##r##_0; SCRATCH(r, 1) = s##r##_1;
#define LOAD_VECTORS(p) const VECTOR b0 = LOAD(0, p); const VECTOR b1 = LOAD(1, p);
#else
#define DECLARE_SUMS(r) VECTOR s##r##_0 = (VECTOR)(0.0f);
#define ADD_PRODUCTS(r) s##r##_0 = fma((VECTOR)(LINE(r)), b0, s##r##_0);
#define ADD_EARLIER(r) s##r##_0 += SCRATCH(r, 0);
#define SET_ASIDE(r) SCRATCH(r, 0) = s##r##_0;
#define LOAD_VECTORS(p) const VECTOR b0 = LOAD(0, p);
#endif
