// Purpose: softmax, or its logarithm, of [OUTER, AXIS, INNER] along the axis, on CPUs; one work-item a run of rows.
//
//   INNER = 1: vectors along a row          INNER > 1: each lane a row of its own, STRIP vectors of neighbouring ones at a time
//
// Parameters, all of them definitions: OUTER, AXIS, INNER; LOG 0 or 1; W lanes; PER_ITEM rows (INNER = 1) or strips; STRIP;
//   STREAM whether results go past the caches. TAIL_LOAD and TAIL_STORE handle AXIS % W elements (INNER = 1) or INNER % W rows.
// Requirements: groups of one work-item; vectors.cl and online.cl in front.
// Adds over row_per_item: W elements an instruction, exponentials included. A row comes from memory once: its largest element and
//   its sum are found together, and the second time, when the result is written, it is in a cache. Exponentials are computed
//   twice rather than stored between, so that nothing but the result is written.
// Determinism: each sum runs in a fixed order, in one work-item.

#if LOG
#define RESULT(x, most, end) ((x) - (most) - (end))
#define END(sum) log(sum)
#else
#define RESULT(x, most, end) (exponential((x) - (most)) * (end))
#define END(sum) (1.0f / (sum))
#endif

#if INNER == 1

static inline void softmax_row(Q_GLOBAL const X_T* x, Q_GLOBAL X_T* y) {
    Online found;
    found.most = (VECTOR)(-INFINITY);
    found.sum = (VECTOR)(0.0f);
    int i = 0;
    for (; i + BLOCK * W <= AXIS; i += BLOCK * W) {
        found = online_block(found, x + i, W);
    }
    for (; i + W <= AXIS; i += W) {
        found = online_one(found, GET(x + i));
    }
#if AXIS % W != 0
    found = online_one(found, TAIL_LOAD(x + AXIS / W * W, -INFINITY));
#endif
    float most;
    const float end = END(joined(found, &most));
    i = 0;
#if STREAM && AXIS >= W
    // Vectors overlap where the row does not begin at a multiple of one: their elements come out the same.
    i = lead(y);
    if (i > 0) {
        PUT(RESULT(GET(x), most, end), y);
    }
    for (; i + W <= AXIS; i += W) {
        PUT_ALIGNED(RESULT(GET(x + i), most, end), y + i);
    }
    if (i < AXIS) {
        PUT(RESULT(GET(x + AXIS - W), most, end), y + AXIS - W);
    }
#else
    for (; i + W <= AXIS; i += W) {
        PUT(RESULT(GET(x + i), most, end), y + i);
    }
#if AXIS % W != 0
    TAIL_STORE(RESULT(TAIL_LOAD(x + AXIS / W * W, 0.0f), most, end), y + AXIS / W * W);
#endif
#endif
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void softmax(Q_GLOBAL const X_T* Q_RESTRICT x, Q_GLOBAL X_T* Q_RESTRICT y) {
    const int first = (int)Q_GROUP_ID(0) * PER_ITEM;
    for (int row = first; row < min(first + PER_ITEM, OUTER); row++) {
        softmax_row(x + (size_t)row * AXIS, y + (size_t)row * AXIS);
    }
}

#else

#define STRIPS ((INNER + STRIP * W - 1) / (STRIP * W))

// STRIP whole vectors of rows.
static inline void softmax_strip(Q_GLOBAL const X_T* x, Q_GLOBAL X_T* y) {
    Online found[STRIP];
    for (int v = 0; v < STRIP; v++) {
        found[v].most = (VECTOR)(-INFINITY);
        found[v].sum = (VECTOR)(0.0f);
    }
    int i = 0;
    for (; i + BLOCK <= AXIS; i += BLOCK) {
        for (int v = 0; v < STRIP; v++) {
            found[v] = online_block(found[v], x + (size_t)i * INNER + v * W, INNER);
        }
    }
    for (; i < AXIS; i++) {
        for (int v = 0; v < STRIP; v++) {
            found[v] = online_one(found[v], GET(x + (size_t)i * INNER + v * W));
        }
    }
    for (int v = 0; v < STRIP; v++) {
        found[v].sum = END(found[v].sum);
    }
    for (i = 0; i < AXIS; i++) {
        for (int v = 0; v < STRIP; v++) {
            const size_t at = (size_t)i * INNER + v * W;
#if INNER % W == 0
            PUT_ALIGNED(RESULT(GET(x + at), found[v].most, found[v].sum), y + at);
#else
            PUT(RESULT(GET(x + at), found[v].most, found[v].sum), y + at);
#endif
        }
    }
}

// One vector of rows, or a part of one.
#define DEFINE_VECTOR(NAME, READ, WRITE)                                                              \
    static inline void NAME(Q_GLOBAL const X_T* x, Q_GLOBAL X_T* y) {                                 \
        Online found;                                                                                 \
        found.most = (VECTOR)(-INFINITY);                                                             \
        found.sum = (VECTOR)(0.0f);                                                                   \
        for (int i = 0; i < AXIS; i++) {                                                              \
            found = online_one(found, READ(x + (size_t)i * INNER));                                   \
        }                                                                                             \
        const VECTOR end = END(found.sum);                                                            \
        for (int i = 0; i < AXIS; i++) {                                                              \
            WRITE(RESULT(READ(x + (size_t)i * INNER), found.most, end), y + (size_t)i * INNER);       \
        }                                                                                             \
    }
#define READ_TAIL(p) TAIL_LOAD(p, 0.0f)
DEFINE_VECTOR(softmax_vector, GET, PUT)
DEFINE_VECTOR(softmax_tail, READ_TAIL, TAIL_STORE)

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void softmax(Q_GLOBAL const X_T* Q_RESTRICT x, Q_GLOBAL X_T* Q_RESTRICT y) {
    const int first = (int)Q_GROUP_ID(0) * PER_ITEM;
    for (int strip = first; strip < min(first + PER_ITEM, OUTER * STRIPS); strip++) {
        int column = strip % STRIPS * STRIP * W;
        const int end = min(column + STRIP * W, INNER);
        const size_t slice = (size_t)(strip / STRIPS) * AXIS * INNER;
        if (column + STRIP * W == end) {
            softmax_strip(x + slice + column, y + slice + column);
            continue;
        }
        for (; column + W <= end; column += W) {
            softmax_vector(x + slice + column, y + slice + column);
        }
        if (column < end) {
            softmax_tail(x + slice + column, y + slice + column);
        }
    }
}

#endif
