// Purpose: the gradient of softmax, or of its logarithm, of [OUTER, AXIS, INNER] along an axis that is not the last, on CPUs, so that
//   memory is read and written all the time; one work-item a run of strips, each of up to STRIP vectors of neighbouring rows.
//
//   strip s:  lines 0 … AXIS - 1 of up to STRIP vectors; four strands of STEPS lines, and up to three lines that are left
//   a step:   a vector of a line of each strand of strip s is read and added to its rows' sums; the same vectors of strip s - 1 are read
//             again, from a cache, and their gradients are written
//
// Parameters, all of them definitions: OUTER, AXIS; INNER, a multiple of W; LOG 0 or 1; W lanes; PER_ITEM strips; STRIP; STREAM whether
//   results go past the caches.
// Requirements: groups of one work-item; vectors.cl, online.cl and gradient.cl in front.
// Adds over vector_cpu: reading and writing at the same time, at four places; strips of whole slices or pages where the last-level cache
//   holds two of them, since memory is read faster in order than the second-level cache gains by narrow ones.
// Determinism: each sum runs in a fixed order, in one work-item.

#define STRIPS ((INNER + STRIP * W - 1) / (STRIP * W))
#define STEPS (AXIS / CHAINS)
#define STRAND ((size_t)STEPS * INNER)
#define LINE (STRIP * W)

// A step of the vectors v to end: reads a line of each strand of a strip, writes those of the strip at before, whose sums are known.
static inline __attribute__((always_inline)) void move_lines(int read, int write, int v, int end, size_t at, size_t before,
                                                             Q_GLOBAL const X_T* y, Q_GLOBAL const X_T* dy, Q_GLOBAL X_T* dx,
                                                             VECTOR* sums, const VECTOR* known) {
    for (; v < end; v++) {
        Q_GLOBAL const X_T* next = y + at + v * W;
        Q_GLOBAL const X_T* next_dy = dy + at + v * W;
        const size_t own = before + v * W;
        VECTOR done[CHAINS], gradient[CHAINS], sum;
        // All loads before all stores: a load waits for a store at its place of another page.
        if (write) {
            EACH { done[c] = GET(y + own + c * STRAND); }
            EACH { gradient[c] = GET(dy + own + c * STRAND); }
        }
        if (read) {
            EACH { FETCH(next + c * STRAND + INNER); }
            EACH { FETCH(next_dy + c * STRAND + INNER); }
            sum = sums[v];
            EACH { sum = ADDED(sum, GET(next + c * STRAND), GET(next_dy + c * STRAND)); }
            sums[v] = sum;
        }
        if (write) {
            make_results(done, gradient, known[v]);
            EACH { PUT_ALIGNED(done[c], dx + own + c * STRAND); }
        }
    }
}

// Reads so many vectors of the strip at this element, and writes so many of the strip at another.
static inline void turn(int vectors, int written, size_t at, size_t before, Q_GLOBAL const X_T* y, Q_GLOBAL const X_T* dy,
                        Q_GLOBAL X_T* dx, VECTOR* sums, const VECTOR* known) {
    const int both = min(vectors, written);
    for (int v = 0; v < vectors; v++) {
        sums[v] = (VECTOR)(0.0f);
    }
    for (int i = 0; i < STEPS; i++) {
        move_lines(1, 1, 0, both, at, before, y, dy, dx, sums, known);
        move_lines(1, 0, both, vectors, at, before, y, dy, dx, sums, known);
        move_lines(0, 1, both, written, at, before, y, dy, dx, sums, known);
        at += INNER;
        before += INNER;
    }
    for (int i = 0; i < AXIS - CHAINS * STEPS; i++) {
        const size_t line = (CHAINS - 1) * STRAND + (size_t)i * INNER;
        for (int v = 0; v < written; v++) {
            const size_t own = before + line + v * W;
            PUT_ALIGNED(RESULT(GET(y + own), GET(dy + own), known[v]), dx + own);
        }
        for (int v = 0; v < vectors; v++) {
            const size_t own = at + line + v * W;
            sums[v] = ADDED(sums[v], GET(y + own), GET(dy + own));
        }
    }
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void softmax_backward(Q_GLOBAL const X_T* Q_RESTRICT y, Q_GLOBAL const X_T* Q_RESTRICT dy, Q_GLOBAL X_T* Q_RESTRICT dx) {
    VECTOR sums[2][STRIP];
    const int first = (int)Q_GROUP_ID(0) * PER_ITEM;
    const int end = min(first + PER_ITEM, OUTER * STRIPS);
    size_t before = 0;
    int written = 0;
    for (int s = first; s <= end; s++) {
        const int column = s % STRIPS * LINE;
        const size_t at = (size_t)(s / STRIPS) * AXIS * INNER + column;
        const int vectors = s < end ? min(LINE, INNER - column) / W : 0;
        turn(vectors, written, at, before, y, dy, dx, sums[s & 1], sums[1 - (s & 1)]);
        before = at;
        written = vectors;
    }
}
