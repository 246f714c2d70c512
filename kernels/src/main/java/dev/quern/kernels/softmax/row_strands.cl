// Purpose: one loop over four strands of a long row, and over the same strands of the row before it, which is written; what softmax and
// cross-entropy on CPUs share.
//
//   a row:    head | strand 0 | strand 1 | strand 2 | strand 3 | rest; strands are of SEGMENTS segments of SEGMENT vectors, and begin
//             where the result's vectors are aligned
//   a step:   a vector of each strand is read and becomes an exponential, which is kept in the place that the row before leaves free;
//             the vectors that were there are written
//
// Exponentials are of the distances from the largest element so far, or rather from one that is not far below it: a row begins with
// the largest of four vectors, and where a segment brings one that is larger by more than AHEAD, that segment is done again. So the loop
// reads each element once. When the row is known, e^(segment's maximum - row's maximum) is part of the factor by which exponentials are
// multiplied as they are written.
//
// All loads of a step come before its stores: a load waits for stores before it that lie at the same place of another page (by its last 12
// bits the processor takes them for the same place). Hence also strands of whole pages, and writing ahead by so many vectors (turned
// within a segment) that what is read and what is written lie at the same place of their pages.
//
// Lines are asked for before they are needed, those of the next row behind a strand's end: the processor's own guesses end with a page, and
// what is kept waits for none of them.
//
// Parameters: AXIS; W lanes; SEGMENT vectors, a power of two; KEEP whether exponentials are kept, or else x is read again; TOTAL whether
//   the distances from the maximum are added up; FINISHED(v, row, factor), the vector that is written for one that was kept or read
//   again; X_T and its vectors; STREAM whether results go past the caches.
// Requirements: vectors.cl and online.cl in front; operands begin at multiples of a vector; rows of 4 SEGMENT whole vectors or more.
// Determinism: each sum runs in a fixed order, in one work-item.

#define WHOLE (AXIS % W == 0 ? AXIS / W : (AXIS - W + 1) / W)
#define SEGMENTS (WHOLE / (CHAINS * SEGMENT))
#define STRAND (SEGMENTS * SEGMENT * W)
#define BODY (CHAINS * STRAND)
#define SEGMENT_BODY (CHAINS * SEGMENT * W)
// What is kept of the head and, behind that, of the rest, which may be written from one vector before it.
#define REST_AT (BODY + 2 * W)
#define ROOM (KEEP ? AXIS + 4 * W : W)
#define AHEAD 20.0f
// How far ahead lines are asked for: elements of a strand, and vectors of what is kept.
#define SOON 128
#define SOON_KEPT (4 * CHAINS)
#define NEAR(p) (*(Q_LOCAL Q_JOIN(Q_JOIN(q_float, W), _unaligned)*)(p))

// What the segments of a row came to; the head and the rest are one more.
typedef struct {
    float most[SEGMENTS + 1];
    float sum[SEGMENTS + 1];
    float total[SEGMENTS + 1];   // of the distances from most
} Raised;

// What a row came to: the factors of its segments, its largest element, the sum of its exponentials and of its distances from that.
typedef struct {
    float factor[SEGMENTS + 1];
    float most;
    float sum;
    float total;
    float end;   // for FINISHED
} Row;

