// Purpose: the one pass that softmax and cross-entropy make over a row before they write: the largest element and the sum of
// exponentials together; and the exponential.
//
// Parameters: W lanes; X_T, X_LOAD and X_STORE with their vectors for the storage of the tensors; STREAM 1 if results go past the
//   caches (F32 only).
// Requirements: vectors.cl in front.
// Determinism: lanes are joined in a fixed tree; every sum runs in a fixed order.

#define INTS Q_JOIN(int, W)
#define AS_VECTOR Q_JOIN(as_float, W)
#define AS_INTS Q_JOIN(as_int, W)
#define GET(p) Q_JOIN(X_LOAD, W)((p), 0)
#define PUT(v, p) Q_JOIN(X_STORE, W)((p), 0, (v))
#if STREAM
#define PUT_ALIGNED(v, p) __builtin_nontemporal_store((v), (Q_GLOBAL VECTOR*)(p))
#else
#define PUT_ALIGNED(v, p) PUT(v, p)
#endif
#if W == 16
#define LANES ((int16)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15))
#elif W == 8
#define LANES ((int8)(0, 1, 2, 3, 4, 5, 6, 7))
#else
#define LANES ((int4)(0, 1, 2, 3))
#endif
// Elements whose maximum is taken before their exponentials are: they stay in the registers and the first-level cache.
#define BLOCK 8

// The larger of two, in one instruction; a NaN in v is left to the sum.
static inline VECTOR larger(VECTOR most, VECTOR v) {
    return v > most ? v : most;
}

// e^x to 2e-7 of it; 0 below e^-87.3, infinity above e^88.7, NaN for NaN. The polynomial is one of e^f for |f| up to log(2) / 2,
// fitted for the least relative error; log 2 is taken off in two parts, the first of which has few bits.
static inline VECTOR exponential(VECTOR x) {
    const VECTOR low = x > 89.0f ? (VECTOR)(89.0f) : x;
    const VECTOR shifted = fma(low, (VECTOR)(1.44269504f), (VECTOR)(12582912.0f));
    const VECTOR n = shifted - 12582912.0f;
    const VECTOR f = fma(n, (VECTOR)(-1.42860677e-6f), fma(n, (VECTOR)(-0.693145752f), low));
    const VECTOR power = AS_VECTOR((AS_INTS(shifted) << 23) + 0x3f800000);
    VECTOR p = fma(f, (VECTOR)(0.0013843653723597527f), (VECTOR)(0.00837415549904108f));
    p = fma(p, f, (VECTOR)(0.04166800156235695f));
    p = fma(p, f, (VECTOR)(0.16666431725025177f));
    p = fma(p, f, (VECTOR)(0.4999999403953552f));
    p = fma(p, f, (VECTOR)(1.0f));
    p = fma(p, f, (VECTOR)(1.0f));
    return low < -87.3f ? (VECTOR)(0.0f) : p * power;
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
    next.sum = fma(so_far.sum, exponential(so_far.most - shift), exponential(x - shift));
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
    next.sum = so_far.sum * exponential(so_far.most - shift);
    for (int i = 0; i < BLOCK; i++) {
        next.sum += exponential(GET(x + i * step) - shift);
    }
    return next;
}

// The largest element of a row, and the sum of e^(element - largest).
static inline float joined(Online found, float* most) {
    *most = lanes_max(found.most);
    return lanes_sum(found.sum * exponential(found.most - *most));
}

// Elements from p to the next multiple of a vector's bytes where results go past the caches, else 0.
static inline int lead(Q_GLOBAL const X_T* p) {
#if STREAM
    return (int)(((W * 4 - ((ulong)p & (W * 4 - 1))) & (W * 4 - 1)) / 4);
#else
    return 0;
#endif
}
