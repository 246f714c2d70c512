// Purpose: what the CPU rungs of normalisation share: sums over runs of neighbours in vectors of W lanes, statistics that stay
// right when the mean is much larger than the deviation, and the normalisation of a run.
//
// Statistics are taken of x - shift, where shift is one of the run's own elements: so nothing that the numbers have in common
// costs digits. Chunks are summed twice, first for the mean, then for the squares about it (the second time out of the
// first-level cache), and joined by the formula of Chan, Golub and LeVeque (1979).
//
// Parameters: W lanes; X_T, X_LOAD, X_STORE and their vectors; STREAM 1 if results go past the caches (F32, vectors aligned).
// Requirements: vectors.cl, the epilogue and the prologue of dy in front.
// Determinism: every sum runs in a fixed order.

#define GET(p, i) Q_JOIN(X_LOAD, W)(p, i)
#if STREAM
#define PUT(p, i, v) __builtin_nontemporal_store(v, (Q_GLOBAL VECTOR*)((p) + (i)))
#else
#define PUT(p, i, v) Q_JOIN(X_STORE, W)(p, i, v)
#endif
#define FINISH(v, i) Q_JOIN(q_epilogue, W)(v, i Q_EPILOGUE_ARGUMENTS)
#define FINISH_ONE(v, i) q_epilogue(v, i Q_EPILOGUE_ARGUMENTS)
// What elements of dy from element i on are where v was loaded.
#define LOADED(v, i) Q_JOIN(q_prologue_dy, W)(v, i Q_PROLOGUE_DY_ARGUMENTS)
#define LOADED_ONE(v, i) q_prologue_dy(v, i Q_PROLOGUE_DY_ARGUMENTS)

// Of count numbers less a shift: their mean, and the sum of the squares of their distances from it.
typedef struct {
    float count;
    float mean;
    float squares;
} Statistics;

static inline Statistics joined(Statistics a, Statistics b) {
    Statistics both;
    both.count = a.count + b.count;
    const float share = b.count / both.count;
    const float distance = b.mean - a.mean;
    both.mean = fma(distance, share, a.mean);
    both.squares = a.squares + b.squares + distance * distance * a.count * share;
    return both;
}

// The sum of n neighbours less a shift; those at ahead are read soon.
static inline VECTOR run_sum(Q_GLOBAL const X_T* p, Q_GLOBAL const X_T* ahead, int n, float shift, float* rest) {
    VECTOR a = 0.0f;
    VECTOR b = 0.0f;
    VECTOR c = 0.0f;
    VECTOR d = 0.0f;
    int i = 0;
    for (; i + 4 * W <= n; i += 4 * W) {
        FETCH(ahead + i);
        FETCH(ahead + i + W);
        FETCH(ahead + i + 2 * W);
        FETCH(ahead + i + 3 * W);
        a += GET(p, i) - shift;
        b += GET(p, i + W) - shift;
        c += GET(p, i + 2 * W) - shift;
        d += GET(p, i + 3 * W) - shift;
    }
    for (; i + W <= n; i += W) {
        a += GET(p, i) - shift;
    }
    for (; i < n; i++) {
        *rest += X_LOAD(p, i) - shift;
    }
    return (a + b) + (c + d);
}

static inline VECTOR run_squares(Q_GLOBAL const X_T* p, int n, float shift, float centre, float* rest) {
    VECTOR a = 0.0f;
    VECTOR b = 0.0f;
    VECTOR c = 0.0f;
    VECTOR d = 0.0f;
    int i = 0;
    for (; i + 4 * W <= n; i += 4 * W) {
        const VECTOR e = GET(p, i) - shift - centre;
        const VECTOR f = GET(p, i + W) - shift - centre;
        const VECTOR g = GET(p, i + 2 * W) - shift - centre;
        const VECTOR h = GET(p, i + 3 * W) - shift - centre;
        a = fma(e, e, a);
        b = fma(f, f, b);
        c = fma(g, g, c);
        d = fma(h, h, d);
    }
    for (; i + W <= n; i += W) {
        const VECTOR e = GET(p, i) - shift - centre;
        a = fma(e, e, a);
    }
    for (; i < n; i++) {
        const float e = X_LOAD(p, i) - shift - centre;
        *rest = fma(e, e, *rest);
    }
    return (a + b) + (c + d);
}

