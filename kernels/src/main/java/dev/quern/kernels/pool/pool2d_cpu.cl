// Purpose: what the rungs of pooling for CPUs share; it stands before them.
//
// Parameters: those of the rung; PASS_CACHES (0, 1), whether outputs go past the caches, only with F32; WITH_EPILOGUE (0, 1).
// Requirements: clang's vector shuffles and, with PASS_CACHES, its non-temporal stores.

// Sixteen values anywhere in memory. PoCL 3.1 splits vstore16 into four stores; a store through these types stays one.
typedef float q_float16_anywhere __attribute__((ext_vector_type(16), aligned(4)));
typedef int q_int16_anywhere __attribute__((ext_vector_type(16), aligned(4)));
#define STORE16(p, value) (*(q_float16_anywhere*)(p) = (value))
#define STORE16_INT(p, value) (*(q_int16_anywhere*)(p) = (value))
#define STORE16_GLOBAL(p, value) (*(Q_GLOBAL q_float16_anywhere*)(p) = (value))
#define STORE16_GLOBAL_INT(p, value) (*(Q_GLOBAL q_int16_anywhere*)(p) = (value))
// The same of loads: vload16 begins as eight loads of two values, and LLVM 15 may leave what follows in as many pieces.
#define LOAD16(p) (*(const q_float16_anywhere*)(p))
#define LOAD16_INT(p) (*(const q_int16_anywhere*)(p))
#define LOAD16_GLOBAL(p) (*(Q_GLOBAL const q_float16_anywhere*)(p))
#define LOAD16_GLOBAL_INT(p) (*(Q_GLOBAL const q_int16_anywhere*)(p))
// Of X_T: it is F32 where results go past the caches.
#if PASS_CACHES
#define TAKE16(from, i) LOAD16_GLOBAL((from) + (i))
#else
#define TAKE16(from, i) X_LOAD16(from, i)
#endif
#define ROLLED _Pragma("unroll 1")
#define UNROLLED _Pragma("unroll")
#define LANES ((int16)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15))
#define WEAVE_LO(u, v) __builtin_shufflevector(u, v, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define WEAVE_HI(u, v) __builtin_shufflevector(u, v, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#define EVENS(u, v) __builtin_shufflevector(u, v, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)
#define ODDS(u, v) __builtin_shufflevector(u, v, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31)

// Lanes that are `away` behind those of `here`; their neighbours are in the vectors before and behind. A constant becomes one permutation.
static inline __attribute__((always_inline)) float16 moved(const float16 before, const float16 here, const float16 behind, const int away) {
#define MOVED_BY(n) \
        case -(n): return __builtin_shufflevector(here, behind, n, n + 1, n + 2, n + 3, n + 4, n + 5, n + 6, n + 7, n + 8, n + 9, n + 10, \
                n + 11, n + 12, n + 13, n + 14, n + 15); \
        case n: return __builtin_shufflevector(before, here, 16 - n, 17 - n, 18 - n, 19 - n, 20 - n, 21 - n, 22 - n, 23 - n, 24 - n, 25 - n, \
                26 - n, 27 - n, 28 - n, 29 - n, 30 - n, 31 - n);
    switch (away) {
        MOVED_BY(1) MOVED_BY(2) MOVED_BY(3) MOVED_BY(4) MOVED_BY(5) MOVED_BY(6) MOVED_BY(7) MOVED_BY(8) MOVED_BY(9) MOVED_BY(10) MOVED_BY(11)
        MOVED_BY(12) MOVED_BY(13) MOVED_BY(14) MOVED_BY(15)
        default: return here;
    }
#undef MOVED_BY
}

// Sixteen elements of a tensor, of which some may be before its first or behind its last. PoCL keeps kernels without a function that
// takes or returns sixteen lanes to vectors of eight.
static float16 load_within(Q_GLOBAL const float* from, size_t at, size_t total) {
    float values[16];
    for (int lane = 0; lane < 16; lane++) {
        values[lane] = at + lane < total ? from[at + lane] : 0.0f;
    }
    return LOAD16(values);
}

