// Purpose: softmax, or its logarithm, of [OUTER, AXIS, INNER] along an axis that is not the last, on CPUs; one work-item a run of
//   strips, each of up to STRIP vectors of neighbouring rows.
//
//   strip s:  kept[s % 2][AXIS][STRIP * W], the strip's elements without gaps, each vector within a line
//   turn s:   strip s is read into its place, and each lane's largest element found, while strip s - 1 is scaled and written;
//             then strip s becomes exponentials where it lies
//
// Parameters, all of them definitions: OUTER, AXIS, INNER, a multiple of W; LOG 0 or 1; W lanes; PER_ITEM strips; STRIP; STREAM whether
//   results go past the caches.
// Requirements: groups of one work-item; vectors.cl and online.cl in front; local memory for two strips.
// Adds over vector_cpu: each element comes from memory once, however far the rows' elements lie apart: lines at like distances share
//   few places of a cache and push each other out of it, which what is kept without gaps does not. Reading and writing at the same time.
// Determinism: each sum runs in a fixed order, in one work-item.

#define STRIPS ((INNER + STRIP * W - 1) / (STRIP * W))
#define NEAR(p) (*(Q_LOCAL Q_JOIN(Q_JOIN(q_float, W), _unaligned)*)(p))

// What is known of a strip's lanes.
typedef struct {
    VECTOR most[STRIP];
    VECTOR end[STRIP];   // 1 / sum, or for the logarithm the largest element plus that of the sum
} Lanes;

// Row i of a strip's elements: reads that of the next strip and writes that of the one before.
static inline __attribute__((always_inline)) void move_line(int read, int write, Q_GLOBAL const X_T* x, Q_GLOBAL X_T* y, int vectors,
                                                            int written, Q_LOCAL float* kept, Q_LOCAL const float* done,
                                                            VECTOR* most, const VECTOR* end) {
    for (int v = 0; v < max(read ? vectors : 0, write ? written : 0); v++) {
        // Both loads before both stores: the strips may lie whole pages apart, and a load waits for a store at its place of another page.
        VECTOR finished = (VECTOR)(0.0f);
        if (write && v < written) {
            finished = NEAR(done + v * W);
            finished = LOG ? finished - end[v] : finished * end[v];
        }
        if (read && v < vectors) {
            FETCH(x + 2 * INNER + v * W);
            const VECTOR e = GET(x + v * W);
            most[v] = larger(most[v], e);
            NEAR(kept + v * W) = e;
        }
        if (write && v < written) {
            PUT_ALIGNED(finished, y + v * W);
        }
    }
}

// Makes exponentials of a strip's elements, or only their sums for the logarithm.
static inline void raise(Q_LOCAL float* kept, int vectors, Lanes* lanes) {
    VECTOR sums[STRIP];
    for (int v = 0; v < vectors; v++) {
        sums[v] = (VECTOR)(0.0f);
    }
    for (int i = 0; i < AXIS; i++) {
        Q_LOCAL float* line = kept + i * STRIP * W;
        int v = 0;
        for (; v + CHAINS <= vectors; v += CHAINS) {
            VECTOR power[CHAINS];
            EACH { power[c] = NEAR(line + (v + c) * W) - lanes->most[v + c]; }
            falling_exponentials(power);
            EACH { sums[v + c] += power[c]; }
#if !LOG
            EACH { NEAR(line + (v + c) * W) = power[c]; }
#endif
        }
        for (; v < vectors; v++) {
            const VECTOR power = falling_exponential(NEAR(line + v * W) - lanes->most[v]);
            sums[v] += power;
#if !LOG
            NEAR(line + v * W) = power;
#endif
        }
    }
    for (int v = 0; v < vectors; v++) {
        lanes->end[v] = LOG ? lanes->most[v] + log(sums[v]) : 1.0f / sums[v];
    }
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void softmax(Q_GLOBAL const X_T* Q_RESTRICT x, Q_GLOBAL X_T* Q_RESTRICT y) {
    // Vectors in lines of their own.
    Q_LOCAL float room[2 * AXIS * STRIP * W + W];
    Q_LOCAL float* kept = room + (W - (uint)(ulong)room / 4 % W) % W;
    Lanes lanes[2];
    const int first = (int)Q_GROUP_ID(0) * PER_ITEM;
    const int end = min(first + PER_ITEM, OUTER * STRIPS);
    Q_GLOBAL X_T* before = y;
    int written = 0;
    for (int s = first; s <= end; s++) {
        const int column = s % STRIPS * STRIP * W;
        const size_t at = (size_t)(s / STRIPS) * AXIS * INNER + column;
        const int vectors = min(STRIP * W, INNER - column) / W;
        Q_LOCAL float* now = kept + (s & 1) * (AXIS * STRIP * W);
        Q_LOCAL const float* done = kept + (1 - (s & 1)) * (AXIS * STRIP * W);
        Lanes* own = lanes + (s & 1);
        const Lanes* known = lanes + (1 - (s & 1));
        for (int v = 0; v < STRIP; v++) {
            own->most[v] = (VECTOR)(-INFINITY);
        }
        for (int i = 0; i < AXIS; i++) {
            const size_t line = (size_t)i * INNER;
            Q_LOCAL float* to = now + i * STRIP * W;
            Q_LOCAL const float* from = done + i * STRIP * W;
            if (s > first && s < end && vectors == STRIP && written == STRIP) {
                move_line(1, 1, x + at + line, before + line, STRIP, STRIP, to, from, own->most, known->end);
            } else {
                move_line(s < end, s > first, x + at + line, before + line, vectors, written, to, from, own->most, known->end);
            }
        }
        if (s < end) {
            for (int v = 0; v < vectors; v++) {
                // Minus infinity is not subtracted from itself.
                own->most[v] = own->most[v] == -INFINITY ? (VECTOR)(0.0f) : own->most[v];
            }
            raise(now, vectors, own);
        }
        before = y + at;
        written = vectors;
    }
}