// y = (x - shift - centre) * scale + bias for n neighbours from element at on, which share a channel; those from element ahead
// on are read next.
static inline void normalise_run(Q_GLOBAL const X_T* x, Q_GLOBAL X_T* y, size_t at, size_t ahead, int n, float shift, float centre,
                                 float scale, float bias Q_EPILOGUE_PARAMETERS) {
    int i = 0;
    for (; i + W <= n; i += W) {
        FETCH(x + ahead + i);
        const VECTOR v = fma(GET(x, at + i) - shift - centre, (VECTOR)(scale), (VECTOR)(bias));
        PUT(y, at + i, FINISH(v, at + i));
    }
    for (; i < n; i++) {
        const float v = fma(X_LOAD(x, at + i) - shift - centre, scale, bias);
        X_STORE(y, at + i, FINISH_ONE(v, at + i));
    }
}

// The sums of dy and of dy * (x - mean) over n neighbours from element at on; the vectors are added to, the rest goes to rests.
// Those from element ahead on are read soon.
static inline void run_products(Q_GLOBAL const X_T* all_dy, Q_GLOBAL const X_T* all_x, size_t at, size_t ahead, int n, float mean,
                                VECTOR* sums, VECTOR* products, float* rest_sum, float* rest_product Q_PROLOGUE_DY_PARAMETERS) {
    VECTOR a = 0.0f;
    VECTOR b = 0.0f;
    VECTOR c = 0.0f;
    VECTOR d = 0.0f;
    Q_GLOBAL const X_T* dy = all_dy + at;
    Q_GLOBAL const X_T* x = all_x + at;
    int i = 0;
    for (; i + 2 * W <= n; i += 2 * W) {
        FETCH(all_dy + ahead + i);
        FETCH(all_dy + ahead + i + W);
        FETCH(all_x + ahead + i);
        FETCH(all_x + ahead + i + W);
        const VECTOR g = LOADED(GET(dy, i), at + i);
        const VECTOR h = LOADED(GET(dy, i + W), at + i + W);
        a += g;
        b += h;
        c = fma(g, GET(x, i) - mean, c);
        d = fma(h, GET(x, i + W) - mean, d);
    }
    for (; i + W <= n; i += W) {
        const VECTOR g = LOADED(GET(dy, i), at + i);
        a += g;
        c = fma(g, GET(x, i) - mean, c);
    }
    for (; i < n; i++) {
        const float g = LOADED_ONE(X_LOAD(dy, i), at + i);
        *rest_sum += g;
        *rest_product = fma(g, X_LOAD(x, i) - mean, *rest_product);
    }
    *sums += a + b;
    *products += c + d;
}

// dx = (dy - average + (x - mean) * slope) * scale for n neighbours from element at on, which share a channel; those from element
// ahead on are read next.
static inline void gradient_run(Q_GLOBAL const X_T* dy, Q_GLOBAL const X_T* x, Q_GLOBAL X_T* dx, size_t at, size_t ahead, int n,
                                float mean, float average, float slope, float scale Q_EPILOGUE_PARAMETERS Q_PROLOGUE_DY_PARAMETERS) {
    int i = 0;
    for (; i + W <= n; i += W) {
        FETCH(dy + ahead + i);
        FETCH(x + ahead + i);
        const VECTOR g = LOADED(GET(dy, at + i), at + i);
        const VECTOR v = fma(GET(x, at + i) - mean, (VECTOR)(slope), g - average) * scale;
        PUT(dx, at + i, FINISH(v, at + i));
    }
    for (; i < n; i++) {
        const float g = LOADED_ONE(X_LOAD(dy, at + i), at + i);
        const float v = fma(X_LOAD(x, at + i) - mean, slope, g - average) * scale;
        X_STORE(dx, at + i, FINISH_ONE(v, at + i));
    }
}
