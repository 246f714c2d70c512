// Purpose: where along the axis of [OUTER, AXIS, INNER] the extreme lies, on CPUs; one work-item a run of units, or one of PARTS
// shares of their axis.
//
//   INNER = 1: unit = output, vectors along the axis        INNER > 1: unit = W outputs that are neighbours, each in a lane
//   group (units from x * PER_ITEM on, part y): elements y * PER_PART … of the axis; with PARTS > 1 extremes go to
//   partial[part][output] and their places behind all of those, and the kernel join goes over the parts
//
// Parameters, all of them definitions: OUTER, AXIS, INNER; UNITS, PER_ITEM; PARTS, PER_PART, a multiple of W; W lanes; PAST(a, b),
//   whether a is the greater extreme, of vectors too; X_T, X_LOAD and its vectors.
// Requirements: groups of one work-item.
// Adds over group_tree: W elements an instruction in two independent chains; few outputs are shared by the cores.
// Determinism: NaN is the greatest extreme and the first of equals wins, so the order of comparing does not matter.

#define Q_JOIN_(x, y) x##y
#define Q_JOIN(x, y) Q_JOIN_(x, y)
#define VECTOR Q_JOIN(float, W)
#define PLACES Q_JOIN(int, W)
#define GET(i) Q_JOIN(X_LOAD, W)(x, i)
#define OUTPUTS ((size_t)OUTER * INNER)

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
        const PLACES taken = PAST(next, best) | (isnan(next) & ~isnan(best));    \
        best = select(best, next, taken);                                        \
        place = select(place, (PLACES)(at), taken);                              \
    } while (0)

#if INNER == 1

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
        PLACES in_a = first;
        PLACES in_b = first + W;
        for (i = first + 2 * W; i + 2 * W <= end; i += 2 * W) {
            const VECTOR c = GET(row + i);
            const VECTOR d = GET(row + i + W);
            LATER(c, a, i, in_a);
            LATER(d, b, i + W, in_b);
        }
        float values[2 * W];
        int places[2 * W];
        Q_JOIN(vstore, W)(a, 0, values);
        Q_JOIN(vstore, W)(b, 1, values);
        Q_JOIN(vstore, W)(in_a, 0, places);
        Q_JOIN(vstore, W)(in_b, 1, places);
        for (int lane = 0; lane < 2 * W; lane++) {
            const int there = places[lane] + lane % W;
            if (wins(values[lane], there, best, place)) {
                best = values[lane];
                place = there;
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

static inline void unit(Q_GLOBAL const X_T* x, Q_GLOBAL int* y, Q_GLOBAL float* partial, int u, int part) {
    const int column = u % BLOCKS * W;
    const size_t slice = (size_t)(u / BLOCKS) * AXIS * INNER;
    const size_t o = (size_t)(u / BLOCKS) * INNER + column;
    const int first = part * PER_PART;
    const int end = min(first + PER_PART, AXIS);
    if (column + W <= INNER) {
        VECTOR best = GET(slice + (size_t)first * INNER + column);
        PLACES place = first;
        for (int i = first + 1; i < end; i++) {
            const VECTOR next = GET(slice + (size_t)i * INNER + column);
            LATER(next, best, i, place);
        }
        float values[W];
        int places[W];
        Q_JOIN(vstore, W)(best, 0, values);
        Q_JOIN(vstore, W)(place, 0, places);
        for (int lane = 0; lane < W; lane++) {
            put(y, partial, part, o + lane, values[lane], places[lane]);
        }
        return;
    }
    for (int lane = 0; column + lane < INNER; lane++) {
        float best = X_LOAD(x, slice + (size_t)first * INNER + column + lane);
        int place = first;
        for (int i = first + 1; i < end; i++) {
            const float next = X_LOAD(x, slice + (size_t)i * INNER + column + lane);
            if (wins(next, i, best, place)) {
                best = next;
                place = i;
            }
        }
        put(y, partial, part, o + lane, best, place);
    }
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
