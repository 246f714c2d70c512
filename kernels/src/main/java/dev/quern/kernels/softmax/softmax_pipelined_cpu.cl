// Purpose: softmax, or its logarithm, of [OUTER, AXIS] along the axis, on CPUs, so that memory is read and written all the time; one
//   work-item a run of rows.
//
//   time t:   row t + 1 is asked for | row t becomes exponentials, kept in local memory | row t - 1 is scaled and written
//
// Parameters, all of them definitions: OUTER, AXIS; LOG 0 or 1; W lanes; PER_ITEM rows; TURN, by how many runs of vectors writing is
//   ahead of computing within their rows, so that they are at different places of a page; STREAM whether results go past the caches.
// Requirements: groups of one work-item; vectors.cl and online.cl in front; AXIS at least W; local memory for two rows.
// Adds over vector_cpu: exponentials once and not twice, several vectors side by side; a processor that reads, computes and writes by
//   turns leaves memory idle, and one that does all three in one loop does not. A load waits for stores before it that lie at the same
//   place of another page (by its last 12 bits the processor takes them for the same place): hence TURN, and rows in local memory
//   lie at the place of those in y. A line that two rows share is written once, whole.
// Determinism: each sum runs in a fixed order, in one work-item; operands begin at multiples of a vector.

#if LOG
#define END(sum) log(sum)
#else
#define END(sum) (1.0f / (sum))
#endif

// Elements of local memory that a row may begin at, so that it lies at the same place of a page as the row it is written to.
#define PAGE 1024
#define ROOM (PAGE + (AXIS + W - 1) / W * W + 2 * W)
#define STORE_KEPT(v, p) (*(Q_LOCAL Q_JOIN(Q_JOIN(q_float, W), _unaligned)*)(p) = (v))

// The largest element of a row whose vectors begin at element first.
static inline float most_of(Q_GLOBAL const X_T* x, int first) {
    // Vectors may overlap: no maximum changes for it.
    VECTOR most[4] = {GET(x), GET(x + AXIS - W), (VECTOR)(-INFINITY), (VECTOR)(-INFINITY)};
    most[0] = larger((VECTOR)(-INFINITY), most[0]);
    most[1] = larger((VECTOR)(-INFINITY), most[1]);
    int i = first;
    for (; i + 4 * W <= AXIS; i += 4 * W) {
        for (int v = 0; v < 4; v++) {
            most[v] = larger(most[v], GET(x + i + v * W));
        }
    }
    for (; i + W <= AXIS; i += W) {
        most[2] = larger(most[2], GET(x + i));
    }
    const float found = lanes_max(larger(larger(most[0], most[1]), larger(most[2], most[3])));
    // Minus infinity is not subtracted from itself.
    return found == -INFINITY ? 0.0f : found;
}

// What is known of the row that is written.
typedef struct {
    float most;
    float end;
    VECTOR carried;   // the last elements of the row before it, which share a line with its first
} Known;

// The vector at element i of the row that is written, x.
static inline VECTOR finished(Q_GLOBAL const X_T* x, Q_LOCAL const float* kept, int i, Known known) {
#if LOG
    return GET(x + i) - known.most - known.end;
#else
    return LOAD(kept + i) * known.end;
#endif
}

#define RUN (CHAINS * W)

