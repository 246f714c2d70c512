// Purpose: the one pass that softmax and cross-entropy make over a row before they write: the largest element and the sum of
// exponentials together; and the exponential.
//
// Parameters: W lanes; X_T, X_LOAD and X_STORE with their vectors for the storage of the tensors; STREAM 1 if results go past the
//   caches (F32 only).
// Requirements: vectors.cl in front.
// Determinism: lanes are joined in a fixed tree; every sum runs in a fixed order.

#define AS_VECTOR Q_JOIN(as_float, W)
#define AS_INTS Q_JOIN(as_int, W)
#define GET(p) Q_JOIN(X_LOAD, W)((p), 0)
#define PUT(v, p) Q_JOIN(X_STORE, W)((p), 0, (v))
#if STREAM
#define PUT_ALIGNED(v, p) __builtin_nontemporal_store((v), (Q_GLOBAL VECTOR*)(p))
#else
#define PUT_ALIGNED(v, p) PUT(v, p)
#endif
// Elements whose maximum is taken before their exponentials are: they stay in the registers and the first-level cache.
#define BLOCK 8

// The larger of two, in one instruction; a NaN in v is left to the sum.
static inline VECTOR larger(VECTOR most, VECTOR v) {
    return v > most ? v : most;
}

// e^x to 4e-7 of it (2e-7 above -20); 0 below e^-87.6, NaN for NaN. With n = round(x / log 2), it is 2^n e^f, and e^f is a polynomial
// fitted for the least relative error over |f| up to log(2) / 2 that is exact at 0. What is added so as to round also has the
// exponent's bias in its last bits, so that a shift makes 2^n of the sum: 0 of the least n, whatever f is.
static inline VECTOR power_of_two_parts(VECTOR x) {
    const float round = 12582912.0f + 127.0f;
    const VECTOR shifted = fma(x, (VECTOR)(1.44269504f), (VECTOR)(round));
    const VECTOR f = fma(shifted - round, (VECTOR)(-0.693147182f), x);
    VECTOR p = fma(f, (VECTOR)(0.008312501013278961f), (VECTOR)(0.041890330612659454f));
    p = fma(p, f, (VECTOR)(0.16667115688323975f));
    p = fma(p, f, (VECTOR)(0.499992311000824f));
    p = fma(p, f, (VECTOR)(1.0f));
    p = fma(p, f, (VECTOR)(1.0f));
    return p * AS_VECTOR(AS_INTS(shifted) << 23);
}

// CHAINS of them, none above 0, side by side: a processor that looks ahead only so far finds work in each of its steps.
#define CHAINS 4
#define EACH _Pragma("unroll") for (int c = 0; c < CHAINS; c++)
static inline __attribute__((always_inline)) void falling_exponentials(VECTOR* x) {
    const float round = 12582912.0f + 127.0f;
    VECTOR shifted[CHAINS], f[CHAINS], p[CHAINS];
    EACH { x[c] = x[c] < -88.0f ? (VECTOR)(-88.0f) : x[c]; }
    EACH { shifted[c] = fma(x[c], (VECTOR)(1.44269504f), (VECTOR)(round)); }
    EACH { f[c] = shifted[c] - round; }
    EACH { f[c] = fma(f[c], (VECTOR)(-0.693147182f), x[c]); }
    EACH { p[c] = fma(f[c], (VECTOR)(0.008312501013278961f), (VECTOR)(0.041890330612659454f)); }
    EACH { p[c] = fma(p[c], f[c], (VECTOR)(0.16667115688323975f)); }
    EACH { p[c] = fma(p[c], f[c], (VECTOR)(0.499992311000824f)); }
    EACH { p[c] = fma(p[c], f[c], (VECTOR)(1.0f)); }
    EACH { p[c] = fma(p[c], f[c], (VECTOR)(1.0f)); }
    EACH { x[c] = p[c] * AS_VECTOR(AS_INTS(shifted[c]) << 23); }
}

// That of what is not above 0.
static inline VECTOR falling_exponential(VECTOR x) {
    return power_of_two_parts(x < -88.0f ? (VECTOR)(-88.0f) : x);
}

// The same of any number; infinity above e^88.3.
static inline VECTOR exponential(VECTOR x) {
    return falling_exponential(x > 89.0f ? (VECTOR)(89.0f) : x);
}

// What a pass has found so far, each lane by itself.
typedef struct {
    VECTOR most;
    VECTOR sum;
} Online;

// Adds one vector.
static inline Online online_one(Online so_far, VECTOR x) {
    Online next;
    next.most = larger(so_far.most, x);
    const VECTOR shift = next.most == -INFINITY ? (VECTOR)(0.0f) : next.most;
    next.sum = fma(so_far.sum, falling_exponential(so_far.most - shift), falling_exponential(x - shift));
    return next;
}

// Adds BLOCK vectors, each step elements behind the one before.
static inline Online online_block(Online so_far, Q_GLOBAL const X_T* x, size_t step) {
    Online next;
    next.most = so_far.most;
    for (int i = 0; i < BLOCK; i++) {
        next.most = larger(next.most, GET(x + i * step));
    }
    // Minus infinity is not subtracted from itself.
    const VECTOR shift = next.most == -INFINITY ? (VECTOR)(0.0f) : next.most;
    next.sum = so_far.sum * falling_exponential(so_far.most - shift);
    for (int i = 0; i < BLOCK; i++) {
        next.sum += falling_exponential(GET(x + i * step) - shift);
    }
    return next;
}

// The largest element of a row, and the sum of e^(element - largest).
static inline float joined(Online found, float* most) {
    *most = lanes_max(found.most);
    return lanes_sum(found.sum * falling_exponential(found.most - *most));
}

// Elements from p to the next multiple of a vector's bytes where results go past the caches, else 0.
static inline int lead(Q_GLOBAL const X_T* p) {
#if STREAM
    return (int)(((W * 4 - ((ulong)p & (W * 4 - 1))) & (W * 4 - 1)) / 4);
#else
    return 0;
#endif
}
