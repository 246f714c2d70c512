// Purpose: how batch norm in training looks at runs of channels and writes them: for the rungs on CPUs that do both at once.
//
// Statistics are taken of x - shift, where shift is the channel's first element, so that nothing that the numbers have in common costs
// digits: for each lane, a few numbers at a time, from their distances to the mean so far. Of n numbers whose mean is m and c more, whose
// distances from m have the sum s and the squares q, the mean is m + s / (n + c), and the squares about it grow by q - s * s / (n + c).
//
// Parameters: those of batch_norm_pipeline.cl; EPSILON, MOMENTUM; RUNNING 0 or 1; WEIGHT(c), BIAS(c); PASSED_OPERANDS, the problem's
//   operands as parameters.
// Requirements: batch_norm_pipeline.cl and batch_norm_settle.cl in front.
// Determinism: lanes and their joining have fixed orders.

// What is known so far of a segment that is looked at, lane by lane.
typedef struct {
    VECTOR mean;
    VECTOR squares;
    VECTOR shift;
    float count;
} Seen;

typedef struct {
    Seen segment[SEGMENTS];
} Looked;

// y = (x - shift) * scale + offset.
typedef struct {
    VECTOR shift;
    VECTOR scale;
    VECTOR offset;
} Line;

typedef struct {
    Line segment[SEGMENTS];
} Known;

// S vectors, one of each sample, are looked at: their distances from a mean are added up.
#define LOOK(S, i, shift, centre)                                                       \
    do {                                                                                \
        VECTOR d[STRANDS];                                                              \
        const size_t ahead = ahead_of(S, next, sample, i);                              \
        EACH(S) {                                                                       \
            FETCH(x + ahead + k * SAMPLE);                                              \
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

// Vectors of a segment after which the mean so far is moved.
#define STRETCH 16

ALWAYS void segment(int S, int look, int write, PASSED_OPERANDS, size_t next, size_t now, int sample, int j, Seen* seen,
                    const Line* line Q_EPILOGUE_PARAMETERS) {
    const Line own = *line;
    const VECTOR shift = seen->shift;
    const int from = first_of_segment(j);
    const int to = end_of_segment(j);
    for (int first = from; first < to; first += STRETCH) {
        const int end = min(first + STRETCH, to);
        if (look && sample == 0 && first == from) {
            seen->mean = GET(x, next + from * W) - shift;
        }
        const VECTOR centre = seen->mean;
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
            seen->count += (float)((end - first) * S);
            const VECTOR distance = sum * (1.0f / seen->count);
            seen->mean = centre + distance;
            seen->squares += fma(-sum, distance, squares[0] + squares[1]);
        }
    }
}

// Nothing of the block that begins with channel c has been looked at.
ALWAYS void begin(PASSED_OPERANDS, int c, Looked* looked) {
    for (int j = 0; j < SEGMENTS; j++) {
        looked->segment[j].mean = 0.0f;
        looked->segment[j].squares = 0.0f;
        looked->segment[j].count = 0.0f;
    }
#define SHIFT_OF(j) looked->segment[j].shift
    for (int k = 0; k < TOGETHER; k++) {
        SET_CHANNEL(k, X_LOAD(x, (size_t)(c + k) * INNER), SHIFT_OF);
    }
}

// What channel k of a part of a block came to: its mean less shift and its squares about that.
ALWAYS float2 came_to(const Looked* looked, int k) {
#define TOTAL_OF(j) (looked->segment[j].mean * looked->segment[j].count)
    CHANNEL_SUM(total, k, TOTAL_OF);
    const float centre = total / ((float)PART * (float)INNER);
#define SQUARES_OF(j) fma((looked->segment[j].mean - centre) * looked->segment[j].count, looked->segment[j].mean - centre, looked->segment[j].squares)
    CHANNEL_SUM(squares, k, SQUARES_OF);
    return (float2)(centre, squares);
}

// What so many parts and one more came to.
ALWAYS float2 with_part(float2 before, int parts, float2 part) {
    const float share = 1.0f / (float)(parts + 1);
    const float distance = part.x - before.x;
    return (float2)(fma(distance, share, before.x),
                    before.y + part.y + distance * distance * (share * (float)parts * (float)PART * (float)INNER));
}

// Channel k of the block that begins with channel c is known, and stored if it is for this work-item to do.
ALWAYS void learn(PASSED_OPERANDS, int c, int k, float2 all, int stores, Known* known) {
    const float shift = X_LOAD(x, (size_t)(c + k) * INNER);
    const float inverse = INVERSE(all.y);
    if (stores) {
        STORE_CHANNEL(c + k, shift + all.x, inverse, all.y);
    }
    const float scale = inverse * WEIGHT(c + k);
    const float offset = fma(-all.x, scale, BIAS(c + k));
#define KNOWN_SHIFT(j) known->segment[j].shift
#define KNOWN_SCALE(j) known->segment[j].scale
#define KNOWN_OFFSET(j) known->segment[j].offset
    SET_CHANNEL(k, shift, KNOWN_SHIFT);
    SET_CHANNEL(k, scale, KNOWN_SCALE);
    SET_CHANNEL(k, offset, KNOWN_OFFSET);
}
