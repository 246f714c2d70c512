// Purpose: the gradient of softmax, or of its logarithm, along the axis of [OUTER, AXIS, INNER], on CPUs; one work-item a run
//   of rows.
//
//   INNER = 1: vectors along a row          INNER > 1: each lane a row of its own, STRIP vectors of neighbouring ones at a time
//
// Parameters, all of them definitions: OUTER, AXIS, INNER; LOG 0 or 1; W lanes; PER_ITEM rows (INNER = 1) or strips; STRIP;
//   STREAM whether results go past the caches. TAIL_LOAD and TAIL_STORE handle AXIS % W elements (INNER = 1) or INNER % W rows.
// Requirements: groups of one work-item; vectors.cl, online.cl and gradient.cl in front.
// Adds over row_per_item: W elements an instruction, exponentials included; a row comes from memory once.
// Determinism: each sum runs in a fixed order, in one work-item.

#define READ_TAIL(p) TAIL_LOAD(p, 0.0f)

#if INNER == 1

static inline void row_gradient(Q_GLOBAL const X_T* y, Q_GLOBAL const X_T* dy, Q_GLOBAL X_T* dx) {
    VECTOR sums[4] = {(VECTOR)(0.0f), (VECTOR)(0.0f), (VECTOR)(0.0f), (VECTOR)(0.0f)};
    int i = 0;
    for (; i + 4 * W <= AXIS; i += 4 * W) {
        for (int v = 0; v < 4; v++) {
            sums[v] = ADDED(sums[v], GET(y + i + v * W), GET(dy + i + v * W));
        }
    }
    for (; i + W <= AXIS; i += W) {
        sums[0] = ADDED(sums[0], GET(y + i), GET(dy + i));
    }
#if AXIS % W != 0
    sums[1] = ADDED(sums[1], READ_TAIL(y + AXIS / W * W), READ_TAIL(dy + AXIS / W * W));
#endif
    const float sum = lanes_sum((sums[0] + sums[1]) + (sums[2] + sums[3]));
    i = 0;
#if STREAM && AXIS >= W
    // Vectors overlap where the row does not begin at a multiple of one: their elements come out the same.
    i = lead(dx);
    if (i > 0) {
        PUT(RESULT(GET(y), GET(dy), sum), dx);
    }
    for (; i + W <= AXIS; i += W) {
        PUT_ALIGNED(RESULT(GET(y + i), GET(dy + i), sum), dx + i);
    }
    if (i < AXIS) {
        PUT(RESULT(GET(y + AXIS - W), GET(dy + AXIS - W), sum), dx + AXIS - W);
    }
#else
    for (; i + W <= AXIS; i += W) {
        PUT(RESULT(GET(y + i), GET(dy + i), sum), dx + i);
    }
#if AXIS % W != 0
    TAIL_STORE(RESULT(READ_TAIL(y + AXIS / W * W), READ_TAIL(dy + AXIS / W * W), sum), dx + AXIS / W * W);
#endif
#endif
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void softmax_backward(Q_GLOBAL const X_T* Q_RESTRICT y, Q_GLOBAL const X_T* Q_RESTRICT dy, Q_GLOBAL X_T* Q_RESTRICT dx) {
    const int first = (int)Q_GROUP_ID(0) * PER_ITEM;
    for (int row = first; row < min(first + PER_ITEM, OUTER); row++) {
        const size_t at = (size_t)row * AXIS;
        row_gradient(y + at, dy + at, dx + at);
    }
}

#else

#define STRIPS ((INNER + STRIP * W - 1) / (STRIP * W))

// So many vectors of rows.
#define DEFINE_ROWS(NAME, VECTORS, READ, WRITE)                                                                     \
    static inline void NAME(Q_GLOBAL const X_T* y, Q_GLOBAL const X_T* dy, Q_GLOBAL X_T* dx) {                      \
        VECTOR sums[VECTORS];                                                                                       \
        for (int v = 0; v < VECTORS; v++) {                                                                         \
            sums[v] = (VECTOR)(0.0f);                                                                               \
        }                                                                                                           \
        for (int i = 0; i < AXIS; i++) {                                                                            \
            for (int v = 0; v < VECTORS; v++) {                                                                     \
                const size_t at = (size_t)i * INNER + v * W;                                                        \
                sums[v] = ADDED(sums[v], READ(y + at), READ(dy + at));                                              \
            }                                                                                                       \
        }                                                                                                           \
        for (int i = 0; i < AXIS; i++) {                                                                            \
            for (int v = 0; v < VECTORS; v++) {                                                                     \
                const size_t at = (size_t)i * INNER + v * W;                                                        \
                WRITE(RESULT(READ(y + at), READ(dy + at), sums[v]), dx + at);                                       \
            }                                                                                                       \
        }                                                                                                           \
    }
#if INNER % W == 0
DEFINE_ROWS(strip_gradient, STRIP, GET, PUT_ALIGNED)
#else
DEFINE_ROWS(strip_gradient, STRIP, GET, PUT)
#endif
DEFINE_ROWS(vector_gradient, 1, GET, PUT)
DEFINE_ROWS(tail_gradient, 1, READ_TAIL, TAIL_STORE)

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void softmax_backward(Q_GLOBAL const X_T* Q_RESTRICT y, Q_GLOBAL const X_T* Q_RESTRICT dy, Q_GLOBAL X_T* Q_RESTRICT dx) {
    const int first = (int)Q_GROUP_ID(0) * PER_ITEM;
    for (int strip = first; strip < min(first + PER_ITEM, OUTER * STRIPS); strip++) {
        int column = strip % STRIPS * STRIP * W;
        const int end = min(column + STRIP * W, INNER);
        const size_t slice = (size_t)(strip / STRIPS) * AXIS * INNER;
        if (column + STRIP * W == end) {
            strip_gradient(y + slice + column, dy + slice + column, dx + slice + column);
            continue;
        }
        for (; column + W <= end; column += W) {
            vector_gradient(y + slice + column, dy + slice + column, dx + slice + column);
        }
        if (column < end) {
            tail_gradient(y + slice + column, dy + slice + column, dx + slice + column);
        }
    }
}

#endif