// Makes exponentials of the row x, writes the row before it, and asks for the one behind it.
static inline __attribute__((always_inline)) Known step(int raise, int write, int joins, Q_GLOBAL const X_T* x, Q_GLOBAL X_T* y,
                                                        Q_LOCAL float* kept, Q_LOCAL const float* done, Known known) {
    Q_GLOBAL const X_T* before = x - AXIS;
    const int first = lead(y);
    const int mine = lead(y + AXIS);
    const int runs = (AXIS - first) / RUN;
    const int own = (AXIS - mine) / RUN;
    Known next = {raise ? most_of(x, mine) : 0.0f, 0.0f, (VECTOR)(0.0f)};
    VECTOR sum = (VECTOR)(0.0f);
    if (raise && mine > 0) {
        // Elements that no whole vector has; the rest of it comes again.
        const VECTOR power = falling_exponential(GET(x) - next.most);
        STORE_KEPT(power, kept);
        sum = LANES < (INTS)(mine) ? power : (VECTOR)(0.0f);
    }
    for (int k = 0; k < max(runs, own); k++) {
        if (write && k < runs) {
            const int run = k + TURN < runs ? k + TURN : k + TURN - runs;
            EACH { PUT_ALIGNED(finished(before, done, first + run * RUN + c * W, known), y + first + run * RUN + c * W); }
        }
        if (raise && k < own) {
            const int i = mine + k * RUN;
            VECTOR power[CHAINS];
            EACH { FETCH(x + AXIS + i + c * W); }
            EACH { power[c] = GET(x + i + c * W) - next.most; }
            falling_exponentials(power);
            EACH { STORE_KEPT(power[c], kept + i + c * W); }
            sum += (power[0] + power[1]) + (power[2] + power[3]);
        }
    }
    if (raise) {
        int i = mine + own * RUN;
        for (; i + W <= AXIS; i += W) {
            const VECTOR power = falling_exponential(GET(x + i) - next.most);
            FETCH(x + AXIS + i);
            sum += power;
            STORE_KEPT(power, kept + i);
        }
        if (i < AXIS) {
            const VECTOR power = falling_exponential(GET(x + AXIS - W) - next.most);
            STORE_KEPT(power, kept + AXIS - W);
            sum += LANES >= (INTS)(W - (AXIS - i)) ? power : (VECTOR)(0.0f);
        }
        next.end = END(lanes_sum(sum));
    }
    if (write) {
        if (first > 0) {
            if (STREAM && joins) {
                const VECTOR line = finished(before, done, first - W, known);
                PUT_ALIGNED(LANES < (INTS)(W - first) ? known.carried : line, y + first - W);
            } else {
                PUT(finished(before, done, 0, known), y);
            }
        }
        int i = first + runs * RUN;
        for (; i + W <= AXIS; i += W) {
            PUT_ALIGNED(finished(before, done, i, known), y + i);
        }
        if (i < AXIS) {
            if (STREAM && raise) {
                next.carried = finished(before, done, i, known);
            } else {
                PUT(finished(before, done, AXIS - W, known), y + AXIS - W);
            }
        }
    }
    return next;
}

// Where a row begins in its local memory.
static inline Q_LOCAL float* beside(Q_LOCAL float* kept, Q_GLOBAL const X_T* y) {
    return kept + W + ((uint)(ulong)y - (uint)(ulong)(kept + W)) / 4 % PAGE;
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void softmax(Q_GLOBAL const X_T* Q_RESTRICT x, Q_GLOBAL X_T* Q_RESTRICT y) {
    Q_LOCAL float kept[2 * ROOM];
    const int first = (int)Q_GROUP_ID(0) * PER_ITEM;
    const int rows = min(PER_ITEM, OUTER - first);
    Known known = {0.0f, 0.0f, (VECTOR)(0.0f)};
    for (int t = 0; t <= rows; t++) {
        Q_GLOBAL const X_T* from = x + ((size_t)first + t) * AXIS;
        Q_GLOBAL X_T* to = y + ((size_t)first + t) * AXIS - AXIS;
        Q_LOCAL float* now = beside(kept + t % 2 * ROOM, to + AXIS);
        Q_LOCAL const float* done = beside(kept + (t + 1) % 2 * ROOM, to);
        if (t >= 1 && t < rows) {
            known = step(1, 1, t >= 2, from, to, now, done, known);
        } else {
            known = step(t < rows, t >= 1, t >= 2, from, to, now, done, known);
        }
    }
}
