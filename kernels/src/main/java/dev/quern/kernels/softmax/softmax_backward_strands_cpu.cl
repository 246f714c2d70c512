// Purpose: the gradient of softmax, or of its logarithm, of [OUTER, AXIS] along a long axis, on CPUs, so that memory is read and written
//   all the time; one work-item a run of rows.
//
//   a row:    head | strand 0 | strand 1 | strand 2 | strand 3 | rest; strands are of SEGMENTS segments of SEGMENT vectors, and begin
//             where the result's vectors are aligned
//   a step:   a vector of each strand of row t is read and added to its sum; a vector of each strand of row t - 1 is read again, from a
//             cache, and its gradient is written
//
// All loads of a step come before its stores: a load waits for stores before it that lie at the same place of another page. Hence also
// writing ahead by so many vectors (turned within a segment) that what is read and what is written lie at the same place of their pages.
//
// Parameters, all of them definitions: OUTER, AXIS; LOG 0 or 1; W lanes; PER_ITEM rows; SEGMENT vectors, a power of two; STREAM whether
//   results go past the caches.
// Requirements: groups of one work-item; vectors.cl, online.cl and gradient.cl in front; rows of 4 SEGMENT whole vectors or more; operands
//   begin at multiples of a vector.
// Adds over pipelined_cpu: reads and writes a row at four places at once; two rows in a cache instead of three.
// Determinism: each sum runs in a fixed order, in one work-item.

#define WHOLE (AXIS % W == 0 ? AXIS / W : (AXIS - W + 1) / W)
#define SEGMENTS (WHOLE / (CHAINS * SEGMENT))
#define STRAND (SEGMENTS * SEGMENT * W)
#define BODY (CHAINS * STRAND)
// Elements of a strand by which lines are asked for ahead.
#define SOON 128
#define RESULT_AT(i) RESULT(GET(y + (i)), GET(dy + (i)), sum)

// A segment of the row at y, and of the row at before, whose sum is known; behind the segment, lines are asked for that lie this jump
// ahead.
static inline __attribute__((always_inline)) void segment(int look, int write, Q_GLOBAL const X_T* y, Q_GLOBAL const X_T* dy,
                                                          Q_GLOBAL const X_T* before, Q_GLOBAL const X_T* before_dy, Q_GLOBAL X_T* dx,
                                                          int turn, int jump, VECTOR known, VECTOR* sums) {
    for (int i = 0; i < SEGMENT; i++) {
        const int j = (i + turn & SEGMENT - 1) * W;
        VECTOR done[CHAINS], gradient[CHAINS];
        if (write) {
            EACH { done[c] = GET(before + c * STRAND + j); }
            EACH { gradient[c] = GET(before_dy + c * STRAND + j); }
        }
        if (look) {
            const int soon = i * W + SOON + (i * W + SOON < SEGMENT * W ? 0 : jump);
            EACH { FETCH(y + c * STRAND + soon); }
            EACH { FETCH(dy + c * STRAND + soon); }
            EACH { sums[c] = ADDED(sums[c], GET(y + c * STRAND + i * W), GET(dy + c * STRAND + i * W)); }
        }
        if (write) {
            make_results(done, gradient, known);
            EACH { PUT_ALIGNED(done[c], dx + c * STRAND + j); }
        }
    }
}

// Writes what the strands leave of the row y, whose result dx has its first aligned vector at element mine. Vectors overlap: their
// elements come out the same.
static inline void write_rest(Q_GLOBAL const X_T* y, Q_GLOBAL const X_T* dy, Q_GLOBAL X_T* dx, int mine, float sum) {
    if (mine > 0) {
        PUT(RESULT_AT(0), dx);
    }
    int i = mine + BODY;
    for (; i + W <= AXIS; i += W) {
        PUT_ALIGNED(RESULT_AT(i), dx + i);
    }
    if (i < AXIS) {
        PUT(RESULT_AT(AXIS - W), dx + AXIS - W);
    }
}

// The sum of what the strands leave of the row y.
static inline VECTOR sum_of_rest(Q_GLOBAL const X_T* y, Q_GLOBAL const X_T* dy, int mine) {
    VECTOR sum = (VECTOR)(0.0f);
    if (mine > 0) {
        const VECTOR head = ADDED((VECTOR)(0.0f), GET(y), GET(dy));
        sum = LANES < (INTS)(mine) ? head : (VECTOR)(0.0f);
    }
    int i = mine + BODY;
    for (; i + W <= AXIS; i += W) {
        sum = ADDED(sum, GET(y + i), GET(dy + i));
    }
    if (i < AXIS) {
        const VECTOR tail = ADDED((VECTOR)(0.0f), GET(y + AXIS - W), GET(dy + AXIS - W));
        sum += LANES >= (INTS)(W - (AXIS - i)) ? tail : (VECTOR)(0.0f);
    }
    return sum;
}

// Finds the sum of the row y, and writes the row before, whose sum is known.
static inline __attribute__((always_inline)) float pass(int look, int write, Q_GLOBAL const X_T* y, Q_GLOBAL const X_T* dy,
                                                        Q_GLOBAL X_T* dx, float known) {
    const int mine = lead(dx);
    const int theirs = lead(dx - AXIS);
    VECTOR sums[CHAINS];
    EACH { sums[c] = (VECTOR)(0.0f); }
    if (write) {
        write_rest(y - AXIS, dy - AXIS, dx - AXIS, theirs, known);
    }
    const int back = theirs - AXIS;
    const int turn = look && write ? (mine - back) / W & SEGMENT - 1 : 0;
    for (int s = 0; s < SEGMENTS; s++) {
        const int at = s * SEGMENT * W;
        segment(look, write, y + mine + at, dy + mine + at, y + back + at, dy + back + at, dx + back + at, turn,
                s + 1 < SEGMENTS ? 0 : AXIS - STRAND, (VECTOR)(known), sums);
    }
    if (look) {
        sums[0] += sum_of_rest(y, dy, mine);
    }
    return lanes_sum((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void softmax_backward(Q_GLOBAL const X_T* Q_RESTRICT y, Q_GLOBAL const X_T* Q_RESTRICT dy, Q_GLOBAL X_T* Q_RESTRICT dx) {
    const int first = (int)Q_GROUP_ID(0) * PER_ITEM;
    const int rows = min(PER_ITEM, OUTER - first);
    float sum = 0.0f;
    for (int t = 0; t <= rows; t++) {
        const size_t at = ((size_t)first + t) * AXIS;
        if (t > 0 && t < rows) {
            sum = pass(1, 1, y + at, dy + at, dx + at, sum);
        } else {
            sum = pass(t < rows, t > 0, y + at, dy + at, dx + at, sum);
        }
    }
}
