// Purpose: what the CPU rungs of local response norm share: s ^ -BETA and s ^ -(BETA + 1).
//
// For BETA = 3/4 and K > 0 the powers come from q = s ^ (-1/4): a guess out of the bits of s (the exponent times -1/4) is within 3.4 %,
// and e = 1 - s q ^ 4 then says by which factor (1 - e) ^ (-1/4) it is off. A cubic in e, fitted for the least relative error where e
// may lie, leaves 4e-6; the second time the linear term is enough for 2.2e-7 of the result. An infinite s gives 0, as the formula does.
//
// Parameters: BETA; QUARTERS 1 if BETA = 3/4 and K is a normal number above 0; W lanes.
// Requirements: vectors.cl in front.
// Determinism: lane by lane.

#if QUARTERS
#define DEFINE_POWERS(TYPE, INT, SUFFIX)                                                                                \
    static inline void powers##SUFFIX(TYPE s, TYPE* power, TYPE* next) {                                                \
        TYPE q = Q_JOIN(as_, TYPE)((INT)(0x4f58cae5) - (Q_JOIN(as_, INT)(s) >> 2));                                     \
        TYPE square = q * q;                                                                                            \
        TYPE e = fma(-s * square, square, (TYPE)(1.0f));                                                                \
        const TYPE bend = fma(fma(e, (TYPE)(0.11334613f), (TYPE)(0.15742824f)), e, (TYPE)(0.25002963f));                \
        q = q * fma(bend, e, (TYPE)(1.0f));                                                                             \
        square = q * q;                                                                                                 \
        e = fma(-s * square, square, (TYPE)(1.0f));                                                                     \
        const TYPE cube = square * q;                                                                                   \
        *power = s == INFINITY ? (TYPE)(0.0f) : cube * fma(e, (TYPE)(0.75f), (TYPE)(1.0f));                             \
        *next = s == INFINITY ? (TYPE)(0.0f) : cube * (square * square) * fma(e, (TYPE)(1.75f), (TYPE)(1.0f));          \
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
