// Purpose: the gradient of local response norm across channels of [BATCH, CHANNELS, INNER], on CPUs; one work-item a strip of up
// to STRIP pixels of a sample, along all channels.
//
//   strip (n, k): pixels k * STRIP … of sample n
//   rings of SIZE a pixel: squares of channels j - BEFORE … j + BEHIND; dy / s ^ BETA and dy x / s ^ (BETA + 1) of channels
//   j - SIZE + 1 … j, which are all that channel j - BEFORE needs
//
// Parameters, all of them definitions: BATCH, CHANNELS, INNER; SIZE = BEFORE + BEHIND + 1; SHARE = alpha / size; BETA; K; STRIP,
//   a multiple of W; PER_ITEM strips; OPERANDS, the problem's operands as parameters.
// Requirements: groups of one work-item; vector_runs.cl, local_response_powers.cl and local_response_runs.cl in front.
// Adds over item_per_element: dy and x are read once, in runs that are long enough for memory and asked for a channel ahead; each
//   power is computed once, W pixels at a time.
// Determinism: each sum runs over the ring in a fixed order.

#define STRIPS ((INNER + STRIP - 1) / STRIP)

typedef struct {
    float squares[SIZE][STRIP];
    float crossed[SIZE][STRIP];
    float direct[SIZE][STRIP];
} Rings;

// What a step of a strip's run reads, and which rows of the rings it works on.
typedef struct {
    size_t enters;
    size_t gives;
    size_t takes;
    size_t ahead;
    size_t ahead_dy;
    float* squares;
    float* crossed;
    float* direct;
    const float* taken;
    const float* squares_of[SIZE];
    const float* crossed_of[SIZE];
} Step;

// A vector of step j: the channel at enters comes into the squares' ring if comes is 1, what channel j gives goes into the others if
// gives is 1, and channel j - BEFORE takes its sum if takes is 1.
static inline __attribute__((always_inline)) VECTOR gradient(int comes, int gives, int takes, Q_GLOBAL const X_T* dy,
                                                             Q_GLOBAL const X_T* x, const Step* step, int i) {
    VECTOR squares = 0.0f;
    if (comes) {
        FETCH(x + step->ahead + i);
        const VECTOR e = GET(x, step->enters + i);
        squares = e * e;
    }
    KEEP(squares, step->squares + i);
    VECTOR sum = 0.0f;
    if (gives) {
        FETCH(dy + step->ahead_dy + i);
        _Pragma("unroll") for (int k = 1; k < SIZE; k++) {
            squares += LOAD(step->squares_of[k] + i);
        }
        VECTOR power;
        VECTOR next;
        powers_vector(fma(squares, (VECTOR)(SHARE), (VECTOR)(K)), &power, &next);
        const VECTOR g = GET(dy, step->gives + i);
        KEEP(g * power, step->direct + i);
        sum = g * GET(x, step->gives + i) * next;
    }
    KEEP(sum, step->crossed + i);
    if (!takes) {
        return sum;
    }
    _Pragma("unroll") for (int k = 1; k < SIZE; k++) {
        sum += LOAD(step->crossed_of[k] + i);
    }
    return fma(GET(x, step->takes + i) * sum, (VECTOR)(-2.0f * SHARE * BETA), LOAD(step->taken + i));
}

static inline __attribute__((always_inline)) void channel(int comes, int gives, int takes, Q_GLOBAL const X_T* dy, Q_GLOBAL const X_T* x,
                                                          Q_GLOBAL X_T* dx, size_t first, int j, size_t behind, Rings* rings,
                                                          int n Q_EPILOGUE_PARAMETERS) {
    const int slot = (j + BEHIND) % SIZE;
    Step step;
    step.enters = first + (size_t)(j + BEHIND) * INNER;
    step.gives = first + (size_t)j * INNER;
    step.takes = first + (size_t)(j - BEFORE) * INNER;
    step.ahead = j + BEHIND + 1 < CHANNELS ? step.enters + INNER : behind + (size_t)(j + BEHIND + 1 - CHANNELS) * INNER;
    step.ahead_dy = j + 1 < CHANNELS ? step.gives + INNER : behind;
    step.squares = rings->squares[slot];
    step.crossed = rings->crossed[j % SIZE];
    step.direct = rings->direct[j % SIZE];
    step.taken = rings->direct[(j + SIZE - BEFORE) % SIZE];
    _Pragma("unroll") for (int k = 1; k < SIZE; k++) {
        step.squares_of[k] = rings->squares[(slot + k) % SIZE];
        step.crossed_of[k] = rings->crossed[(j + k) % SIZE];
    }
#define DERIVE(aligned, i)                                                                  \
    do {                                                                                    \
        const VECTOR v = gradient(comes, gives, takes, dy, x, &step, i);                    \
        if (takes) {                                                                        \
            PUT_VECTOR(aligned, dx, step.takes + (i), v);                                   \
        }                                                                                   \
    } while (0)
    EACH_VECTOR(dx, step.takes, n, DERIVE);
}

