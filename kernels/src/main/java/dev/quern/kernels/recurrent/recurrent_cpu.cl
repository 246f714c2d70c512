// Purpose: what the rungs for CPUs share: vectors, the activations on them, and the product that a tile begins with.
//
//   tile: up to ROWS rows of a [..][DEPTH], each times one panel [DEPTH][LINE] of packed weights
//
//                 k
//        +----------------+      panel: LINE = NV * W neighbouring units; its line k lies in one place
//   rows | a, broadcast   |      sums:  rows x NV vectors in registers, then set aside in private memory
//        +----------------+
//
// Parameters, all of them definitions: W lanes a vector (4, 8, 16); NV vectors of units a tile; ROWS rows of most tiles, the
//   others have ROWS - 1; DEPTH the length of the sums and of a line of a; FEATURES more products of a line of inputs, or 0;
//   HIDDEN. TAIL_LOAD and TAIL_STORE handle HIDDEN % W units.
// Requirements: recurrent_vectors_cpu.cl in front; groups of one work-item.
// Determinism: each sum runs along k in order, in one work-item.

#define LINE (NV * W)
#define PANELS ((HIDDEN + LINE - 1) / LINE)
// Every other step goes through the panels backwards: those that it comes to first are still in a cache.
#define IN_TURNS(s, i, count) ((s) & 1 ? (count) - 1 - (i) : (i))

// The vector of units at p, and back; the last one may have fewer than W units.
#if HIDDEN % W == 0
#define READ(p, whole) LOAD(0, p)
#define WRITE(v, p, whole) STORE(v, p)
#else
static inline VECTOR read_units(Q_GLOBAL const float* p, int whole) {
    if (whole) {
        return LOAD(0, p);
    }
    return TAIL_LOAD(p, 0.0f);
}

static inline void write_units(VECTOR v, Q_GLOBAL float* p, int whole) {
    if (whole) {
        STORE(v, p);
    } else {
        TAIL_STORE(v, p);
    }
}
#define READ(p, whole) read_units(p, whole)
#define WRITE(v, p, whole) write_units(v, p, whole)
#endif

// e^x - 1 for x in [-87, 87]: 2^n (e^r - 1) + (2^n - 1), where x = n ln 2 + r and r is at most half of ln 2; the series of
// e^r ends where its next term is below 1e-8. Adding 1.5 * 2^23 rounds to an integer, which is then in the lowest bits.
static inline VECTOR exp_minus_one(VECTOR x) {
    const VECTOR shifted = fma(x, (VECTOR)(1.442695041f), (VECTOR)(12582912.0f));
    const VECTOR n = shifted - 12582912.0f;
    const VECTOR r = fma(n, (VECTOR)(-1.42860677e-6f), fma(n, (VECTOR)(-0.693145752f), x));
    VECTOR p = fma((VECTOR)(1.0f / 5040.0f), r, (VECTOR)(1.0f / 720.0f));
    p = fma(p, r, (VECTOR)(1.0f / 120.0f));
    p = fma(p, r, (VECTOR)(1.0f / 24.0f));
    p = fma(p, r, (VECTOR)(1.0f / 6.0f));
    p = fma(p, r, (VECTOR)(0.5f));
    p = fma(p * r, r, r);
    const VECTOR scale = Q_JOIN(as_float, W)((Q_JOIN(as_int, W)(shifted) + 127) << 23);
    return fma(scale, p, scale - 1.0f);
}

// Written so that NaN stays NaN.
static inline VECTOR clamp_to(VECTOR x, float most) {
    x = most < x ? (VECTOR)(most) : x;
    return -most > x ? (VECTOR)(-most) : x;
}

static inline VECTOR vector_sigmoid(VECTOR x) {
    return 1.0f / (2.0f + exp_minus_one(clamp_to(-x, 87.0f)));
}

// Exact to rounding near 0 too, because e^x - 1 is; past 20 the result is 1.
static inline VECTOR vector_tanh(VECTOR x) {
    const VECTOR e = exp_minus_one(clamp_to(x + x, 40.0f));
    return e / (e + 2.0f);
}

// Weights are asked for some lines ahead.
#define LINES_AHEAD 32

// Adds depth products to each sum: lines of a lie a_line apart; the panel's lines follow one another.
#define ADD_PRODUCTS(COUNT, a, a_line, depth, panel)                                                          \
    for (int k = 0; k < (depth); k++) {                                                                       \
        VECTOR weights[NV];                                                                                   \
        _Pragma("unroll") for (int v = 0; v < NV; v++) {                                                      \
            weights[v] = LOAD(v, (panel) + (size_t)k * LINE);                                                 \
            FETCH_FAR((panel) + (size_t)(k + LINES_AHEAD) * LINE + v * W);                                       \
        }                                                                                                     \
        _Pragma("unroll") for (int r = 0; r < COUNT; r++) {                                                   \
            const VECTOR factor = (VECTOR)((a)[(size_t)r * (a_line) + k]);                                    \
            _Pragma("unroll") for (int v = 0; v < NV; v++) {                                                  \
                sums[r][v] = fma(factor, weights[v], sums[r][v]);                                             \
            }                                                                                                 \
        }                                                                                                     \
    }

#define DEFINE_PRODUCT(NAME, COUNT)                                                                           \
    static inline void NAME(Q_GLOBAL const float* a, int depth, Q_GLOBAL const float* inputs, int features,   \
                            Q_GLOBAL const float* panel, float* aside) {                                      \
        VECTOR sums[COUNT][NV];                                                                               \
        _Pragma("unroll") for (int r = 0; r < COUNT; r++) {                                                   \
            _Pragma("unroll") for (int v = 0; v < NV; v++) {                                                  \
                sums[r][v] = (VECTOR)(0.0f);                                                                  \
            }                                                                                                 \
        }                                                                                                     \
        ADD_PRODUCTS(COUNT, a, DEPTH, depth, panel)                                                           \
        ADD_PRODUCTS(COUNT, inputs, FEATURES, features, panel + (size_t)DEPTH * LINE)                         \
        _Pragma("unroll") for (int r = 0; r < COUNT; r++) {                                                   \
            _Pragma("unroll") for (int v = 0; v < NV; v++) {                                                  \
                KEEP(sums[r][v], aside + (r * NV + v) * W);                                                   \
            }                                                                                                 \
        }                                                                                                     \
    }
DEFINE_PRODUCT(product_of_most, ROWS)
#if ROWS > 1
DEFINE_PRODUCT(product_of_fewer, (ROWS - 1))
#else
#define product_of_fewer product_of_most
#endif

// Sums of rows x LINE, row r at aside + r * LINE: depth (DEPTH or none) products of a, then features (FEATURES or none) of inputs,
// whose weights lie in the panel behind DEPTH others.
static inline void product(Q_GLOBAL const float* a, int depth, Q_GLOBAL const float* inputs, int features,
                           Q_GLOBAL const float* panel, float* aside, int rows) {
    if (rows == ROWS) {
        product_of_most(a, depth, inputs, features, panel, aside);
    } else {
        product_of_fewer(a, depth, inputs, features, panel, aside);
    }
}