#if defined(MAX_BACKWARD)
// The same of places, with one that no pixel has elsewhere.
static int16 load_places_within(Q_GLOBAL const int* from, size_t at, size_t total) {
    int values[16];
    for (int lane = 0; lane < 16; lane++) {
        values[lane] = at + lane < total ? from[at + lane] : INT_MIN;
    }
    return LOAD16_INT(values);
}
#endif

// Loads sixteen elements from position i of `total`, without reading past the end.
static inline float16 q_load(Q_GLOBAL const X_T* from, size_t i, size_t total) {
    if (i + 16 <= total) {
        return X_LOAD16(from, i);
    }
    float rest[16] = {0.0f};
    for (size_t j = i; j < total; j++) {
        rest[j - i] = X_LOAD(from, j);
    }
    return vload16(0, rest);
}

#if defined(MAX_BACKWARD)
static inline int16 q_load_int(Q_GLOBAL const int* from, size_t i, size_t total) {
    if (i + 16 <= total) {
        return vload16(0, from + i);
    }
    int rest[16] = {0};
    for (size_t j = i; j < total; j++) {
        rest[j - i] = from[j];
    }
    return vload16(0, rest);
}
#endif

// Stores `count` values from element `first` of the output on, through the epilogue.
static inline void q_finish(const float* values, Q_GLOBAL X_T* output, size_t first, int count Q_EPILOGUE_PARAMETERS) {
    int i = 0;
#if PASS_CACHES
    // Whole cache lines only, so that no line is read before it is written.
    const int ahead = min(count, (int)((64 - (size_t)(output + first) % 64) % 64 / 4));
    for (; i < ahead; i++) {
        X_STORE(output, first + i, q_epilogue(values[i], first + i Q_EPILOGUE_ARGUMENTS));
    }
    ROLLED for (; i + 16 <= count; i += 16) {
        __builtin_nontemporal_store(q_epilogue16(LOAD16(values + i), first + i Q_EPILOGUE_ARGUMENTS),
                (Q_GLOBAL float16*)(output + first + i));
    }
#else
    ROLLED for (; i + 16 <= count; i += 16) {
        X_STORE16(output, first + i, q_epilogue16(LOAD16(values + i), first + i Q_EPILOGUE_ARGUMENTS));
    }
#endif
    for (; i < count; i++) {
        X_STORE(output, first + i, q_epilogue(values[i], first + i Q_EPILOGUE_ARGUMENTS));
    }
}

// The same of `count` planes of `plane` values. With an epilogue plane by plane: its operands may be another's behind the end of one.
static inline void q_finish_planes(const float* values, Q_GLOBAL X_T* output, size_t first, int count,
        const int plane Q_EPILOGUE_PARAMETERS) {
#if WITH_EPILOGUE
    ROLLED for (int k = 0; k < count; k++) {
        q_finish(values + k * plane, output, first + (size_t)k * plane, plane Q_EPILOGUE_ARGUMENTS);
    }
#else
    q_finish(values, output, first, count * plane Q_EPILOGUE_ARGUMENTS);
#endif
}

#if INDICES
// Stores `count` places from element `first` of the indices on.
static inline void q_finish_places(const int* places, Q_GLOBAL int* indices, size_t first, int count) {
    int i = 0;
#if PASS_CACHES
    const int ahead = min(count, (int)((64 - (size_t)(indices + first) % 64) % 64 / 4));
    for (; i < ahead; i++) {
        indices[first + i] = places[i];
    }
    ROLLED for (; i + 16 <= count; i += 16) {
        __builtin_nontemporal_store(LOAD16_INT(places + i), (Q_GLOBAL int16*)(indices + first + i));
    }
#else
    ROLLED for (; i + 16 <= count; i += 16) {
        *(Q_GLOBAL q_int16_anywhere*)(indices + first + i) = LOAD16_INT(places + i);
    }
#endif
    for (; i < count; i++) {
        indices[first + i] = places[i];
    }
}
#endif

