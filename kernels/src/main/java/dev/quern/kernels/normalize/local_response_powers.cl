// Purpose: what the CPU rungs of local response norm share: s ^ -BETA and s ^ -(BETA + 1).
//
// For BETA = 3/4 and K > 0 the power is q ^ 3 with q = s ^ (-1/4) by Newton's method from a guess out of the bits of s (the
// exponent times -1/4): four steps, then q is as exact as F32 is. An infinite s gives 0, as the formula does.
//
// Parameters: BETA; QUARTERS 1 if BETA = 3/4 and K is a normal number above 0; W lanes.
// Requirements: vectors.cl in front.
// Determinism: lane by lane.

#if QUARTERS
#define DEFINE_POWERS(TYPE, INT, SUFFIX)                                                        \
    static inline TYPE quarter_root##SUFFIX(TYPE s) {                                           \
        TYPE q = Q_JOIN(as_, TYPE)((INT)(0x4f58cae5) - (Q_JOIN(as_, INT)(s) >> 2));             \
        const TYPE part = 0.25f * s;                                                            \
        for (int step = 0; step < 4; step++) {                                                  \
            const TYPE square = q * q;                                                          \
            q = q * (1.25f - part * square * square);                                           \
        }                                                                                       \
        return s == INFINITY ? (TYPE)(0.0f) : q;                                                \
    }                                                                                           \
    static inline void powers##SUFFIX(TYPE s, TYPE* power, TYPE* next) {                        \
        const TYPE q = quarter_root##SUFFIX(s);                                                 \
        const TYPE square = q * q;                                                              \
        *power = square * q;                                                                    \
        *next = *power * square * square;                                                       \
    }
#else
#define DEFINE_POWERS(TYPE, INT, SUFFIX)                                                        \
    static inline void powers##SUFFIX(TYPE s, TYPE* power, TYPE* next) {                        \
        *power = pow(s, (TYPE)(-BETA));                                                         \
        *next = *power / s;                                                                     \
    }
#endif
DEFINE_POWERS(VECTOR, Q_JOIN(int, W), _vector)
DEFINE_POWERS(float, int, _one)