// A segment of the row x, and of the row before, whose result is y; behind the segment, lines are asked for that lie this jump ahead. Gives
// the largest element; sum and total are added to.
static inline __attribute__((always_inline)) float segment(int look, int write, Q_GLOBAL const X_T* x, Q_GLOBAL const X_T* before,
                                                           Q_GLOBAL X_T* y, Q_LOCAL float* kept, int place, int turn, int jump, float shift,
                                                           const Row* row, float factor, float* sum, float* total) {
    VECTOR largest = (VECTOR)(-INFINITY);
    VECTOR sums = (VECTOR)(0.0f);
    VECTOR totals = (VECTOR)(0.0f);
    for (int i = 0; i < SEGMENT; i++) {
        const int j = i + turn & SEGMENT - 1;
#if KEEP
        Q_LOCAL float* now = kept + (i + place & SEGMENT - 1) * (CHAINS * W);
#endif
        VECTOR done[CHAINS], power[CHAINS];
        if (write) {
#if KEEP
            EACH { FETCH(now + (SOON_KEPT + c) * W); }
            EACH { done[c] = NEAR(now + c * W); }
#else
            EACH { done[c] = GET(before + c * STRAND + j * W); }
#endif
            EACH { done[c] = FINISHED(done[c], *row, factor); }
        }
        if (look) {
            const int soon = i * W + SOON + (i * W + SOON < SEGMENT * W ? 0 : jump);
            EACH { FETCH(x + c * STRAND + soon); }
            EACH { power[c] = GET(x + c * STRAND + i * W); }
            EACH { largest = larger(largest, power[c]); }
            EACH { power[c] -= shift; }
#if TOTAL
            totals += (power[0] + power[1]) + (power[2] + power[3]);
#endif
            falling_exponentials(power);
            sums += (power[0] + power[1]) + (power[2] + power[3]);
#if KEEP
            EACH { NEAR(now + c * W) = power[c]; }
#endif
        }
        if (write) {
            EACH { PUT_ALIGNED(done[c], y + c * STRAND + j * W); }
        }
    }
    *sum = lanes_sum(sums);
    *total = TOTAL ? lanes_sum(totals) : 0.0f;
    return lanes_max(largest);
}

// Minus infinity is not subtracted from itself.
static inline float shift_of(float most) {
    return most == -INFINITY ? 0.0f : most;
}

// Stores the lanes from the first to before the end.
static inline void put_some(VECTOR v, int first, int end, Q_GLOBAL X_T* p) {
    float lanes[W];
    STORE(v, lanes);
    for (int i = first; i < end; i++) {
        X_STORE(p, i, lanes[i]);
    }
}

#if KEEP
#define REST_OF(i) NEAR(kept + REST_AT - mine - BODY + (i))
#define HEAD NEAR(kept + BODY)
#else
#define REST_OF(i) GET(x + (i))
#define HEAD GET(x)
#endif

// Writes what the strands leave of the row x, whose result y has its first aligned vector at element mine.
static inline void write_rest(Q_GLOBAL const X_T* x, Q_GLOBAL X_T* y, int mine, Q_LOCAL const float* kept, const Row* row) {
    const float factor = row->factor[SEGMENTS];
    if (mine > 0) {
        put_some(FINISHED(HEAD, *row, factor), 0, mine, y);
    }
    int i = mine + BODY;
    for (; i + W <= AXIS; i += W) {
        PUT_ALIGNED(FINISHED(REST_OF(i), *row, factor), y + i);
    }
    if (i < AXIS) {
        put_some(FINISHED(REST_OF(AXIS - W), *row, factor), W - (AXIS - i), W, y + AXIS - W);
    }
}

#if KEEP
#define KEEP_REST(v, i) REST_OF(i) = (v)
#define KEEP_HEAD(v) HEAD = (v)
#else
#define KEEP_REST(v, i)
#define KEEP_HEAD(v)
#endif