static inline void strip(Q_GLOBAL const X_T* dy, Q_GLOBAL const X_T* x, Q_GLOBAL X_T* dx, size_t first, size_t behind,
                         int n Q_EPILOGUE_PARAMETERS) {
    Rings rings;
    for (int k = 0; k < SIZE; k++) {
#define FILL(aligned, i)                                                                                                         \
    do {                                                                                                                         \
        const VECTOR e = k < BEHIND && k < CHANNELS ? GET(x, first + (size_t)k * INNER + (i)) : (VECTOR)(0.0f);                  \
        KEEP(e * e, rings.squares[k] + (i));                                                                                     \
        KEEP((VECTOR)(0.0f), rings.crossed[k] + (i));                                                                            \
    } while (0)
        EACH_VECTOR(dx, first, n, FILL);
    }
    for (int j = 0; j < CHANNELS + BEFORE; j++) {
        if (j >= BEFORE && j + BEHIND < CHANNELS) {
            channel(1, 1, 1, dy, x, dx, first, j, behind, &rings, n Q_EPILOGUE_ARGUMENTS);
        } else {
            channel(j + BEHIND < CHANNELS, j < CHANNELS, j >= BEFORE, dy, x, dx, first, j, behind, &rings, n Q_EPILOGUE_ARGUMENTS);
        }
    }
}

// s of a pixel of channel c, whose channel 0 is at element first.
static inline float share_of(Q_GLOBAL const X_T* x, size_t first, int c) {
    float squares = 0.0f;
    for (int k = max(c - BEFORE, 0); k <= min(c + BEHIND, CHANNELS - 1); k++) {
        const float e = X_LOAD(x, first + (size_t)k * INNER);
        squares = fma(e, e, squares);
    }
    return fma(squares, SHARE, K);
}

static inline void one_pixel(Q_GLOBAL const X_T* dy, Q_GLOBAL const X_T* x, Q_GLOBAL X_T* dx, size_t first Q_EPILOGUE_PARAMETERS) {
    for (int c = 0; c < CHANNELS; c++) {
        float power;
        float next;
        float sum = 0.0f;
        for (int j = max(c - BEHIND, 0); j <= min(c + BEFORE, CHANNELS - 1); j++) {
            const size_t at = first + (size_t)j * INNER;
            powers_one(share_of(x, first, j), &power, &next);
            sum = fma(X_LOAD(dy, at) * X_LOAD(x, at), next, sum);
        }
        const size_t at = first + (size_t)c * INNER;
        powers_one(share_of(x, first, c), &power, &next);
        X_STORE(dx, at, FINISH_ONE(fma(X_LOAD(x, at) * sum, -2.0f * SHARE * BETA, X_LOAD(dy, at) * power), at));
    }
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void local_response_norm_backward(OPERANDS Q_EPILOGUE_PARAMETERS) {
    const int begin = (int)Q_GROUP_ID(0) * PER_ITEM;
    for (int s = begin; s < min(begin + PER_ITEM, BATCH * STRIPS); s++) {
        const size_t first = (size_t)(s / STRIPS) * CHANNELS * INNER + s % STRIPS * STRIP;
        const int n = min(STRIP, INNER - s % STRIPS * STRIP);
        if (n >= W) {
            // The strip behind it, if it belongs to the same pixels' channels.
            strip(dy, x, dx, first, s % STRIPS < STRIPS - 1 ? first + STRIP : first, n Q_EPILOGUE_ARGUMENTS);
        } else {
            for (int pixel = 0; pixel < n; pixel++) {
                one_pixel(dy, x, dx, first + pixel Q_EPILOGUE_ARGUMENTS);
            }
        }
    }
}
