// Purpose: how the gradients of batch norm in training look at runs of channels and write them: for the rungs on CPUs that do both at once.
//
// Parameters: those of batch_norm_pipeline.cl; WEIGHT(c); HAS_WEIGHT and HAS_BIAS, 0 or 1; PASSED_OPERANDS, the problem's operands as
//   parameters.
// Requirements: batch_norm_pipeline.cl in front.
// Determinism: lanes and their joining have fixed orders.

// What a segment's dy and dy * (x - middle) add up to, lane by lane.
typedef struct {
    VECTOR sums[2];
    VECTOR products[2];
    VECTOR middle;
} Seen;

typedef struct {
    Seen segment[SEGMENTS];
} Looked;

// dx = (x - middle) * slope + (dy * scale + offset).
typedef struct {
    VECTOR middle;
    VECTOR slope;
    VECTOR scale;
    VECTOR offset;
} Line;

typedef struct {
    Line segment[SEGMENTS];
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

ALWAYS void segment(int S, int look, int write, PASSED_OPERANDS, size_t next, size_t now, int sample, int j, Seen* seen,
                    const Line* line Q_EPILOGUE_PARAMETERS) {
    const Line own = *line;
    Seen so_far = *seen;
    const int end = end_of_segment(j);
    for (int v = first_of_segment(j); v < end; v++) {
        if (look) {
            LOOK(S, v * W, so_far.middle, so_far.sums, so_far.products);
        }
        if (write) {
            WRITE(S, v * W, own.middle, own.slope, own.scale, own.offset);
        }
    }
    *seen = so_far;
}

// Nothing of the block that begins with channel c has been looked at.
ALWAYS void begin(PASSED_OPERANDS, int c, Looked* looked) {
    for (int j = 0; j < SEGMENTS; j++) {
        for (int k = 0; k < 2; k++) {
            looked->segment[j].sums[k] = 0.0f;
            looked->segment[j].products[k] = 0.0f;
        }
    }
#define MIDDLE_OF(j) looked->segment[j].middle
    for (int k = 0; k < TOGETHER; k++) {
        SET_CHANNEL(k, mean[c + k], MIDDLE_OF);
    }
}

// What channel k of a part of a block came to: the sums of dy and of dy * (x - mean).
ALWAYS float2 came_to(const Looked* looked, int k) {
#define SUM_OF(j) (looked->segment[j].sums[0] + looked->segment[j].sums[1])
#define PRODUCT_OF(j) (looked->segment[j].products[0] + looked->segment[j].products[1])
    CHANNEL_SUM(sum, k, SUM_OF);
    CHANNEL_SUM(product, k, PRODUCT_OF);
    return (float2)(sum, product);
}

// What so many parts and one more came to.
ALWAYS float2 with_part(float2 before, int parts, float2 part) {
    return before + part;
}

#if HAS_WEIGHT && HAS_BIAS
#define STORE_SUMS(c, gradients, products) dweight[c] = (products) * rstd[c]; dbias[c] = (gradients)
#elif HAS_WEIGHT
#define STORE_SUMS(c, gradients, products) dweight[c] = (products) * rstd[c]
#else
#define STORE_SUMS(c, gradients, products)
#endif

// Channel k of the block that begins with channel c is known, and stored if it is for this work-item to do.
ALWAYS void learn(PASSED_OPERANDS, int c, int k, float2 all, int stores, Known* known) {
    if (stores) {
        STORE_SUMS(c + k, all.x, all.y);
    }
    const float middle = mean[c + k];
    const float scale = rstd[c + k] * WEIGHT(c + k);
    const float slope = -rstd[c + k] * rstd[c + k] * all.y / COUNT * scale;
    const float offset = -all.x / COUNT * scale;
#define KNOWN_MIDDLE(j) known->segment[j].middle
#define KNOWN_SLOPE(j) known->segment[j].slope
#define KNOWN_SCALE(j) known->segment[j].scale
#define KNOWN_OFFSET(j) known->segment[j].offset
    SET_CHANNEL(k, middle, KNOWN_MIDDLE);
    SET_CHANNEL(k, slope, KNOWN_SLOPE);
    SET_CHANNEL(k, scale, KNOWN_SCALE);
    SET_CHANNEL(k, offset, KNOWN_OFFSET);
}
