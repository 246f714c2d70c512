// Purpose: what rows are made of, on CPUs: copies and fills of consecutive elements, and elements gathered into vectors.
//
//   row   fill … fill | copied or gathered elements | fill … fill        one work-item a tile of rows, or a tile of a row
//
// Parameters: WORD, the unsigned type of an element; LANES, elements in a vector of 64 bytes; FILL; STREAMED, whether stores pass
//   the caches by (1 or 0).
// Requirements: groups of one work-item.
// Adds over element_per_item: vectors; a work-item's cost is paid once a tile; where no cache could keep the output, stores
//   that do not read the line first.
// Determinism: moves bits.

#define Q_JOIN_(a, b) a##b
#define Q_JOIN(a, b) Q_JOIN_(a, b)
typedef WORD VECTOR __attribute__((ext_vector_type(LANES)));
typedef WORD UNALIGNED __attribute__((ext_vector_type(LANES), aligned(WORD_BYTES)));

// Runs below this are stored as they lie; to reach a multiple of a vector first would cost more than it saves.
#define SHORT_RUN (16 * LANES)

static inline void store(Q_GLOBAL WORD* y, VECTOR v) {
#if STREAMED
    // Whether a vector lies on its own multiple depends on the row alone: the branch is always predicted.
    if (((ulong)y & 63u) == 0) {
        __builtin_nontemporal_store(v, (Q_GLOBAL VECTOR*)y);
        return;
    }
#endif
    *(Q_GLOBAL UNALIGNED*)y = v;
}

// Elements until y is a multiple of a vector, at most count.
static inline size_t lead(Q_GLOBAL WORD* y, size_t count) {
#if STREAMED
    return min((size_t)((64u - ((ulong)y & 63u)) & 63u) / WORD_BYTES, count);
#else
    return 0;
#endif
}

static inline void fill_run(Q_GLOBAL WORD* y, size_t count, WORD value) {
    size_t i = 0;
    if (count >= 4 * LANES) {
        const size_t first = lead(y, count);
        for (; i < first; i++) {
            y[i] = value;
        }
        for (; i + LANES <= count; i += LANES) {
            store(y + i, (VECTOR)(value));
        }
    }
    for (; i < count; i++) {
        y[i] = value;
    }
}

static inline void copy_run(Q_GLOBAL WORD* y, Q_GLOBAL const WORD* x, size_t count) {
    size_t i = 0;
    if (count >= LANES && count < SHORT_RUN) {
        // The last vector overlaps the one before it: no element by itself, and no line in two ways.
        for (; i + LANES < count; i += LANES) {
            *(Q_GLOBAL UNALIGNED*)(y + i) = *(Q_GLOBAL const UNALIGNED*)(x + i);
        }
        *(Q_GLOBAL UNALIGNED*)(y + count - LANES) = *(Q_GLOBAL const UNALIGNED*)(x + count - LANES);
        return;
    }
    const size_t first = lead(y, count);
    for (; i < first; i++) {
        y[i] = x[i];
    }
    for (; i + 4 * LANES <= count; i += 4 * LANES) {
        const VECTOR a = *(Q_GLOBAL const UNALIGNED*)(x + i);
        const VECTOR b = *(Q_GLOBAL const UNALIGNED*)(x + i + LANES);
        const VECTOR c = *(Q_GLOBAL const UNALIGNED*)(x + i + 2 * LANES);
        const VECTOR d = *(Q_GLOBAL const UNALIGNED*)(x + i + 3 * LANES);
        store(y + i, a);
        store(y + i + LANES, b);
        store(y + i + 2 * LANES, c);
        store(y + i + 3 * LANES, d);
    }
    for (; i + LANES <= count; i += LANES) {
        store(y + i, *(Q_GLOBAL const UNALIGNED*)(x + i));
    }
    for (; i < count; i++) {
        y[i] = x[i];
    }
}

static inline void gather_run(Q_GLOBAL WORD* y, Q_GLOBAL const WORD* x, size_t count, long target,
                              long source) {
    for (size_t i = 0; i < count; i++) {
        y[(long)i * target] = x[(long)i * source];
    }
}
