// Purpose: the gradient of softmax, or of its logarithm, along the axis of [OUTER, AXIS, INNER], on CPUs; one work-item a run
//   of rows.
//
//   INNER = 1: vectors along a row          INNER > 1: each lane a row of its own, W neighbouring ones in a vector
//
// Parameters, all of them definitions: OUTER, AXIS, INNER; LOG 0 or 1; W lanes; PER_ITEM rows (INNER = 1) or vectors of rows.
//   TAIL_LOAD and TAIL_STORE handle AXIS % W elements (INNER = 1) or INNER % W rows.
// Requirements: groups of one work-item; vectors.cl in front.
// Adds over row_per_item: W elements an instruction, exponentials included.
// Determinism: each sum runs in a fixed order, in one work-item.

#define READ_TAIL(p) TAIL_LOAD(p, 0.0f)
#if LOG
#define TERM(y, dy) (dy)
#define RESULT(y, dy, sum) ((dy) - exp(y) * (sum))
#else
#define TERM(y, dy) ((y) * (dy))
#define RESULT(y, dy, sum) ((y) * ((dy) - (sum)))
#endif

#if INNER == 1

static inline void row_gradient(Q_GLOBAL const float* y, Q_GLOBAL const float* dy, Q_GLOBAL float* dx) {
    VECTOR sums = (VECTOR)(0.0f);
    for (int i = 0; i + W <= AXIS; i += W) {
        sums += TERM(LOAD(y + i), LOAD(dy + i));
    }
#if AXIS % W != 0
    const VECTOR tail_y = READ_TAIL(y + AXIS / W * W);
    const VECTOR tail_dy = READ_TAIL(dy + AXIS / W * W);
    sums += TERM(tail_y, tail_dy);
#endif
    const float sum = lanes_sum(sums);
    for (int i = 0; i + W <= AXIS; i += W) {
        STORE(RESULT(LOAD(y + i), LOAD(dy + i), sum), dx + i);
    }
#if AXIS % W != 0
    TAIL_STORE(RESULT(tail_y, tail_dy, sum), dx + AXIS / W * W);
#endif
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void softmax_backward(Q_GLOBAL const float* Q_RESTRICT y, Q_GLOBAL const float* Q_RESTRICT dy, Q_GLOBAL float* Q_RESTRICT dx) {
    const int first = (int)Q_GROUP_ID(0) * PER_ITEM;
    for (int row = first; row < min(first + PER_ITEM, OUTER); row++) {
        const size_t at = (size_t)row * AXIS;
        row_gradient(y + at, dy + at, dx + at);
    }
}

#else

#define BLOCKS ((INNER + W - 1) / W)

#define DEFINE_ROWS(NAME, READ, WRITE)                                                                       \
    static inline void NAME(Q_GLOBAL const float* y, Q_GLOBAL const float* dy, Q_GLOBAL float* dx) {         \
        VECTOR sums = (VECTOR)(0.0f);                                                                        \
        for (int i = 0; i < AXIS; i++) {                                                                     \
            sums += TERM(READ(y + (size_t)i * INNER), READ(dy + (size_t)i * INNER));                         \
        }                                                                                                    \
        for (int i = 0; i < AXIS; i++) {                                                                     \
            const size_t at = (size_t)i * INNER;                                                             \
            WRITE(RESULT(READ(y + at), READ(dy + at), sums), dx + at);                                       \
        }                                                                                                    \
    }
DEFINE_ROWS(rows_gradient, LOAD, STORE)
DEFINE_ROWS(tail_rows_gradient, READ_TAIL, TAIL_STORE)

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void softmax_backward(Q_GLOBAL const float* Q_RESTRICT y, Q_GLOBAL const float* Q_RESTRICT dy, Q_GLOBAL float* Q_RESTRICT dx) {
    const int first = (int)Q_GROUP_ID(0) * PER_ITEM;
    for (int block = first; block < min(first + PER_ITEM, OUTER * BLOCKS); block++) {
        const int column = block % BLOCKS * W;
        const size_t at = (size_t)(block / BLOCKS) * AXIS * INNER + column;
        if (column + W <= INNER) {
            rows_gradient(y + at, dy + at, dx + at);
        } else {
            tail_rows_gradient(y + at, dy + at, dx + at);
        }
    }
}

#endif
