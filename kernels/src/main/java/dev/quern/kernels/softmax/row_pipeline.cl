// Purpose: one loop over several chunks of [rows, AXIS] at a time, so that memory is read and written all the time; what softmax and
// cross-entropy on CPUs share.
//
//   a row:    CHUNKS chunks; chunk k begins at element mine + k * CHUNK, where the result's vectors are aligned; the first has the
//             elements before, the last all behind
//   a step:   chunk k + 2 is asked for | chunk k + 1: its maximum | chunk k becomes exponentials, kept in local memory |
//             chunk k of the row before is written
//
// Each chunk's exponentials are of the distances from its own maximum; when the row is known, e^(chunk's maximum - row's maximum) is
// part of the factor by which they are multiplied as they are written.
//
// A processor that reads, computes and writes by turns leaves memory idle, and one that does all three in one loop does not. A load
// waits for stores before it that lie at the same place of another page (by its last 12 bits the processor takes them for the same
// place): hence TURN, and rows in local memory lie at the place of those in the result. A line that two rows share is written once,
// whole.
//
// Parameters: AXIS, at least W; W lanes; CHUNKS; CHUNK, of whole runs (AXIS if there is one chunk); TURN, by how many runs of vectors
//   writing is ahead of computing within a chunk; KEEP whether exponentials are kept; TOTAL whether the distances from the maximum are
//   added up; FINISHED(x, kept, i, known), the vector that is written at element i of a row; X_T and its vectors; STREAM whether
//   results go past the caches.
// Requirements: vectors.cl and online.cl in front; operands begin at multiples of a vector.
// Determinism: each sum runs in a fixed order, in one work-item.

// Elements of local memory that a row may begin at, so that it lies at the same place of a page as the row it is written to.
#define PAGE 1024
#define ROOM (PAGE + (AXIS + W - 1) / W * W + 2 * W)
#if KEEP
#define STORE_KEPT(v, p) (*(Q_LOCAL Q_JOIN(Q_JOIN(q_float, W), _unaligned)*)(p) = (v))
#else
#define STORE_KEPT(v, p)
#endif
#define RUN (CHAINS * W)

// What the chunks of a row came to.
typedef struct {
    float most[CHUNKS];
    float sum[CHUNKS];
    float total[CHUNKS];   // of the distances from the maximum
} Raised;

// What is known of the chunk that is written.
typedef struct {
    float most;
    float factor;
    float offset;
    VECTOR carried;   // the last elements of the row before it, which share a line with its first
} Known;

// Where a row begins in its local memory.
static inline Q_LOCAL float* beside(Q_LOCAL float* kept, Q_GLOBAL const X_T* y) {
    return kept + W + ((uint)(ulong)y - (uint)(ulong)(kept + W)) / 4 % PAGE;
}

// Some lanes of a vector of distances from the maximum, whose powers are stored at kept. The other lanes come again or are done.
static inline void raise_some(VECTOR distance, INTS own, Q_LOCAL float* kept, VECTOR* sum, VECTOR* total) {
    const VECTOR power = falling_exponential(distance);
    STORE_KEPT(power, kept);
    *sum += own ? power : (VECTOR)(0.0f);
#if TOTAL
    *total += own ? distance : (VECTOR)(0.0f);
#endif
}

// Where chunk k of a row whose result has its first whole vector at element mine has its first, where it starts and where it ends.
#define BEGIN(mine, k) ((mine) + (k) * CHUNK)
#define START_OF(mine, k) ((k) == 0 ? 0 : BEGIN(mine, k))
#define END_OF(mine, k) ((k) == CHUNKS - 1 ? AXIS : BEGIN(mine, (k) + 1))

