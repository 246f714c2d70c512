// Purpose: softmax, or its logarithm, of [OUTER, AXIS, INNER] along an axis that is not the last, on CPUs; one work-item a run of
//   strips, each of up to STRIP vectors of neighbouring rows.
//
//   strip s:  lines 0 … AXIS - 1 of up to STRIP vectors; four strands of STEPS lines, and up to three lines that are left
//   a step:   a vector of a line of each strand is read and becomes an exponential (not for the logarithm), which is kept without gaps in
//             the place that strip s - 1 leaves free; what was there is written
//
// Exponentials are of the distances from the largest element of their lane so far, or rather from one that is not far below it: a strip
// begins with the largest of four lines, and where a segment of SEGMENT steps brings one that is larger by more than AHEAD, that segment is
// done again. So the loop reads each element once. When the strip is known, e^(segment's maximum - largest) is part of the factor by
// which exponentials are multiplied as they are written.
//
// Parameters, all of them definitions: OUTER, AXIS; INNER, a multiple of W; LOG 0 or 1; W lanes; PER_ITEM strips; STRIP;
//   SEGMENT; STREAM whether results go past the caches.
// Requirements: groups of one work-item; vectors.cl and online.cl in front; local memory for a strip and its segments' maxima.
// Adds over vector_cpu: each element comes from memory once, however far the rows' elements lie apart: lines at like distances share
//   few places of a cache and push each other out of it, which what is kept without gaps does not. Reading and writing at the same
//   time, at four places.
// Determinism: each sum runs in a fixed order, in one work-item.

#define STRIPS ((INNER + STRIP * W - 1) / (STRIP * W))
#define STEPS (AXIS / CHAINS)
#define SEGMENTS ((STEPS + SEGMENT - 1) / SEGMENT)
#define STRAND ((size_t)STEPS * INNER)
#define LINE (STRIP * W)
#define AHEAD 20.0f
#define NEAR(p) (*(Q_LOCAL Q_JOIN(Q_JOIN(q_float, W), _unaligned)*)(p))

// What is known of a strip's lanes: while it is read, and when it is written.
typedef struct {
    VECTOR largest[STRIP];  // so far, or not far below that
    VECTOR most[STRIP];     // what distances are from
    VECTOR sum[STRIP];
    VECTOR end[STRIP];      // 1 / sum, or for the logarithm its logarithm
    VECTOR factor[STRIP];   // of the segment that is written
} Lanes;

// Minus infinity is not subtracted from itself.
static inline VECTOR shift_of(VECTOR most) {
    return most == -INFINITY ? (VECTOR)(0.0f) : most;
}

static inline VECTOR finished(VECTOR v, const Lanes* lanes, int at) {
    return LOG ? v - lanes->most[at] - lanes->end[at] : v * lanes->factor[at];
}

// A step of the vectors v to end: reads a line of each strand of one strip, writes those of the strip before. Adds to sums, and finds
// the largest.
static inline __attribute__((always_inline)) void move_lines(int read, int write, int v, int end, Q_GLOBAL const X_T* x,
                                                             Q_GLOBAL X_T* y, Q_LOCAL float* kept, const VECTOR* from, VECTOR* sums,
                                                             VECTOR* largest, const Lanes* known) {
    for (; v < end; v++) {
        Q_LOCAL float* own = kept + v * (CHAINS * W);
        VECTOR done[CHAINS], power[CHAINS];
        // All loads before all stores: a load waits for a store at its place of another page.
        if (write) {
            EACH { done[c] = finished(NEAR(own + c * W), known, v); }
        }
        if (read) {
            EACH { FETCH(x + c * STRAND + INNER + v * W); }
            EACH { power[c] = GET(x + c * STRAND + v * W); }
            VECTOR most = largest[v];
            EACH { most = larger(most, power[c]); }
            largest[v] = most;
#if LOG
            EACH { NEAR(own + c * W) = power[c]; }
#endif
            const VECTOR shift = from[v];
            EACH { power[c] -= shift; }
            falling_exponentials(power);
            sums[v] += (power[0] + power[1]) + (power[2] + power[3]);
#if !LOG
            EACH { NEAR(own + c * W) = power[c]; }
#endif
        }
        if (write) {
            EACH { PUT_ALIGNED(done[c], y + c * STRAND + v * W); }
        }
    }
}

// The lines from 4 STEPS on, all of the vectors: read, or written.
static inline void read_rest(Q_GLOBAL const X_T* x, int vectors, Q_LOCAL float* kept, Lanes* lanes) {
    for (int i = 0; i < AXIS - CHAINS * STEPS; i++) {
        for (int v = 0; v < vectors; v++) {
            const VECTOR e = GET(x + (size_t)(CHAINS * STEPS + i) * INNER + v * W);
            const VECTOR power = falling_exponential(e - lanes->most[v]);
            lanes->sum[v] += power;
            NEAR(kept + i * LINE + v * W) = LOG ? e : power;
        }
    }
}

static inline void write_rest(Q_GLOBAL X_T* y, int vectors, Q_LOCAL float* kept, const Lanes* lanes) {
    for (int i = 0; i < AXIS - CHAINS * STEPS; i++) {
        for (int v = 0; v < vectors; v++) {
            PUT_ALIGNED(finished(NEAR(kept + i * LINE + v * W), lanes, v), y + (size_t)(CHAINS * STEPS + i) * INNER + v * W);
        }
    }
}

