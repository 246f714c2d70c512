// Purpose: local response norm across channels of [BATCH, CHANNELS, INNER], on CPUs; one work-item a strip of up to STRIP pixels
// of a sample, along all channels.
//
//   strip (n, k): pixels k * STRIP … of sample n      a ring of SIZE squares a pixel: those of channels c - BEFORE … c + BEHIND
//
// Parameters, all of them definitions: BATCH, CHANNELS, INNER; SIZE = BEFORE + BEHIND + 1; SHARE = alpha / size; BETA; K; STRIP,
//   a multiple of W; PER_ITEM strips; OPERANDS, the problem's operands as parameters.
// Requirements: groups of one work-item; vector_runs.cl and local_response_powers.cl in front.
// Adds over item_per_element: x is read once; each square is computed once and stays in the first-level cache; W pixels at a
//   time; the usual exponent without a logarithm.
// Determinism: each sum runs over the ring in a fixed order.

#define STRIPS ((INNER + STRIP - 1) / STRIP)

#define DEFINE_STRIP(NAME, TYPE, LANES, VECTORS, READ, WRITE, END, POWERS)                                              \
    static inline void NAME(Q_GLOBAL const X_T* x, Q_GLOBAL X_T* y, size_t first Q_EPILOGUE_PARAMETERS) {               \
        TYPE ring[SIZE][VECTORS];                                                                                       \
        for (int k = 0; k < SIZE; k++) {                                                                                \
            for (int v = 0; v < VECTORS; v++) {                                                                         \
                const TYPE e = k < BEHIND && k < CHANNELS ? READ(x, first + (size_t)k * INNER + v * LANES) : (TYPE)(0.0f);      \
                ring[k][v] = e * e;                                                                                     \
            }                                                                                                           \
        }                                                                                                               \
        for (int c = 0; c < CHANNELS; c++) {                                                                            \
            const int enters = c + BEHIND;                                                                              \
            const int slot = enters % SIZE;                                                                             \
            for (int v = 0; v < VECTORS; v++) {                                                                         \
                const TYPE e = enters < CHANNELS ? READ(x, first + (size_t)enters * INNER + v * LANES) : (TYPE)(0.0f);          \
                ring[slot][v] = e * e;                                                                                  \
                TYPE squares = ring[0][v];                                                                              \
                for (int k = 1; k < SIZE; k++) {                                                                        \
                    squares += ring[k][v];                                                                              \
                }                                                                                                       \
                TYPE power;                                                                                             \
                TYPE next;                                                                                              \
                POWERS(fma(squares, (TYPE)(SHARE), (TYPE)(K)), &power, &next);                                          \
                const size_t at = first + (size_t)c * INNER + v * LANES;                                                \
                WRITE(y, at, END(READ(x, at) * power, at));                                                             \
            }                                                                                                           \
        }                                                                                                               \
    }
#define PUT_ONE(p, i, v) X_STORE(p, i, v)
DEFINE_STRIP(whole_strip, VECTOR, W, STRIP / W, GET, PUT, FINISH, powers_vector)
DEFINE_STRIP(one_vector, VECTOR, W, 1, GET, PUT, FINISH, powers_vector)
DEFINE_STRIP(one_pixel, float, 1, 1, X_LOAD, PUT_ONE, FINISH_ONE, powers_one)

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void local_response_norm(OPERANDS Q_EPILOGUE_PARAMETERS) {
    const int begin = (int)Q_GROUP_ID(0) * PER_ITEM;
    for (int s = begin; s < min(begin + PER_ITEM, BATCH * STRIPS); s++) {
        const size_t sample = (size_t)(s / STRIPS) * CHANNELS * INNER;
        int pixel = s % STRIPS * STRIP;
        const int end = min(pixel + STRIP, INNER);
        if (pixel + STRIP <= end) {
            whole_strip(x, y, sample + pixel Q_EPILOGUE_ARGUMENTS);
            continue;
        }
        for (; pixel + W <= end; pixel += W) {
            one_vector(x, y, sample + pixel Q_EPILOGUE_ARGUMENTS);
        }
        for (; pixel < end; pixel++) {
            one_pixel(x, y, sample + pixel Q_EPILOGUE_ARGUMENTS);
        }
    }
}
