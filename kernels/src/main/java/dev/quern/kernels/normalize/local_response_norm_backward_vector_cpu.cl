// Purpose: the gradient of local response norm across channels of [BATCH, CHANNELS, INNER], on CPUs; one work-item a strip of up
// to STRIP pixels of a sample, along all channels.
//
//   strip (n, k): pixels k * STRIP … of sample n      TOGETHER neighbouring channels at once, W pixels of each
//
//   direct and crossed: dy / s ^ BETA and dy x / s ^ (BETA + 1), of channels j = c … c + TOGETHER - 1
//   dx of channel j - BEFORE takes direct of that channel and crossed of channels j - SIZE + 1 … j; what a step needs of the channels
//   before c was kept by the step before
//
// Parameters, all of them definitions: BATCH, CHANNELS, INNER; SIZE = BEFORE + BEHIND + 1; SHARE = alpha / size; BETA; K; STRIP,
//   a multiple of W; TOGETHER; PER_ITEM strips; OPERANDS, the problem's operands as parameters.
// Requirements: groups of one work-item; vector_runs.cl, local_response_powers.cl and local_response_runs.cl in front.
// Adds over item_per_element: dy and x are read from memory once, several channels at a time in long runs, and asked for ahead; each power
//   is computed once, W pixels at a time. All loads of a step come before its stores.
// Determinism: each sum has a fixed order.

#define PLACES (STRIP / W + 1)

// Of the channels before those of a step: the last SIZE - 1 and BEFORE of them, a vector for each of a run's.
typedef struct {
    VECTOR crossed[SIZE][PLACES];
    VECTOR direct[SIZE][PLACES];
} Kept;

ALWAYS void gradients(int whole, Q_GLOBAL const X_T* dy, Q_GLOBAL const X_T* x, size_t at, size_t ahead, int c, int v, Kept* kept,
                      VECTOR* results) {
    VECTOR numbers[PARTS];
    VECTOR sums[TOGETHER];
    VECTOR direct[TOGETHER + BEFORE];
    squares_of(whole, x, at, c, numbers);
    window_sums(numbers, sums);
    _Pragma("unroll") for (int k = 0; k < SIZE - 1; k++) {
        numbers[k] = kept->crossed[k][v];
    }
    _Pragma("unroll") for (int k = 0; k < BEFORE; k++) {
        direct[k] = kept->direct[k][v];
    }
    EACH(TOGETHER) {
        const size_t place = at + k * (size_t)INNER;
        FETCH(x + ahead + (k + BEHIND) * (size_t)INNER);
        FETCH(dy + ahead + k * (size_t)INNER);
        VECTOR own = 0.0f;
        VECTOR crossed = 0.0f;
        if (EXISTS(c + k)) {
            const VECTOR power = power_vector(sums[k]);
            own = GET(dy, place) * power;
            crossed = own * GET(x, place) * inverse_vector(sums[k], power);
        }
        direct[k + BEFORE] = own;
        numbers[k + SIZE - 1] = crossed;
    }
    window_sums(numbers, sums);
    EACH(TOGETHER) {
        if (EXISTS(c + k - BEFORE)) {
            results[k] = fma(GET(x, at + (k - BEFORE) * (ptrdiff_t)INNER) * sums[k], (VECTOR)(FACTOR), direct[k]);
        }
    }
    _Pragma("unroll") for (int k = 0; k < SIZE - 1; k++) {
        kept->crossed[k][v] = numbers[k + TOGETHER];
    }
    _Pragma("unroll") for (int k = 0; k < BEFORE; k++) {
        kept->direct[k][v] = direct[k + TOGETHER];
    }
}

ALWAYS void channels(int whole, Q_GLOBAL const X_T* dy, Q_GLOBAL const X_T* x, Q_GLOBAL X_T* dx, size_t first, int c, Kept* kept,
                     int n Q_EPILOGUE_PARAMETERS) {
#define DERIVE(v, i, results) gradients(whole, dy, x, first + (i), first + ahead_of(i, n), c, v, kept, results)
    EACH_VECTOR(whole, dx, first - BEFORE * (size_t)INNER, c - BEFORE, n, DERIVE);
}

static inline void strip(Q_GLOBAL const X_T* dy, Q_GLOBAL const X_T* x, Q_GLOBAL X_T* dx, size_t first, int n Q_EPILOGUE_PARAMETERS) {
    Kept kept;
    for (int v = 0; v < PLACES; v++) {
        for (int k = 0; k < SIZE; k++) {
            kept.crossed[k][v] = 0.0f;
            kept.direct[k][v] = 0.0f;
        }
    }
    for (int c = 0; c < CHANNELS + BEFORE; c += TOGETHER) {
        if (c >= BEFORE && c + TOGETHER + BEHIND <= CHANNELS) {
            channels(1, dy, x, dx, first + c * (size_t)INNER, c, &kept, n Q_EPILOGUE_ARGUMENTS);
        } else {
            channels(0, dy, x, dx, first + c * (size_t)INNER, c, &kept, n Q_EPILOGUE_ARGUMENTS);
        }
    }
}

static inline void one_pixel(Q_GLOBAL const X_T* dy, Q_GLOBAL const X_T* x, Q_GLOBAL X_T* dx, size_t first Q_EPILOGUE_PARAMETERS) {
    for (int c = 0; c < CHANNELS; c++) {
        float crossed = 0.0f;
        for (int j = max(c - BEHIND, 0); j <= min(c + BEFORE, CHANNELS - 1); j++) {
            const size_t at = first + (size_t)j * INNER;
            const float sum = sum_of(x, first, j);
            const float power = power_one(sum);
            crossed = fma(X_LOAD(dy, at) * power * X_LOAD(x, at), inverse_one(sum, power), crossed);
        }
        const size_t at = first + (size_t)c * INNER;
        const float direct = X_LOAD(dy, at) * power_one(sum_of(x, first, c));
        X_STORE(dx, at, FINISH_ONE(fma(X_LOAD(x, at) * crossed, FACTOR, direct), at));
    }
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void local_response_norm_backward(OPERANDS Q_EPILOGUE_PARAMETERS) {
    const int begin = (int)Q_GROUP_ID(0) * PER_ITEM;
    for (int s = begin; s < min(begin + PER_ITEM, BATCH * STRIPS); s++) {
        const size_t first = (size_t)(s / STRIPS) * CHANNELS * INNER + s % STRIPS * STRIP;
        const int n = min(STRIP, INNER - s % STRIPS * STRIP);
        if (n >= W) {
            strip(dy, x, dx, first, n Q_EPILOGUE_ARGUMENTS);
        } else {
            for (int pixel = 0; pixel < n; pixel++) {
                one_pixel(dy, x, dx, first + pixel Q_EPILOGUE_ARGUMENTS);
            }
        }
    }
}