#if INDICES
#define PLACES(...) , __VA_ARGS__
#else
#define PLACES(...)
#endif

// Gives result i of those that wait, or sixteen from i on, to element first + i of the output.
static inline void give_one(const float* waiting, Q_GLOBAL float* output PLACES(const int* places, Q_GLOBAL int* indices), size_t first,
        int i Q_EPILOGUE_PARAMETERS) {
    output[first + i] = q_epilogue(waiting[i], first + i Q_EPILOGUE_ARGUMENTS);
#if INDICES
    indices[first + i] = places[i];
#endif
}

static inline void give_line(const float* waiting, Q_GLOBAL float* output PLACES(const int* places, Q_GLOBAL int* indices), size_t first,
        int i Q_EPILOGUE_PARAMETERS) {
    const float16 value = q_epilogue16(*(const float16*)(waiting + i), first + i Q_EPILOGUE_ARGUMENTS);
#if PASS_CACHES
    __builtin_nontemporal_store(value, (Q_GLOBAL float16*)(output + first + i));
#if INDICES
    __builtin_nontemporal_store(*(const int16*)(places + i), (Q_GLOBAL int16*)(indices + first + i));
#endif
#else
    STORE16_GLOBAL(output + first + i, value);
#if INDICES
    STORE16_GLOBAL_INT(indices + first + i, *(const int16*)(places + i));
#endif
#endif
}

// Gives the lines from `from` to `ready`. Only an epilogue, which takes planes one by one, makes a first line that is not whole.
static inline void give_lines(const float* waiting, Q_GLOBAL float* output PLACES(const int* places, Q_GLOBAL int* indices), size_t first,
        int from, int ready Q_EPILOGUE_PARAMETERS) {
#if WITH_EPILOGUE && PASS_CACHES
    ROLLED for (; from % 16 != 0 && from < ready; from++) {
        give_one(waiting, output PLACES(places, indices), first, from Q_EPILOGUE_ARGUMENTS);
    }
#endif
    ROLLED for (; from < ready; from += 16) {
        give_line(waiting, output PLACES(places, indices), first, from Q_EPILOGUE_ARGUMENTS);
    }
}

// Gives all that waits, at the end of a run.
static inline void give_rest(const float* waiting, Q_GLOBAL float* output PLACES(const int* places, Q_GLOBAL int* indices), size_t first,
        int from, int written Q_EPILOGUE_PARAMETERS) {
    ROLLED for (; from % 16 != 0 && from < written; from++) {
        give_one(waiting, output PLACES(places, indices), first, from Q_EPILOGUE_ARGUMENTS);
    }
    ROLLED for (; from + 16 <= written; from += 16) {
        give_line(waiting, output PLACES(places, indices), first, from Q_EPILOGUE_ARGUMENTS);
    }
    ROLLED for (; from < written; from++) {
        give_one(waiting, output PLACES(places, indices), first, from Q_EPILOGUE_ARGUMENTS);
    }
}

#if defined(AVG_FORWARD) || defined(AVG_BACKWARD)
// How many rows, or columns, a window that begins at `first` is divided by.
static inline int q_extent(int first, int window, int length, int padded) {
#if COUNT_INCLUDE_PAD
    return min(first + window, padded) - first;
#else
    return min(first + window, length) - max(first, 0);
#endif
}

static inline void q_column_shares(float* shares) {
    ROLLED for (int q = 0; q < (Q + 15) / 16 * 16; q++) {
        shares[q] = q < Q ? 1.0f / (float)q_extent(q * STRIDE_W - PAD_LEFT, WINDOW_W, W, PADDED_W) : 0.0f;
    }
}

static inline float q_row_share(int p) {
    return 1.0f / (float)q_extent(p * STRIDE_H - PAD_TOP, WINDOW_H, H, PADDED_H);
}
#endif
