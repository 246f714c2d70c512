// Purpose: where along the axis of [OUTER, AXIS, INNER] the extreme lies, on CPUs; one work-item a run of units, or one of PARTS
// shares of their axis.
//
//   INNER = 1: unit = output, vectors along the axis        INNER > 1: unit = up to CHUNK W outputs that are neighbours, each in a
//   lane, whose extremes and places so far stay in the first-level cache while whole rows go by
//   group (units from x * PER_ITEM on, part y): elements y * PER_PART … of the axis; with PARTS > 1 extremes go to
//   partial[part][output] and their places behind all of those, and the kernel join goes over the parts
//
// Parameters, all of them definitions: OUTER, AXIS, INNER; UNITS, PER_ITEM; PARTS, PER_PART, a multiple of W; W lanes; CHUNK;
//   PAST(a, b), whether a is the greater extreme, and SHORT_OF(a, b), whether it is no greater one, of vectors too; X_T, X_LOAD and its vectors.
// Requirements: groups of one work-item.
// Adds over group_tree: W elements an instruction in two independent chains; few outputs are shared by the cores.
// Determinism: NaN is the greatest extreme and the first of equals wins, so the order of comparing does not matter.

#define GET(i) Q_JOIN(X_LOAD, W)(x, i)
#define OUTPUTS ((size_t)OUTER * INNER)

// Elements ahead: what a core reads while a line is on its way.
#define AHEAD 1024

static inline int wins(float a, int i, float b, int j) {
    return isnan(a) ? !isnan(b) || i < j : !isnan(b) && (PAST(a, b) || (a == b && i < j));
}

static inline void put(Q_GLOBAL int* y, Q_GLOBAL float* partial, int part, size_t o, float best, int place) {
#if PARTS > 1
    partial[(size_t)part * OUTPUTS + o] = best;
    ((Q_GLOBAL int*)partial)[((size_t)PARTS + part) * OUTPUTS + o] = place;
#else
    y[o] = place;
#endif
}

// Along the axis later elements win if they are past what is there, or the first NaN.
#define LATER(next, best, at, place)                                             \
    do {                                                                         \
        const INTS taken = ~SHORT_OF(next, best) & (best == best);               \
        best = select(best, next, taken);                                        \
        place = select(place, (INTS)(at), taken);                                \
    } while (0)

#if INNER == 1

// Lane by lane, the one of two extremes that wins.
#define JOIN_LANES(TYPE, a, in_a, b, in_b)                                                                     \
    {                                                                                                          \
        const TYPE earlier = in_b < in_a;                                                                      \
        const TYPE taken = ((b != b) & ((a == a) | earlier)) | ((a == a) & (PAST(b, a) | ((a == b) & earlier)));   \
        a = select(a, b, taken);                                                                               \
        in_a = select(in_a, in_b, taken);                                                                      \
    }

static inline void unit(Q_GLOBAL const X_T* x, Q_GLOBAL int* y, Q_GLOBAL float* partial, int o, int part) {
    const size_t row = (size_t)o * AXIS;
    const int first = part * PER_PART;
    const int end = min(first + PER_PART, AXIS);
    float best = X_LOAD(x, row + first);
    int place = first;
    int i = first;
    if (first + 2 * W <= end) {
        VECTOR a = GET(row + first);
        VECTOR b = GET(row + first + W);
        INTS in_a = first;
        INTS in_b = first + W;
        for (i = first + 2 * W; i + 2 * W <= end; i += 2 * W) {
            FETCH(x + row + i + AHEAD);
            FETCH(x + row + i + W + AHEAD);
            const VECTOR c = GET(row + i);
            const VECTOR d = GET(row + i + W);
            LATER(c, a, i, in_a);
            LATER(d, b, i + W, in_b);
        }
        in_a += LANES;
        in_b += LANES;
        JOIN_LANES(INTS, a, in_a, b, in_b)
#if W == 16
        float8 a8 = a.lo, b8 = a.hi;
        int8 in_a8 = in_a.lo, in_b8 = in_a.hi;
        JOIN_LANES(int8, a8, in_a8, b8, in_b8)
        float4 a4 = a8.lo, b4 = a8.hi;
        int4 in_a4 = in_a8.lo, in_b4 = in_a8.hi;
        JOIN_LANES(int4, a4, in_a4, b4, in_b4)
#elif W == 8
        float4 a4 = a.lo, b4 = a.hi;
        int4 in_a4 = in_a.lo, in_b4 = in_a.hi;
        JOIN_LANES(int4, a4, in_a4, b4, in_b4)
#else
        const float4 a4 = a;
        const int4 in_a4 = in_a;
#endif
        const float values[4] = {a4.x, a4.y, a4.z, a4.w};
        const int places[4] = {in_a4.x, in_a4.y, in_a4.z, in_a4.w};
        for (int lane = 0; lane < 4; lane++) {
            if (wins(values[lane], places[lane], best, place)) {
                best = values[lane];
                place = places[lane];
            }
        }
    }
    for (; i < end; i++) {
        const float next = X_LOAD(x, row + i);
        if (wins(next, i, best, place)) {
            best = next;
            place = i;
        }
    }
    put(y, partial, part, o, best, place);
}

#else

