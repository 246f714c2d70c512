// Purpose: what the kernels for CPUs do with vectors of sixteen floats: storing them anywhere, and turning squares of sixteen
// lines by sixteen lanes on their side.

// Sixteen floats anywhere in memory. PoCL 3.1 splits vstore16 into four stores; a store through this type stays one.
typedef float q_float16_anywhere __attribute__((ext_vector_type(16), aligned(4)));
#define Q_STORE16(p, value) (*(q_float16_anywhere*)(p) = (value))
#define Q_STORE16_GLOBAL(p, value) (*(Q_GLOBAL q_float16_anywhere*)(p) = (value))

// u0 v0 u1 v1 ... of the lower or upper eight lanes.
#define Q_WEAVE_LO(u, v) __builtin_shufflevector(u, v, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define Q_WEAVE_HI(u, v) __builtin_shufflevector(u, v, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)

// Transposes a 16 x 16 block: four rounds, each weaving row i with row i + 8.
__attribute__((always_inline)) static inline void q_transpose16(float16* rows) {
    float16 woven[16];
    #pragma unroll
    for (int round = 0; round < 2; round++) {
        #pragma unroll
        for (int i = 0; i < 8; i++) {
            woven[2 * i] = Q_WEAVE_LO(rows[i], rows[i + 8]);
            woven[2 * i + 1] = Q_WEAVE_HI(rows[i], rows[i + 8]);
        }
        #pragma unroll
        for (int i = 0; i < 8; i++) {
            rows[2 * i] = Q_WEAVE_LO(woven[i], woven[i + 8]);
            rows[2 * i + 1] = Q_WEAVE_HI(woven[i], woven[i + 8]);
        }
    }
}

