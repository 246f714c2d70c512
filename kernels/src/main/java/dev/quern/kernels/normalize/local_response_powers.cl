// Purpose: what the CPU rungs of local response norm share: s ^ -BETA and 1 / s of s = K + SHARE * (a sum of squares).
//
// For BETA = 3/4 the power comes from q = t ^ (-1/4) of t = s / SHARE, a sum of squares that begins with K / SHARE: a guess out of the bits
// of t (the exponent times -1/4) is within 3.4 %, and e = t q ^ 4 - 1 says by which factor (1 + e) ^ (-3/4) its cube is off. A polynomial
// in e, fitted for the least relative error where e may lie, leaves 6.4e-8; its coefficients have the factor SHARE ^ (-3/4) in them. Then
// 1 / s is the square of t s ^ (-3/2), but for a factor that belongs into FACTOR. An infinite s gives 0, as the formula does.
//
// Parameters: SHARE; BETA; K; QUARTERS 1 if BETA = 3/4 and neither SHARE nor K is very small or large; then START = K / SHARE and
//   RAISED = SHARE ^ (-3/4); W lanes.
// Requirements: vectors.cl in front.
// Determinism: lane by lane.

// FACTOR is that of dx = dy power + x * FACTOR * (the neighbours' dy power x inverse, summed).
#if QUARTERS
#define FACTOR (-1.5f * SHARE * SHARE * SHARE)
#define DEFINE_POWERS(TYPE, INT, SUFFIX)                                                                                \
    static inline TYPE power##SUFFIX(TYPE t) {                                                                          \
        const TYPE q = Q_JOIN(as_, TYPE)((INT)(0x4f58cae5) - (Q_JOIN(as_, INT)(t) >> 2));                               \
        const TYPE square = q * q;                                                                                      \
        const TYPE e = fma(t * square, square, (TYPE)(-1.0f));                                                          \
        TYPE p = fma(e, (TYPE)(-0.50479084f * RAISED), (TYPE)(0.57478154f * RAISED));                                   \
        p = fma(p, e, (TYPE)(-0.6021438f * RAISED));                                                                    \
        p = fma(p, e, (TYPE)(0.65619093f * RAISED));                                                                    \
        p = fma(p, e, (TYPE)(-0.74999815f * RAISED));                                                                   \
        p = fma(p, e, (TYPE)(RAISED));                                                                                  \
        return t == INFINITY ? (TYPE)(0.0f) : square * q * p;                                                           \
    }                                                                                                                   \
    static inline TYPE inverse##SUFFIX(TYPE t, TYPE power) {                                                            \
        const TYPE root = t == INFINITY ? (TYPE)(0.0f) : power * power * t;                                             \
        return root * root;                                                                                             \
    }
#else
#define START 0.0f
#define FACTOR (-2.0f * SHARE * BETA)
#define DEFINE_POWERS(TYPE, INT, SUFFIX)                                                        \
    static inline TYPE power##SUFFIX(TYPE squares) {                                            \
        return pow(fma(squares, (TYPE)(SHARE), (TYPE)(K)), (TYPE)(-BETA));                      \
    }                                                                                           \
    static inline TYPE inverse##SUFFIX(TYPE squares, TYPE power) {                              \
        return 1.0f / fma(squares, (TYPE)(SHARE), (TYPE)(K));                                   \
    }
#endif
DEFINE_POWERS(VECTOR, Q_JOIN(int, W), _vector)
DEFINE_POWERS(float, int, _one)