// Makes exponentials of what the strands leave of the row x.
static inline void raise_rest(Q_GLOBAL const X_T* x, int mine, Q_LOCAL float* kept, float most, Raised* raised) {
    const int whole = mine + BODY + (AXIS - mine - BODY) / W * W;
    VECTOR largest = (VECTOR)(most);
    if (mine > 0) {
        largest = larger(largest, GET(x));
    }
    for (int i = mine + BODY; i < whole; i += W) {
        largest = larger(largest, GET(x + i));
    }
    if (whole < AXIS) {
        largest = larger(largest, GET(x + AXIS - W));
    }
    const float shift = shift_of(lanes_max(largest));
    VECTOR sum = (VECTOR)(0.0f);
    VECTOR total = (VECTOR)(0.0f);
    if (mine > 0) {
        const VECTOR distance = GET(x) - shift;
        const VECTOR power = falling_exponential(distance);
        sum += LANES < (INTS)(mine) ? power : (VECTOR)(0.0f);
        total += LANES < (INTS)(mine) ? distance : (VECTOR)(0.0f);
        KEEP_HEAD(power);
    }
    for (int i = mine + BODY; i < whole; i += W) {
        const VECTOR distance = GET(x + i) - shift;
        const VECTOR power = falling_exponential(distance);
        sum += power;
        total += distance;
        KEEP_REST(power, i);
    }
    if (whole < AXIS) {
        const VECTOR distance = GET(x + AXIS - W) - shift;
        const VECTOR power = falling_exponential(distance);
        const INTS own = LANES >= (INTS)(W - (AXIS - whole));
        sum += own ? power : (VECTOR)(0.0f);
        total += own ? distance : (VECTOR)(0.0f);
        KEEP_REST(power, AXIS - W);
    }
    raised->most[SEGMENTS] = shift;
    raised->sum[SEGMENTS] = lanes_sum(sum);
    raised->total[SEGMENTS] = lanes_sum(total);
}

// Reads the row x, whose result goes to y + AXIS, and writes the row before, which came to this, to y. The rows' exponentials lie turned
// by *place within their segments.
static inline void pass(int look, int write, Q_GLOBAL const X_T* x, Q_GLOBAL X_T* y, Q_LOCAL float* kept, int* place, const Row* row,
                        Raised* raised) {
    Q_GLOBAL const X_T* before = x - AXIS;
    const int theirs = lead(y);
    const int mine = lead(y + AXIS);
    if (write) {
        write_rest(before, y, theirs, kept, row);
    }
    before += theirs;
    y += theirs;
    float most = -INFINITY;
    int turn = 0;
    if (look) {
        VECTOR largest[CHAINS];
        EACH { largest[c] = GET(x + mine + c * STRAND); }
        most = lanes_max(larger(larger(largest[0], largest[1]), larger(largest[2], largest[3])));
        turn = write ? (int)(((ulong)(x + mine) - (ulong)y) / (W * sizeof(X_T))) & SEGMENT - 1 : 0;
    }
    *place = *place + turn & SEGMENT - 1;
    _Pragma("nounroll") for (int s = 0; s < SEGMENTS; s++) {
        const int at = s * SEGMENT * W;
        Q_GLOBAL const X_T* from = x + mine + at;
        Q_LOCAL float* own = kept + s * SEGMENT_BODY;
        const int jump = s + 1 < SEGMENTS ? 0 : AXIS - STRAND;
        float sum, total, largest;
        if (look && write) {
            largest = segment(1, 1, from, before + at, y + at, own, *place, turn, jump, shift_of(most), row, row->factor[s], &sum,
                              &total);
        } else {
            largest = segment(look, write, from, before + at, y + at, own, *place, turn, jump, shift_of(most), row, row->factor[s], &sum,
                              &total);
        }
        if (look) {
            if (largest > most + AHEAD) {
                most = largest;
                segment(1, 0, from, before + at, y + at, own, *place, turn, 0, most, row, 0.0f, &sum, &total);
            }
            raised->most[s] = shift_of(most);
            raised->sum[s] = sum;
            raised->total[s] = total;
        }
    }
    if (look) {
        raise_rest(x, mine, kept, most, raised);
    }
}

static inline void take_row(const Raised* raised, Row* row) {
    row->most = raised->most[0];
    for (int s = 1; s <= SEGMENTS; s++) {
        row->most = fmax(row->most, raised->most[s]);
    }
    row->sum = 0.0f;
    row->total = 0.0f;
    row->end = 0.0f;
    for (int s = 0; s <= SEGMENTS; s++) {
        row->factor[s] = exp(raised->most[s] - row->most);
        row->sum = fma(raised->sum[s], row->factor[s], row->sum);
        row->total += raised->total[s] + (float)(s < SEGMENTS ? SEGMENT_BODY : AXIS - BODY) * (raised->most[s] - row->most);
    }
}