// Of the row x, whose result goes to y + AXIS: finds the maximum of the chunk behind chunk k, makes exponentials of chunk k, writes
// chunk k of the row before, and asks for the chunk after the next. Gives the maximum.
static inline __attribute__((always_inline)) float step(int look, int raise, int write, int joins, int k, Q_GLOBAL const X_T* x,
                                                        Q_GLOBAL X_T* y, Q_LOCAL float* kept, Q_LOCAL const float* done, Raised* raised,
                                                        Known* known) {
    Q_GLOBAL const X_T* before = x - AXIS;
    const Known written = *known;
    // Minus infinity is not subtracted from itself.
    const float most = raised->most[k] == -INFINITY ? 0.0f : raised->most[k];
    const int first = lead(y);
    const int mine = lead(y + AXIS);
    const int theirs = k < CHUNKS - 1 ? mine : lead(y + 2 * AXIS);
    const int from = BEGIN(first, k);
    const int runs = (END_OF(first, k) - from) / RUN;
    const int own_from = BEGIN(mine, k);
    const int own_end = END_OF(mine, k);
    const int own = (own_end - own_from) / RUN;
    // The chunk behind, and what of it is no whole vector.
    const int behind = k < CHUNKS - 1 ? k + 1 : 0;
    Q_GLOBAL const X_T* row = k < CHUNKS - 1 ? x : x + AXIS;
    Q_GLOBAL const X_T* next = row + BEGIN(theirs, behind);
    const int ahead = END_OF(theirs, behind) - BEGIN(theirs, behind);
    VECTOR largest[CHAINS];
    EACH { largest[c] = (VECTOR)(-INFINITY); }
    if (look) {
        if (behind == 0) {
            largest[0] = larger(largest[0], GET(row));
        }
        if (behind == CHUNKS - 1) {
            largest[1] = larger(largest[1], GET(row + AXIS - W));
        }
    }
    VECTOR sum = (VECTOR)(0.0f);
    VECTOR total = (VECTOR)(0.0f);
    if (raise && k == 0 && mine > 0) {
        raise_some(GET(x) - most, LANES < (INTS)(mine), kept, &sum, &total);
    }
    const int looked = look ? ahead / RUN : 0;
    for (int r = 0; r < max(max(runs, own), looked); r++) {
        if (write && r < runs) {
            const int turned = r + TURN < runs ? r + TURN : r + TURN - runs;
            EACH { PUT_ALIGNED(FINISHED(before, done, from + turned * RUN + c * W, written), y + from + turned * RUN + c * W); }
        }
        if (r < looked) {
            EACH { FETCH(next + CHUNK + r * RUN + c * W); }
            EACH { largest[c] = larger(largest[c], GET(next + r * RUN + c * W)); }
        }
        if (raise && r < own) {
            const int i = own_from + r * RUN;
            VECTOR power[CHAINS];
            EACH { power[c] = GET(x + i + c * W) - most; }
#if TOTAL
            total += (power[0] + power[1]) + (power[2] + power[3]);
#endif
            falling_exponentials(power);
            EACH { STORE_KEPT(power[c], kept + i + c * W); }
            sum += (power[0] + power[1]) + (power[2] + power[3]);
        }
    }
    if (look) {
        for (int i = looked * RUN; i + W <= ahead; i += W) {
            FETCH(next + CHUNK + i);
            largest[2] = larger(largest[2], GET(next + i));
        }
    }
    if (raise) {
        int i = own_from + own * RUN;
        for (; i + W <= own_end; i += W) {
            raise_some(GET(x + i) - most, (INTS)(-1), kept + i, &sum, &total);
        }
        if (i < own_end) {
            raise_some(GET(x + AXIS - W) - most, LANES >= (INTS)(W - (AXIS - i)), kept + AXIS - W, &sum, &total);
        }
        raised->sum[k] = lanes_sum(sum);
        raised->total[k] = TOTAL ? lanes_sum(total) : 0.0f;
    }
    if (write) {
        if (k == 0 && first > 0) {
            if (STREAM && joins) {
                const VECTOR line = FINISHED(before, done, first - W, written);
                PUT_ALIGNED(LANES < (INTS)(W - first) ? written.carried : line, y + first - W);
            } else {
                PUT(FINISHED(before, done, 0, written), y);
            }
        }
        int i = from + runs * RUN;
        for (; i + W <= END_OF(first, k); i += W) {
            PUT_ALIGNED(FINISHED(before, done, i, written), y + i);
        }
        if (i < END_OF(first, k)) {
            if (STREAM && raise) {
                known->carried = FINISHED(before, done, i, written);
            } else {
                PUT(FINISHED(before, done, AXIS - W, written), y + AXIS - W);
            }
        }
    }
    return lanes_max(larger(larger(largest[0], largest[1]), larger(largest[2], largest[3])));
}

// One chunk of the row t of so many, whose result goes to y + AXIS; t runs from -1 to rows.
static inline __attribute__((always_inline)) float turn_of(int t, int rows, int k, Q_GLOBAL const X_T* x, Q_GLOBAL X_T* y,
                                                           Q_LOCAL float* kept, Q_LOCAL const float* done, Raised* raised,
                                                           Known* known) {
    if (t >= 1 && t + 1 < rows) {
        return step(1, 1, 1, t >= 2, k, x, y, kept, done, raised, known);
    }
    const int look = k < CHUNKS - 1 ? t >= 0 && t < rows : t + 1 < rows;
    return step(look, t >= 0 && t < rows, t >= 1, t >= 2, k, x, y, kept, done, raised, known);
}

// What a row came to: the factors of its chunks, its largest element, the sum of its exponentials and of its distances from that.
typedef struct {
    float factor[CHUNKS];
    float most;
    float sum;
    float total;
} Row;

static inline Row row_of(const Raised* raised, int mine) {
    Row row;
    row.most = raised->most[0];
#if CHUNKS == 1
    row.sum = raised->sum[0];
    row.total = raised->total[0];
    row.factor[0] = 1.0f / row.sum;
#else
    for (int k = 1; k < CHUNKS; k++) {
        row.most = fmax(row.most, raised->most[k]);
    }
    row.sum = 0.0f;
    row.total = 0.0f;
    for (int k = 0; k < CHUNKS; k++) {
        row.factor[k] = exp(raised->most[k] - row.most);
        row.sum = fma(raised->sum[k], row.factor[k], row.sum);
        row.total += raised->total[k] + (float)(END_OF(mine, k) - START_OF(mine, k)) * (raised->most[k] - row.most);
    }
    for (int k = 0; k < CHUNKS; k++) {
        row.factor[k] /= row.sum;
    }
#endif
    return row;
}
