// Purpose: local response norm across channels of [BATCH, CHANNELS, INNER], on CPUs; one work-item a strip of up to STRIP pixels
// of a sample, along all channels.
//
//   strip (n, k): pixels k * STRIP … of sample n      a ring of SIZE squares a pixel: those of channels c - BEFORE … c + BEHIND
//
// Parameters, all of them definitions: BATCH, CHANNELS, INNER; SIZE = BEFORE + BEHIND + 1; SHARE = alpha / size; BETA; K; STRIP,
//   a multiple of W; PER_ITEM strips; OPERANDS, the problem's operands as parameters.
// Requirements: groups of one work-item; vector_runs.cl, local_response_powers.cl and local_response_runs.cl in front.
// Adds over item_per_element: x is read once, in runs that are long enough for memory and asked for a channel ahead; each square is
//   computed once and stays in the first-level cache; W pixels at a time; the usual exponent without a logarithm.
// Determinism: each sum runs over the ring in a fixed order.

#define STRIPS ((INNER + STRIP - 1) / STRIP)

// A vector of a channel: that of the channel at enters comes into the ring, if there is one.
static inline __attribute__((always_inline)) VECTOR response(int comes, Q_GLOBAL const X_T* x, size_t at, size_t enters, size_t ahead,
                                                             float* newest, const float** others, int i) {
    VECTOR squares = 0.0f;
    if (comes) {
        FETCH(x + ahead + i);
        const VECTOR e = GET(x, enters + i);
        squares = e * e;
    }
    KEEP(squares, newest + i);
    _Pragma("unroll") for (int k = 1; k < SIZE; k++) {
        squares += LOAD(others[k] + i);
    }
    VECTOR power;
    VECTOR next;
    powers_vector(fma(squares, (VECTOR)(SHARE), (VECTOR)(K)), &power, &next);
    return GET(x, at + i) * power;
}

static inline __attribute__((always_inline)) void channel(int comes, Q_GLOBAL const X_T* x, Q_GLOBAL X_T* y, size_t at, size_t enters,
                                                          size_t ahead, float ring[SIZE][STRIP], int slot, int n Q_EPILOGUE_PARAMETERS) {
    const float* others[SIZE];
    _Pragma("unroll") for (int k = 1; k < SIZE; k++) {
        others[k] = ring[slot + k < SIZE ? slot + k : slot + k - SIZE];
    }
#define RESPOND(aligned, i)                                                                          \
    do {                                                                                             \
        const VECTOR v = response(comes, x, at, enters, ahead, ring[slot], others, i);               \
        PUT_VECTOR(aligned, y, at + (i), v);                                                         \
    } while (0)
    EACH_VECTOR(y, at, n, RESPOND);
}

static inline void strip(Q_GLOBAL const X_T* x, Q_GLOBAL X_T* y, size_t first, size_t behind, int n Q_EPILOGUE_PARAMETERS) {
    float ring[SIZE][STRIP];
    for (int k = 0; k < SIZE; k++) {
#define FILL(aligned, i)                                                                                                         \
    do {                                                                                                                         \
        const VECTOR e = k < BEHIND && k < CHANNELS ? GET(x, first + (size_t)k * INNER + (i)) : (VECTOR)(0.0f);                  \
        KEEP(e * e, ring[k] + (i));                                                                                              \
    } while (0)
        EACH_VECTOR(y, first, n, FILL);
    }
    for (int c = 0; c < CHANNELS; c++) {
        const int enters = c + BEHIND;
        const size_t at = first + (size_t)c * INNER;
        const size_t entering = first + (size_t)enters * INNER;
        const size_t ahead = enters + 1 < CHANNELS ? entering + INNER : behind + (size_t)(enters + 1 - CHANNELS) * INNER;
        if (enters < CHANNELS) {
            channel(1, x, y, at, entering, ahead, ring, enters % SIZE, n Q_EPILOGUE_ARGUMENTS);
        } else {
            channel(0, x, y, at, entering, ahead, ring, enters % SIZE, n Q_EPILOGUE_ARGUMENTS);
        }
    }
}

static inline void one_pixel(Q_GLOBAL const X_T* x, Q_GLOBAL X_T* y, size_t first Q_EPILOGUE_PARAMETERS) {
    for (int c = 0; c < CHANNELS; c++) {
        float squares = 0.0f;
        for (int k = max(c - BEFORE, 0); k <= min(c + BEHIND, CHANNELS - 1); k++) {
            const float e = X_LOAD(x, first + (size_t)k * INNER);
            squares = fma(e, e, squares);
        }
        float power;
        float next;
        powers_one(fma(squares, SHARE, K), &power, &next);
        const size_t at = first + (size_t)c * INNER;
        X_STORE(y, at, FINISH_ONE(X_LOAD(x, at) * power, at));
    }
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void local_response_norm(OPERANDS Q_EPILOGUE_PARAMETERS) {
    const int begin = (int)Q_GROUP_ID(0) * PER_ITEM;
    for (int s = begin; s < min(begin + PER_ITEM, BATCH * STRIPS); s++) {
        const size_t first = (size_t)(s / STRIPS) * CHANNELS * INNER + s % STRIPS * STRIP;
        const int n = min(STRIP, INNER - s % STRIPS * STRIP);
        if (n >= W) {
            // The strip behind it, if it belongs to the same pixels' channels.
            strip(x, y, first, s % STRIPS < STRIPS - 1 ? first + STRIP : first, n Q_EPILOGUE_ARGUMENTS);
        } else {
            for (int pixel = 0; pixel < n; pixel++) {
                one_pixel(x, y, first + pixel Q_EPILOGUE_ARGUMENTS);
            }
        }
    }
}
