// Purpose: what local response norm and its gradient on CPUs share: how results of several channels, a vector of each at a time, come to
// whole lines that go past the caches.
//
//   a channel's results:   first, W at a time, at the same pixels in all channels
//   its lines:             | lead |   line   |   line   | …      begin at other pixels in each channel
//   ring:                  the last RING vectors of each channel; a line leaves LAG vectors after the first of its two
//
// Parameters: CHANNELS, INNER; BEFORE, BEHIND; STRIP, a multiple of W, the most pixels of a run; TOGETHER, channels at once; W lanes; STREAM
//   whether results go past the caches.
// Requirements: vector_runs.cl and local_response_powers.cl in front; runs of at least W pixels.
// Determinism: lane by lane.

#define STRIPS ((INNER + STRIP - 1) / STRIP)
// Pixels by which memory is asked for before it is read.
#define AHEAD 128
// So that a line is loaded from the ring when the stores that made it have left the processor's queue; and a power of two above it.
#define LAG 8
#define RING 16
#define EACH(S) _Pragma("unroll") for (int k = 0; k < S; k++)
#define ALWAYS static inline __attribute__((always_inline))
#define EXISTS(c) (whole || ((c) >= 0 && (c) < CHANNELS))

// How many pixels lie before the first whole line of the result from element at on.
static inline int lead_of(Q_GLOBAL const X_T* y, size_t at) {
    return (int)(((W * 4 - ((ulong)(y + at) & (W * 4 - 1))) & (W * 4 - 1)) / 4);
}

// Stores vectors of channels from channel c on as they are, the first of them at element at.
ALWAYS void put_here(int whole, Q_GLOBAL X_T* y, size_t at, int c, const VECTOR* results Q_EPILOGUE_PARAMETERS) {
    EACH(TOGETHER) {
        const size_t place = at + k * (size_t)INNER;
        if (EXISTS(c + k)) {
            Q_JOIN(X_STORE, W)(y, place, FINISH(results[k], place));
        }
    }
}

// Keeps vectors v of channels.
ALWAYS void keep(VECTOR ring[TOGETHER][RING + 1], int v, const VECTOR* results) {
    EACH(TOGETHER) { ring[k][v % RING] = results[k]; }
    if (v % RING == 0) {
        EACH(TOGETHER) { ring[k][RING] = results[k]; }
    }
}

// Stores the lines that begin in vectors v of channels, whose vectors v + 1 are there too.
ALWAYS void put_lines(int whole, Q_GLOBAL X_T* y, size_t first, int c, int v, VECTOR ring[TOGETHER][RING + 1],
                      const int* lead Q_EPILOGUE_PARAMETERS) {
    VECTOR line[TOGETHER];
    EACH(TOGETHER) { line[k] = LOAD((const float*)&ring[k][v % RING] + lead[k]); }
    EACH(TOGETHER) {
        const size_t place = first + k * (size_t)INNER + lead[k] + v * W;
        if (EXISTS(c + k)) {
            PUT(y, place, FINISH(line[k], place));
        }
    }
}

// Calls COMPUTE(v, i, results) for the vectors of a run of n pixels, the last of which may overlap the one before, and stores their results
// in channels from channel c on, the first of them from element first on. What lies beside whole lines is stored as it is.
#define EACH_VECTOR(whole, y, first, c, n, COMPUTE)                                                            \
    do {                                                                                                       \
        VECTOR ring[TOGETHER][RING + 1];                                                                       \
        VECTOR results[TOGETHER];                                                                              \
        int lead[TOGETHER];                                                                                    \
        EACH(TOGETHER) { lead[k] = lead_of(y, (first) + k * (size_t)INNER); }                                  \
        const int full = (n) / W;                                                                              \
        for (int v = 0; v < full; v++) {                                                                       \
            COMPUTE(v, v * W, results);                                                                        \
            if (STREAM && v >= LAG) {                                                                          \
                put_lines(whole, y, first, c, v - LAG, ring, lead Q_EPILOGUE_ARGUMENTS);                       \
            }                                                                                                  \
            if (!STREAM || v == 0 || v == full - 1) {                                                          \
                put_here(whole, y, (first) + v * W, c, results Q_EPILOGUE_ARGUMENTS);                          \
            }                                                                                                  \
            if (STREAM) {                                                                                      \
                keep(ring, v, results);                                                                        \
            }                                                                                                  \
        }                                                                                                      \
        for (int v = max(full - LAG, 0); STREAM && v < full - 1; v++) {                                        \
            put_lines(whole, y, first, c, v, ring, lead Q_EPILOGUE_ARGUMENTS);                                 \
        }                                                                                                      \
        if ((n) % W > 0) {                                                                                     \
            COMPUTE(full, (n) - W, results);                                                                   \
            put_here(whole, y, (first) + (n) - W, c, results Q_EPILOGUE_ARGUMENTS);                            \
        }                                                                                                      \
    } while (0)

// How far from a channel's first pixel that lies which is AHEAD pixels after pixel i, in the same channel or TOGETHER channels further on.
static inline size_t ahead_of(int i, int n) {
    return i + AHEAD < n ? i + AHEAD : i + AHEAD - n + TOGETHER * (size_t)INNER;
}

// Squares of a channel's neighbours are added in pairs, each of which two windows share.
#define PARTS (TOGETHER + SIZE - 1)

// The sums of SIZE neighbouring numbers, for each of TOGETHER windows.
ALWAYS void window_sums(const VECTOR* numbers, VECTOR* sums) {
    VECTOR pairs[PARTS];
    _Pragma("unroll") for (int k = 0; k + 1 < PARTS; k++) {
        pairs[k] = numbers[k] + numbers[k + 1];
    }
    EACH(TOGETHER) {
        sums[k] = SIZE % 2 == 0 ? (VECTOR)(0.0f) : numbers[k + SIZE - 1];
        _Pragma("unroll") for (int j = 0; j + 1 < SIZE; j += 2) {
            sums[k] += pairs[k + j];
        }
    }
}

// Squares of neighbours of channels from channel c on, at element at of the first channel; START comes to each sum in equal shares.
ALWAYS void squares_of(int whole, Q_GLOBAL const X_T* x, size_t at, int c, VECTOR* squares) {
    _Pragma("unroll") for (int k = 0; k < PARTS; k++) {
        const VECTOR e = EXISTS(c + k - BEFORE) ? GET(x, at + (k - BEFORE) * (ptrdiff_t)INNER) : (VECTOR)(0.0f);
        squares[k] = fma(e, e, (VECTOR)(START / SIZE));
    }
}

// What SHARE is the factor of, for a pixel of channel c whose channel 0 is at element first.
static inline float sum_of(Q_GLOBAL const X_T* x, size_t first, int c) {
    float sum = START;
    for (int k = max(c - BEFORE, 0); k <= min(c + BEHIND, CHANNELS - 1); k++) {
        const float e = X_LOAD(x, first + (size_t)k * INNER);
        sum = fma(e, e, sum);
    }
    return sum;
}