// The factors of what was kept as distances from these maxima.
static inline void take_factors(Q_LOCAL const float* maxima, int vectors, Lanes* lanes) {
    for (int v = 0; v < vectors; v++) {
        const VECTOR distance = NEAR((Q_LOCAL float*)maxima + v * W) - lanes->most[v];
        lanes->factor[v] = falling_exponential(distance > 0.0f ? (VECTOR)(0.0f) : distance) * lanes->end[v];
    }
}

// Makes new maxima those of the lanes, whose sums were of distances from others.
static inline void raise(const VECTOR* largest, int vectors, Lanes* lanes) {
    for (int v = 0; v < vectors; v++) {
        const VECTOR next = shift_of(larger(lanes->largest[v], largest[v]));
        lanes->sum[v] *= falling_exponential(lanes->largest[v] - next);
        lanes->largest[v] = larger(lanes->largest[v], largest[v]);
        lanes->most[v] = next;
    }
}

// Whether one of the lanes is so much larger than what distances are from.
static inline int is_ahead(const VECTOR* largest, int vectors, const Lanes* lanes) {
    VECTOR ahead = (VECTOR)(0.0f);
    for (int v = 0; v < vectors; v++) {
        ahead = largest[v] > lanes->largest[v] + AHEAD ? (VECTOR)(1.0f) : ahead;
    }
    return lanes_max(ahead) > 0.0f;
}

// Reads so many vectors of a strip, and writes so many of the one before, of which this is known.
static inline void turn(int vectors, int written, Q_GLOBAL const X_T* x, Q_GLOBAL X_T* y, Q_LOCAL float* kept, Q_LOCAL float* maxima,
                        Lanes* reading, Lanes* writing) {
    const int both = min(vectors, written);
    for (int v = 0; v < vectors; v++) {
        VECTOR most = GET(x + v * W);
        for (int c = 1; c < CHAINS; c++) {
            most = larger(most, GET(x + c * STRAND + v * W));
        }
        reading->largest[v] = most;
        reading->most[v] = shift_of(most);
        reading->sum[v] = (VECTOR)(0.0f);
    }
    VECTOR sums[STRIP], largest[STRIP];
    for (int s = 0; s < SEGMENTS; s++) {
        Q_LOCAL float* own = maxima + s * LINE;
        take_factors(own, written, writing);
        for (int v = 0; v < vectors; v++) {
            sums[v] = (VECTOR)(0.0f);
            largest[v] = reading->largest[v];
        }
        const int end = min((s + 1) * SEGMENT, STEPS);
        for (int i = s * SEGMENT; i < end; i++) {
            const size_t line = (size_t)i * INNER;
            Q_LOCAL float* place = kept + i * (CHAINS * LINE);
            move_lines(1, 1, 0, both, x + line, y + line, place, reading->most, sums, largest, writing);
            move_lines(1, 0, both, vectors, x + line, y + line, place, reading->most, sums, largest, writing);
            move_lines(0, 1, both, written, x + line, y + line, place, reading->most, sums, largest, writing);
        }
        if (is_ahead(largest, vectors, reading)) {
            raise(largest, vectors, reading);
            for (int v = 0; v < vectors; v++) {
                sums[v] = (VECTOR)(0.0f);
            }
            for (int i = s * SEGMENT; i < end; i++) {
                const size_t line = (size_t)i * INNER;
                move_lines(1, 0, 0, vectors, x + line, y + line, kept + i * (CHAINS * LINE), reading->most, sums, largest, writing);
            }
        }
        for (int v = 0; v < vectors; v++) {
            reading->sum[v] += sums[v];
            NEAR(own + v * W) = reading->most[v];
        }
    }
    Q_LOCAL float* rest = kept + CHAINS * STEPS * LINE;
    Q_LOCAL float* own = maxima + SEGMENTS * LINE;
    take_factors(own, written, writing);
    write_rest(y, written, rest, writing);
    for (int v = 0; v < vectors; v++) {
        largest[v] = reading->largest[v];
        for (int i = CHAINS * STEPS; i < AXIS; i++) {
            largest[v] = larger(largest[v], GET(x + (size_t)i * INNER + v * W));
        }
    }
    raise(largest, vectors, reading);
    read_rest(x, vectors, rest, reading);
    for (int v = 0; v < vectors; v++) {
        NEAR(own + v * W) = reading->most[v];
        reading->end[v] = LOG ? log(reading->sum[v]) : 1.0f / reading->sum[v];
    }
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void softmax(Q_GLOBAL const X_T* Q_RESTRICT x, Q_GLOBAL X_T* Q_RESTRICT y) {
    // Vectors in lines of their own.
    Q_LOCAL float room[(AXIS + SEGMENTS + 1) * LINE + W];
    Q_LOCAL float* kept = room + (W - (uint)(ulong)room / 4 % W) % W;
    Lanes lanes[2];
    const int first = (int)Q_GROUP_ID(0) * PER_ITEM;
    const int end = min(first + PER_ITEM, OUTER * STRIPS);
    Q_GLOBAL X_T* before = y;
    int written = 0;
    for (int s = first; s <= end; s++) {
        const int column = s % STRIPS * LINE;
        const size_t at = (size_t)(s / STRIPS) * AXIS * INNER + column;
        const int vectors = s < end ? min(LINE, INNER - column) / W : 0;
        turn(vectors, written, x + at, before, kept, kept + AXIS * LINE, lanes + (s & 1), lanes + (1 - (s & 1)));
        before = y + at;
        written = vectors;
    }
}
