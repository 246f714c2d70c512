// Purpose: local response norm across channels of [BATCH, CHANNELS, INNER], on CPUs; one work-item a strip of up to STRIP pixels
// of a sample, along all channels.
//
//   strip (n, k): pixels k * STRIP … of sample n      TOGETHER neighbouring channels at once, W pixels of each
//
//   channels    c - BEFORE …           c            …  c + TOGETHER - 1 + BEHIND
//   x           [ near, since the channels before | read from memory            ]
//   y                                  [ written past the caches      ]
//
// Parameters, all of them definitions: BATCH, CHANNELS, INNER; SIZE = BEFORE + BEHIND + 1; SHARE = alpha / size; BETA; K; STRIP,
//   a multiple of W; TOGETHER; PER_ITEM strips; OPERANDS, the problem's operands as parameters.
// Requirements: groups of one work-item; vector_runs.cl, local_response_powers.cl and local_response_runs.cl in front.
// Adds over item_per_element: x is read from memory once, several channels at a time in long runs, and asked for ahead; W pixels at a
//   time; the usual exponent without a logarithm. All loads of a step come before its stores: a load waits for a store at its place
//   of another page, as channels' places may be.
// Determinism: each sum has a fixed order.

ALWAYS void responses(int whole, Q_GLOBAL const X_T* x, size_t at, size_t ahead, int c, VECTOR* results) {
    VECTOR squares[PARTS];
    squares_of(whole, x, at, c, squares);
    VECTOR sums[TOGETHER];
    window_sums(squares, sums);
    EACH(TOGETHER) {
        FETCH(x + ahead + (k + BEHIND) * (size_t)INNER);
        if (EXISTS(c + k)) {
            results[k] = GET(x, at + k * (size_t)INNER) * power_vector(sums[k]);
        }
    }
}

ALWAYS void channels(int whole, Q_GLOBAL const X_T* x, Q_GLOBAL X_T* y, size_t first, int c, int n Q_EPILOGUE_PARAMETERS) {
#define RESPOND(v, i, results) responses(whole, x, first + (i), first + ahead_of(i, n), c, results)
    EACH_VECTOR(whole, y, first, c, n, RESPOND);
}

static inline void strip(Q_GLOBAL const X_T* x, Q_GLOBAL X_T* y, size_t first, int n Q_EPILOGUE_PARAMETERS) {
    for (int c = 0; c < CHANNELS; c += TOGETHER) {
        if (c >= BEFORE && c + TOGETHER + BEHIND <= CHANNELS) {
            channels(1, x, y, first + c * (size_t)INNER, c, n Q_EPILOGUE_ARGUMENTS);
        } else {
            channels(0, x, y, first + c * (size_t)INNER, c, n Q_EPILOGUE_ARGUMENTS);
        }
    }
}

static inline void one_pixel(Q_GLOBAL const X_T* x, Q_GLOBAL X_T* y, size_t first Q_EPILOGUE_PARAMETERS) {
    for (int c = 0; c < CHANNELS; c++) {
        const size_t at = first + (size_t)c * INNER;
        X_STORE(y, at, FINISH_ONE(X_LOAD(x, at) * power_one(sum_of(x, first, c)), at));
    }
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void local_response_norm(OPERANDS Q_EPILOGUE_PARAMETERS) {
    const int begin = (int)Q_GROUP_ID(0) * PER_ITEM;
    for (int s = begin; s < min(begin + PER_ITEM, BATCH * STRIPS); s++) {
        const size_t first = (size_t)(s / STRIPS) * CHANNELS * INNER + s % STRIPS * STRIP;
        const int n = min(STRIP, INNER - s % STRIPS * STRIP);
        if (n >= W) {
            strip(x, y, first, n Q_EPILOGUE_ARGUMENTS);
        } else {
            for (int pixel = 0; pixel < n; pixel++) {
                one_pixel(x, y, first + pixel Q_EPILOGUE_ARGUMENTS);
            }
        }
    }
}
