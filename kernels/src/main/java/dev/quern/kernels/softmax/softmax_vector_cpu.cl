// Purpose: softmax, or its logarithm, of [OUTER, AXIS, INNER] along the axis, on CPUs; one work-item a run of rows.
//
//   INNER = 1: vectors along a row          INNER > 1: each lane a row of its own, W neighbouring ones in a vector
//
// Parameters, all of them definitions: OUTER, AXIS, INNER; LOG 0 or 1; W lanes; PER_ITEM rows (INNER = 1) or vectors of rows.
//   TAIL_LOAD and TAIL_STORE handle AXIS % W elements (INNER = 1) or INNER % W rows.
// Requirements: groups of one work-item; vectors.cl in front.
// Adds over row_per_item: W elements an instruction, exponentials included, and each of them computed once.
// Determinism: each sum runs in a fixed order, in one work-item.

#if INNER == 1

static inline void softmax_row(Q_GLOBAL const float* x, Q_GLOBAL float* y) {
    VECTOR largest = (VECTOR)(-INFINITY);
    for (int i = 0; i + W <= AXIS; i += W) {
        largest = fmax(largest, LOAD(x + i));
    }
#if AXIS % W != 0
    const VECTOR tail = TAIL_LOAD(x + AXIS / W * W, -INFINITY);
    largest = fmax(largest, tail);
#endif
    const float most = lanes_max(largest);
    VECTOR sums = (VECTOR)(0.0f);
    for (int i = 0; i + W <= AXIS; i += W) {
        const VECTOR e = exp(LOAD(x + i) - most);
        sums += e;
#if !LOG
        STORE(e, y + i);
#endif
    }
#if AXIS % W != 0
    // The lanes without an element add exp(-infinity) = 0.
    const VECTOR e = exp(tail - most);
    sums += e;
#endif
#if LOG
    const float shift = log(lanes_sum(sums));
    for (int i = 0; i + W <= AXIS; i += W) {
        STORE(LOAD(x + i) - most - shift, y + i);
    }
#if AXIS % W != 0
    TAIL_STORE(tail - most - shift, y + AXIS / W * W);
#endif
#else
    const float factor = 1.0f / lanes_sum(sums);
    for (int i = 0; i + W <= AXIS; i += W) {
        STORE(LOAD(y + i) * factor, y + i);
    }
#if AXIS % W != 0
    TAIL_STORE(e * factor, y + AXIS / W * W);
#endif
#endif
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void softmax(Q_GLOBAL const float* Q_RESTRICT x, Q_GLOBAL float* Q_RESTRICT y) {
    const int first = (int)Q_GROUP_ID(0) * PER_ITEM;
    for (int row = first; row < min(first + PER_ITEM, OUTER); row++) {
        softmax_row(x + (size_t)row * AXIS, y + (size_t)row * AXIS);
    }
}

#else

#define BLOCKS ((INNER + W - 1) / W)

#define DEFINE_ROWS(NAME, READ, WRITE)                                            \
    static inline void NAME(Q_GLOBAL const float* x, Q_GLOBAL float* y) {         \
        VECTOR largest = (VECTOR)(-INFINITY);                                     \
        for (int i = 0; i < AXIS; i++) {                                          \
            largest = fmax(largest, READ(x + (size_t)i * INNER));                 \
        }                                                                         \
        VECTOR sums = (VECTOR)(0.0f);                                             \
        for (int i = 0; i < AXIS; i++) {                                          \
            const VECTOR e = exp(READ(x + (size_t)i * INNER) - largest);          \
            sums += e;                                                            \
            if (!LOG) {                                                           \
                WRITE(e, y + (size_t)i * INNER);                                  \
            }                                                                     \
        }                                                                         \
        const VECTOR end = LOG ? log(sums) : 1.0f / sums;                         \
        for (int i = 0; i < AXIS; i++) {                                          \
            if (LOG) {                                                            \
                WRITE(READ(x + (size_t)i * INNER) - largest - end, y + (size_t)i * INNER); \
            } else {                                                              \
                WRITE(READ(y + (size_t)i * INNER) * end, y + (size_t)i * INNER);  \
            }                                                                     \
        }                                                                         \
    }
DEFINE_ROWS(softmax_rows, LOAD, STORE)
#define READ_TAIL(p) TAIL_LOAD(p, 0.0f)
DEFINE_ROWS(softmax_tail_rows, READ_TAIL, TAIL_STORE)

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void softmax(Q_GLOBAL const float* Q_RESTRICT x, Q_GLOBAL float* Q_RESTRICT y) {
    const int first = (int)Q_GROUP_ID(0) * PER_ITEM;
    for (int block = first; block < min(first + PER_ITEM, OUTER * BLOCKS); block++) {
        const int column = block % BLOCKS * W;
        const size_t at = (size_t)(block / BLOCKS) * AXIS * INNER + column;
        if (column + W <= INNER) {
            softmax_rows(x + at, y + at);
        } else {
            softmax_tail_rows(x + at, y + at);
        }
    }
}

#endif
