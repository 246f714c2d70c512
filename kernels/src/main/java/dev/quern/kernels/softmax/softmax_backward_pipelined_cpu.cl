// Purpose: the gradient of softmax, or of its logarithm, of [OUTER, AXIS] along the axis, on CPUs, so that memory is read and written
//   all the time; one work-item a run of rows.
//
//   time t:   row t + 2 is asked for | row t + 1: its sum | row t: its gradient is written
//
// Parameters, all of them definitions: OUTER, AXIS; LOG 0 or 1; W lanes; PER_ITEM rows; TURN, by how many runs of vectors writing is
//   ahead of summing within their rows (see row_pipeline.cl); STREAM whether results go past the caches.
// Requirements: groups of one work-item; vectors.cl, online.cl and gradient.cl in front; AXIS at least W; operands begin at multiples of
//   a vector.
// Adds over vector_cpu: reading and writing at the same time; several exponentials side by side; a line that two rows share is
//   written once, whole.
// Determinism: each sum runs in a fixed order, in one work-item.

#define RUN (CHAINS * W)
#define RESULT_AT(i) RESULT(GET(y + (i)), GET(dy + (i)), written.sum)

// What is known of the row that is written.
typedef struct {
    float sum;
    VECTOR carried;   // the last elements of the row before it, which share a line with its first
} Known;

static inline __attribute__((always_inline)) void put_run(Q_GLOBAL const X_T* y, Q_GLOBAL const X_T* dy, Q_GLOBAL X_T* dx, float sum) {
    VECTOR done[CHAINS], gradient[CHAINS];
    EACH { done[c] = GET(y + c * W); }
    EACH { gradient[c] = GET(dy + c * W); }
    make_results(done, gradient, (VECTOR)(sum));
    EACH { PUT_ALIGNED(done[c], dx + c * W); }
}

// Finds the sum of the row behind y, writes the gradient of the row y, and asks for the row after the next.
static inline __attribute__((always_inline)) float step(int look, int write, int joins, Q_GLOBAL const X_T* y, Q_GLOBAL const X_T* dy,
                                                        Q_GLOBAL X_T* dx, Known* known) {
    Q_GLOBAL const X_T* next = y + AXIS;
    Q_GLOBAL const X_T* next_dy = dy + AXIS;
    const Known written = *known;
    const int first = lead(dx);
    const int mine = lead(dx + AXIS);
    const int runs = (AXIS - first) / RUN;
    const int own = (AXIS - mine) / RUN;
    VECTOR sums[CHAINS];
    EACH { sums[c] = (VECTOR)(0.0f); }
    if (look && mine > 0) {
        const VECTOR head = ADDED((VECTOR)(0.0f), GET(next), GET(next_dy));
        sums[0] = LANES < (INTS)(mine) ? head : (VECTOR)(0.0f);
    }
    for (int k = 0; k < max(runs, own); k++) {
        if (look && k < own) {
            const int i = mine + k * RUN;
            EACH { FETCH(next + AXIS + i + c * W); }
            EACH { FETCH(next_dy + AXIS + i + c * W); }
            EACH { sums[c] = ADDED(sums[c], GET(next + i + c * W), GET(next_dy + i + c * W)); }
        }
        if (write && k < runs) {
            const int at = first + (k + TURN < runs ? k + TURN : k + TURN - runs) * RUN;
            put_run(y + at, dy + at, dx + at, written.sum);
        }
    }
    if (look) {
        int i = mine + own * RUN;
        for (; i + W <= AXIS; i += W) {
            FETCH(next + AXIS + i);
            FETCH(next_dy + AXIS + i);
            sums[1] = ADDED(sums[1], GET(next + i), GET(next_dy + i));
        }
        if (i < AXIS) {
            const VECTOR tail = ADDED((VECTOR)(0.0f), GET(next + AXIS - W), GET(next_dy + AXIS - W));
            sums[2] += LANES >= (INTS)(W - (AXIS - i)) ? tail : (VECTOR)(0.0f);
        }
    }
    if (write) {
        if (first > 0) {
            if (STREAM && joins) {
                const VECTOR line = RESULT_AT(first - W);
                PUT_ALIGNED(LANES < (INTS)(W - first) ? written.carried : line, dx + first - W);
            } else {
                PUT(RESULT_AT(0), dx);
            }
        }
        int i = first + runs * RUN;
        for (; i + W <= AXIS; i += W) {
            PUT_ALIGNED(RESULT_AT(i), dx + i);
        }
        if (i < AXIS) {
            if (STREAM && look) {
                known->carried = RESULT_AT(i);
            } else {
                PUT(RESULT_AT(AXIS - W), dx + AXIS - W);
            }
        }
    }
    return lanes_sum((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void softmax_backward(Q_GLOBAL const X_T* Q_RESTRICT y, Q_GLOBAL const X_T* Q_RESTRICT dy, Q_GLOBAL X_T* Q_RESTRICT dx) {
    const int first = (int)Q_GROUP_ID(0) * PER_ITEM;
    const int rows = min(PER_ITEM, OUTER - first);
    Known known = {0.0f, (VECTOR)(0.0f)};
    for (int t = -1; t < rows; t++) {
        const size_t at = ((size_t)first + t) * AXIS;
        if (t >= 1 && t + 1 < rows) {
            known.sum = step(1, 1, 1, y + at, dy + at, dx + at, &known);
        } else {
            known.sum = step(t + 1 < rows, t >= 0, t >= 1, y + at, dy + at, dx + at, &known);
        }
    }
}
