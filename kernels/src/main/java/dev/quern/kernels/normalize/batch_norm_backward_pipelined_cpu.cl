// Purpose: the gradients of batch norm in training of [BATCH, CHANNELS, INNER], on CPUs: one block of channels is read while another is
// written.
//
//   group g: blocks g * PER_ITEM …; a pass more than blocks, of which the first only looks and the last only writes
//
// Parameters, all of them definitions: those of batch_norm_pipeline.cl; WEIGHT(c); HAS_WEIGHT and HAS_BIAS, 0 or 1; OPERANDS, the problem's
//   operands as parameters.
// Requirements: batch_norm_pipeline.cl in front.
// Adds over vector_cpu: memory is read and written all the time; whole lines of results where a channel's pixels are none.
// Determinism: lanes and their joining have fixed orders.

// What the looked at block's dy and dy * (x - middle) add up to, lane by lane.
typedef struct {
#if TOGETHER == 1
    VECTOR sums[2];
    VECTOR products[2];
    VECTOR middle;
#else
    VECTOR sums[TABLE];
    VECTOR products[TABLE];
    VECTOR middle[TABLE];
#endif
} Looked;

// dx = (x - middle) * slope + (dy * scale + offset).
typedef struct {
#if TOGETHER == 1
    VECTOR middle;
    VECTOR slope;
    VECTOR scale;
    VECTOR offset;
#else
    VECTOR middle[TABLE];
    VECTOR slope[TABLE];
    VECTOR scale[TABLE];
    VECTOR offset[TABLE];
#endif
} Known;

#define LOOK(S, i, middle, sums, products)                                              \
    do {                                                                                \
        const size_t ahead = ahead_of(S, next, sample, i);                              \
        EACH(S) {                                                                       \
            FETCH(dy + ahead + k * SAMPLE);                                             \
            FETCH(x + ahead + k * SAMPLE);                                              \
            const VECTOR g = GET(dy, next + k * SAMPLE + (i));                          \
            sums[k % 2] += g;                                                           \
            const VECTOR distance = GET(x, next + k * SAMPLE + (i)) - (middle);         \
            products[k % 2] = fma(g, distance, products[k % 2]);                        \
        }                                                                               \
    } while (0)
// All loads before all stores: samples may lie whole pages apart, and a load waits for a store at its place of another page.
#define WRITE(S, i, middle, slope, scale, offset)                                                               \
    do {                                                                                                        \
        VECTOR result[STRANDS];                                                                                 \
        EACH(S) {                                                                                               \
            const VECTOR g = fma(GET(dy, now + k * SAMPLE + (i)), (scale), (offset));                           \
            result[k] = fma(GET(x, now + k * SAMPLE + (i)) - (middle), (slope), g);                             \
        }                                                                                                       \
        EACH(S) { PUT(dx, now + k * SAMPLE + (i), FINISH(result[k], now + k * SAMPLE + (i))); }                 \
    } while (0)

ALWAYS void samples(int S, int look, int write, Q_GLOBAL const X_T* dy, Q_GLOBAL const X_T* x, Q_GLOBAL X_T* dx, size_t next, size_t now,
                    int sample, Looked* looked, const Known* known Q_EPILOGUE_PARAMETERS) {
#if TOGETHER == 1
    const Known own = *known;
    Looked so_far = *looked;
#endif
    for (int v = 0; v < VECTORS; v++) {
#if TOGETHER == 1
        if (look) {
            LOOK(S, v * W, so_far.middle, so_far.sums, so_far.products);
        }
        if (write) {
            WRITE(S, v * W, own.middle, own.slope, own.scale, own.offset);
        }
#else
        if (look) {
            VECTOR sums[2] = {0.0f, 0.0f};
            VECTOR products[2] = {0.0f, 0.0f};
            LOOK(S, v * W, looked->middle[v], sums, products);
            looked->sums[v] = (sums[0] + sums[1]) + (sample == 0 ? (VECTOR)(0.0f) : looked->sums[v]);
            looked->products[v] = (products[0] + products[1]) + (sample == 0 ? (VECTOR)(0.0f) : looked->products[v]);
        }
        if (write) {
            WRITE(S, v * W, known->middle[v], known->slope[v], known->scale[v], known->offset[v]);
        }
#endif
    }
#if TOGETHER == 1
    *looked = so_far;
#endif
}

#define BOTH(S, next, now, sample) samples(S, 1, 1, dy, x, dx, next, now, sample, &looked, &known Q_EPILOGUE_ARGUMENTS)
#define LOOK_ONLY(S, next, now, sample) samples(S, 1, 0, dy, x, dx, next, next, sample, &looked, &known Q_EPILOGUE_ARGUMENTS)
#define WRITE_ONLY(S, next, now, sample) samples(S, 0, 1, dy, x, dx, now, now, sample, &looked, &known Q_EPILOGUE_ARGUMENTS)

#if HAS_WEIGHT && HAS_BIAS
#define STORE_SUMS(c, gradients, products) dweight[c] = (products) * rstd[c]; dbias[c] = (gradients)
#elif HAS_WEIGHT
#define STORE_SUMS(c, gradients, products) dweight[c] = (products) * rstd[c]
#else
#define STORE_SUMS(c, gradients, products)
#endif

// What is known of channel c from its sums.
#define SETTLE(c, gradients, products)                                              \
    STORE_SUMS(c, gradients, products);                                             \
    const float scale = rstd[c] * WEIGHT(c);                                        \
    const float slope = -rstd[c] * rstd[c] * (products) / COUNT * scale;            \
    const float offset = -(gradients) / COUNT * scale

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void batch_norm_backward(OPERANDS Q_EPILOGUE_PARAMETERS) {
    const int first = (int)Q_GROUP_ID(0) * PER_ITEM;
    const int end = min(first + PER_ITEM, BLOCKS);
    Looked looked;
    Known known;
    for (int b = first; b <= end; b++) {
        const int c = b * TOGETHER;
        if (b < end) {
#if TOGETHER == 1
            looked.middle = (VECTOR)(mean[c]);
            for (int k = 0; k < 2; k++) {
                looked.sums[k] = 0.0f;
                looked.products[k] = 0.0f;
            }
#else
            for (int k = 0; k < TOGETHER; k++) {
                spread(looked.middle, k, mean[c + k]);
            }
#endif
        }
        PASS(b, first, end);
        if (b == end) {
            break;
        }
#if TOGETHER == 1
        const float gradients = lanes_sum(looked.sums[0] + looked.sums[1]);
        const float products = lanes_sum(looked.products[0] + looked.products[1]);
        SETTLE(c, gradients, products);
        known.middle = looked.middle;
        known.slope = (VECTOR)(slope);
        known.scale = (VECTOR)(scale);
        known.offset = (VECTOR)(offset);
#else
        for (int k = 0; k < TOGETHER; k++) {
            const float gradients = gathered(looked.sums, k);
            const float products = gathered(looked.products, k);
            SETTLE(c + k, gradients, products);
            spread(known.middle, k, mean[c + k]);
            spread(known.slope, k, slope);
            spread(known.scale, k, scale);
            spread(known.offset, k, offset);
        }
#endif
    }
}