#define BLOCKS ((INNER + W - 1) / W)
#define CHUNKS ((BLOCKS + CHUNK - 1) / CHUNK)
#define ROWS_AT_ONCE 4
// Of block k of a chunk; the last block of a row begins early enough to be whole, and finds again what its neighbour finds.
#define COLUMN(k) min((block0 + (k)) * W, INNER - W)

static inline void unit(Q_GLOBAL const X_T* x, Q_GLOBAL int* y, Q_GLOBAL float* partial, int u, int part) {
    const size_t slice = (size_t)(u / CHUNKS) * AXIS * INNER;
    const size_t o = (size_t)(u / CHUNKS) * INNER;
    const int first = part * PER_PART;
    const int end = min(first + PER_PART, AXIS);
#if INNER >= W
    const int block0 = u % CHUNKS * CHUNK;
    const int blocks = min(CHUNK, BLOCKS - block0);
    VECTOR bests[CHUNK];
    INTS places[CHUNK];
    for (int k = 0; k < blocks; k++) {
        bests[k] = GET(slice + (size_t)first * INNER + COLUMN(k));
        places[k] = (INTS)(first);
    }
    int i = first + 1;
    // Rows together: each is a stream of its own, and what was best is loaded and stored once. The rows behind them are asked for
    // meanwhile, since each begins what the prefetcher takes for a new stream.
    for (; i + ROWS_AT_ONCE <= end; i += ROWS_AT_ONCE) {
        const size_t row = slice + (size_t)i * INNER;
        const size_t ahead = slice + (size_t)min(i + ROWS_AT_ONCE, AXIS - ROWS_AT_ONCE) * INNER;
        for (int k = 0; k < blocks; k++) {
#pragma unroll
            for (int r = 0; r < ROWS_AT_ONCE; r++) {
                FETCH(x + ahead + r * INNER + COLUMN(k));
            }
            VECTOR best = bests[k];
            INTS place = places[k];
#pragma unroll
            for (int r = 0; r < ROWS_AT_ONCE; r++) {
                const VECTOR next = GET(row + r * INNER + COLUMN(k));
                LATER(next, best, i + r, place);
            }
            bests[k] = best;
            places[k] = place;
        }
    }
    for (; i < end; i++) {
        for (int k = 0; k < blocks; k++) {
            VECTOR best = bests[k];
            INTS place = places[k];
            const VECTOR next = GET(slice + (size_t)i * INNER + COLUMN(k));
            LATER(next, best, i, place);
            bests[k] = best;
            places[k] = place;
        }
    }
    for (int k = 0; k < blocks; k++) {
        const int again = (block0 + k) * W - COLUMN(k);
        if (again > 0) {
            float values[W];
            int at[W];
            Q_JOIN(vstore, W)(bests[k], 0, values);
            Q_JOIN(vstore, W)(places[k], 0, at);
            for (int lane = again; lane < W; lane++) {
                put(y, partial, part, o + COLUMN(k) + lane, values[lane], at[lane]);
            }
            continue;
        }
#if PARTS > 1
        const size_t at = (size_t)part * OUTPUTS + o + COLUMN(k);
        Q_JOIN(vstore, W)(bests[k], 0, partial + at);
        Q_JOIN(vstore, W)(places[k], 0, (Q_GLOBAL int*)partial + (size_t)PARTS * OUTPUTS + at);
#else
        Q_JOIN(vstore, W)(places[k], 0, y + o + COLUMN(k));
#endif
    }
#else
    for (int lane = 0; lane < INNER; lane++) {
        float best = X_LOAD(x, slice + (size_t)first * INNER + lane);
        int place = first;
        for (int i = first + 1; i < end; i++) {
            const float next = X_LOAD(x, slice + (size_t)i * INNER + lane);
            if (wins(next, i, best, place)) {
                best = next;
                place = i;
            }
        }
        put(y, partial, part, o + lane, best, place);
    }
#endif
}

#endif

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void arg_reduce(Q_GLOBAL const X_T* Q_RESTRICT x,
#if PARTS > 1
                Q_GLOBAL float* Q_RESTRICT partial
#else
                Q_GLOBAL int* Q_RESTRICT y
#endif
) {
    const int first = (int)Q_GROUP_ID(0) * PER_ITEM;
    for (int u = first; u < min(first + PER_ITEM, UNITS); u++) {
#if PARTS > 1
        unit(x, 0, partial, u, (int)Q_GROUP_ID(1));
#else
        unit(x, y, 0, u, 0);
#endif
    }
}

#if PARTS > 1
Q_KERNEL Q_REQD_GROUP(1, 1, 1) void join(Q_GLOBAL const float* Q_RESTRICT partial, Q_GLOBAL int* Q_RESTRICT y) {
    Q_GLOBAL const int* places = (Q_GLOBAL const int*)partial + (size_t)PARTS * OUTPUTS;
    for (size_t o = 0; o < OUTPUTS; o++) {
        float best = partial[o];
        int place = places[o];
        for (int part = 1; part < PARTS; part++) {
            const float next = partial[part * OUTPUTS + o];
            const int there = places[part * OUTPUTS + o];
            if (wins(next, there, best, place)) {
                best = next;
                place = there;
            }
        }
        y[o] = place;
    }
}
#endif
