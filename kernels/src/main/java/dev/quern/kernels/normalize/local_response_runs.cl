// Purpose: what local response norm and its gradient on CPUs share: how a run of neighbouring pixels of a channel is cut into vectors
// whose results go past the caches.
//
// Parameters: STRIP, a multiple of W, the most pixels of a run; W lanes; STREAM whether results go past the caches.
// Requirements: vector_runs.cl in front; a run of at least W pixels.
// Determinism: lane by lane.

// A vector kept near, stored by one instruction: what is stored in pieces cannot be loaded again soon.
#define KEEP(v, p) (*(Q_JOIN(Q_JOIN(q_float, W), _unaligned)*)(p) = (v))
#define PUT_ANYWHERE(p, i, v) Q_JOIN(X_STORE, W)(p, i, v)

// How many pixels lie before the first whole aligned vector of the result from element at on.
static inline int lead_of(Q_GLOBAL const X_T* y, size_t at) {
#if STREAM
    return (int)(((W * 4 - ((ulong)(y + at) & (W * 4 - 1))) & (W * 4 - 1)) / 4);
#else
    return 0;
#endif
}

// Calls VECTOR_AT(aligned, i) for the vectors of a run of n pixels: the aligned ones, and at both ends one that may overlap them and
// gives the same there. What it stores is to go to element at + i of y.
#define EACH_VECTOR(y, at, n, VECTOR_AT)          \
    do {                                          \
        int i = lead_of(y, at);                   \
        if (i > 0) {                              \
            VECTOR_AT(0, 0);                      \
        }                                         \
        for (; i + W <= (n); i += W) {            \
            VECTOR_AT(1, i);                      \
        }                                         \
        if (i < (n)) {                            \
            VECTOR_AT(0, (n) - W);                \
        }                                         \
    } while (0)

// Stores a finished vector.
#define PUT_VECTOR(aligned, y, at, v)             \
    if (aligned) {                                \
        PUT(y, at, FINISH(v, at));                \
    } else {                                      \
        PUT_ANYWHERE(y, at, FINISH(v, at));       \
    }
