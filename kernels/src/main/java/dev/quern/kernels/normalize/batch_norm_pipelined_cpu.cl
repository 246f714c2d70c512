// Purpose: batch norm in training of [BATCH, CHANNELS, INNER], on CPUs: one block of channels is read while another is written.
//
//   group g: blocks g * PER_ITEM …; a pass more than blocks, of which the first only looks and the last only writes
//
// Statistics are taken of x - shift, where shift is the channel's first element, so that nothing that the numbers have in common costs
// digits: for each lane, a few numbers at a time, from their distances to the mean so far. Of n numbers whose mean is m and c more, whose
// distances from m have the sum s and the squares q, the mean is m + s / (n + c), and the squares about it grow by q - s * s / (n + c).
//
// Parameters, all of them definitions: those of batch_norm_pipeline.cl; EPSILON, MOMENTUM; RUNNING 0 or 1; WEIGHT(c), BIAS(c); OPERANDS,
//   the problem's operands as parameters.
// Requirements: batch_norm_pipeline.cl and batch_norm_settle.cl in front.
// Adds over vector_cpu: memory is read and written all the time; whole lines of results where a channel's pixels are none.
// Determinism: lanes and their joining have fixed orders.

// What is known so far of a block that is looked at, lane by lane.
typedef struct {
#if TOGETHER == 1
    VECTOR mean;
    VECTOR squares;
    VECTOR shift;
    float count;
#else
    VECTOR mean[TABLE];
    VECTOR squares[TABLE];
    VECTOR shift[TABLE];
#endif
} Looked;

// y = (x - shift) * scale + offset.
typedef struct {
#if TOGETHER == 1
    VECTOR shift;
    VECTOR scale;
    VECTOR offset;
#else
    VECTOR shift[TABLE];
    VECTOR scale[TABLE];
    VECTOR offset[TABLE];
#endif
} Known;

// S vectors, one of each sample, are looked at: their distances from a mean are added up.
#define LOOK(S, i, shift, centre)                                                       \
    do {                                                                                \
        VECTOR d[STRANDS];                                                              \
        const size_t ahead = ahead_of(S, next, sample, i);                              \
        EACH(S) {                                                                       \
            FETCH(x + next + k * SAMPLE + (i) + AHEAD);                                 \
            d[k] = GET(x, next + k * SAMPLE + (i)) - (shift) - (centre);                \
        }                                                                               \
        sum += S == 1 ? d[0] : (d[0] + d[1]) + (d[2] + d[3]);                           \
        EACH(S) { squares[k % 2] = fma(d[k], d[k], squares[k % 2]); }                   \
    } while (0)
// All loads before all stores: samples may lie whole pages apart, and a load waits for a store at its place of another page.
#define WRITE(S, i, shift, scale, offset)                                                                       \
    do {                                                                                                        \
        VECTOR result[STRANDS];                                                                                 \
        EACH(S) { result[k] = fma(GET(x, now + k * SAMPLE + (i)) - (shift), (scale), (offset)); }               \
        EACH(S) { PUT(y, now + k * SAMPLE + (i), FINISH(result[k], now + k * SAMPLE + (i))); }                  \
    } while (0)

ALWAYS void samples(int S, int look, int write, Q_GLOBAL const X_T* x, Q_GLOBAL X_T* y, size_t next, size_t now, int sample,
                    Looked* looked, const Known* known Q_EPILOGUE_PARAMETERS) {
#if TOGETHER == 1
// Vectors of a run after which the mean so far is moved.
#define STRETCH 16
    const Known own = *known;
    const VECTOR shift = looked->shift;
    for (int first = 0; first < VECTORS; first += STRETCH) {
        const int end = min(first + STRETCH, VECTORS);
        if (look && sample == 0 && first == 0) {
            looked->mean = GET(x, next) - shift;
        }
        const VECTOR centre = looked->mean;
        VECTOR sum = 0.0f;
        VECTOR squares[2] = {0.0f, 0.0f};
        for (int v = first; v < end; v++) {
            if (look) {
                LOOK(S, v * W, shift, centre);
            }
            if (write) {
                WRITE(S, v * W, own.shift, own.scale, own.offset);
            }
        }
        if (look) {
            looked->count += (float)((end - first) * S);
            const VECTOR distance = sum * (1.0f / looked->count);
            looked->mean = centre + distance;
            looked->squares += fma(-sum, distance, squares[0] + squares[1]);
        }
    }
#else
    const float share = 1.0f / (float)(sample + S);
    for (int v = 0; v < VECTORS; v++) {
        if (look) {
            const VECTOR shift = looked->shift[v];
            const VECTOR centre = sample == 0 ? GET(x, next + v * W) - shift : looked->mean[v];
            VECTOR sum = 0.0f;
            VECTOR squares[2] = {0.0f, 0.0f};
            LOOK(S, v * W, shift, centre);
            const VECTOR distance = sum * share;
            const VECTOR grown = fma(-sum, distance, squares[0] + squares[1]);
            looked->mean[v] = centre + distance;
            looked->squares[v] = sample == 0 ? grown : looked->squares[v] + grown;
        }
        if (write) {
            WRITE(S, v * W, known->shift[v], known->scale[v], known->offset[v]);
        }
    }
#endif
}

#define BOTH(S, next, now, sample) samples(S, 1, 1, x, y, next, now, sample, &looked, &known Q_EPILOGUE_ARGUMENTS)
#define LOOK_ONLY(S, next, now, sample) samples(S, 1, 0, x, y, next, next, sample, &looked, &known Q_EPILOGUE_ARGUMENTS)
#define WRITE_ONLY(S, next, now, sample) samples(S, 0, 1, x, y, now, now, sample, &looked, &known Q_EPILOGUE_ARGUMENTS)

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void batch_norm(OPERANDS Q_EPILOGUE_PARAMETERS) {
    const int first = (int)Q_GROUP_ID(0) * PER_ITEM;
    const int end = min(first + PER_ITEM, BLOCKS);
    Looked looked;
    Known known;
    for (int b = first; b <= end; b++) {
        const int c = b * TOGETHER;
        if (b < end) {
#if TOGETHER == 1
            looked.shift = (VECTOR)(X_LOAD(x, (size_t)c * INNER));
            looked.squares = 0.0f;
            looked.count = 0.0f;
#else
            for (int k = 0; k < TOGETHER; k++) {
                spread(looked.shift, k, X_LOAD(x, (size_t)(c + k) * INNER));
            }
#endif
        }
        PASS(b, first, end);
        if (b == end) {
            break;
        }
#if TOGETHER == 1
        const float centre = lanes_sum(looked.mean) / (float)W;
        const VECTOR distance = looked.mean - centre;
        const float shift = X_LOAD(x, (size_t)c * INNER);
        SETTLE(c, shift, centre, lanes_sum(fma(distance * looked.count, distance, looked.squares)));
        known.shift = looked.shift;
        known.scale = (VECTOR)(inverse * WEIGHT(c));
        known.offset = fma((VECTOR)(-centre), known.scale, (VECTOR)(BIAS(c)));
#else
        for (int k = 0; k < TOGETHER; k++) {
            const float shift = X_LOAD(x, (size_t)(c + k) * INNER);
            const float centre = gathered(looked.mean, k) / (float)INNER;
            SETTLE(c + k, shift, centre, fma((float)BATCH, gathered_squares(looked.mean, k, centre), gathered(looked.squares, k)));
            const float scale = inverse * WEIGHT(c + k);
            spread(known.shift, k, shift);
            spread(known.scale, k, scale);
            spread(known.offset, k, fma(-centre, scale, BIAS(c + k)));
        }
#endif
    }
}
