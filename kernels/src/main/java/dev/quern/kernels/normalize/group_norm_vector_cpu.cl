// Purpose: group norm of [BATCH, GROUPS * PER_GROUP, INNER], on CPUs; one work-item a run of rows, or one of PARTS shares of a
// row. INNER = 1 with one group is layer norm.
//
//   row r = sample * GROUPS + group: ROW = PER_GROUP * INNER neighbours, channel by channel, in chunks of CHUNK
//   rows: group g owns rows g * PER_ITEM …        parts, then join, then apply: group (r, part) owns chunks part * PER_PART …
//                                                 of row r (parts) or its channels part * CHANNELS_PER_PART … (apply)
//
// Parameters, all of them definitions: BATCH, GROUPS, PER_GROUP, INNER; CHUNK; PER_ITEM; PARTS, PER_PART, CHANNELS_PER_PART;
//   EPSILON; CENTRED 0 or 1; WEIGHT(c), BIAS(c), HAS_WEIGHT, HAS_BIAS; OPERANDS, the problem's operands as parameters.
// Requirements: groups of one work-item; vector_runs.cl in front.
// Adds over group_tree: a row is read from memory once, by one core, in whose cache it stays for the second and third look;
//   vectors; results go past the caches where they are too large to be found there. Few rows are shared by the cores.
// Determinism: each row's chunks are joined in order, parts too.

#define ROW (PER_GROUP * INNER)
#define ROWS (BATCH * GROUPS)
#define CHUNKS ((ROW + CHUNK - 1) / CHUNK)
#if CENTRED
#define SHIFT(r) X_LOAD(x, (size_t)(r) * ROW)
#else
#define SHIFT(r) 0.0f
#endif

static inline Statistics statistics(Q_GLOBAL const X_T* row, int first, int end, float shift) {
    Statistics total = {0.0f, 0.0f, 0.0f};
    for (int k = first; k < end; k++) {
        const int count = min(CHUNK, ROW - k * CHUNK);
        float rest = 0.0f;
        Statistics chunk;
        chunk.count = (float)count;
#if CENTRED
        const VECTOR sums = run_sum(row + (size_t)k * CHUNK, row + (size_t)min(k + 1, CHUNKS - 1) * CHUNK, count, shift, &rest);
        chunk.mean = (lanes_sum(sums) + rest) / chunk.count;
        rest = 0.0f;
#else
        chunk.mean = 0.0f;
#endif
        chunk.squares = lanes_sum(run_squares(row + (size_t)k * CHUNK, count, shift, chunk.mean, &rest)) + rest;
        total = joined(total, chunk);
    }
    return total;
}

#if CENTRED
#define SETTLE(r, shift, total)                                             \
    const float inverse = 1.0f / sqrt(total.squares / (float)ROW + EPSILON); \
    mean[r] = shift + total.mean;                                           \
    rstd[r] = inverse
#else
#define SETTLE(r, shift, total)                                             \
    const float inverse = 1.0f / sqrt(total.squares / (float)ROW + EPSILON); \
    rstd[r] = inverse
#endif

// The channels from first on of row r, before row next is read; its group's first channel is c.
#if INNER == 1
#if HAS_WEIGHT
#define WEIGHTS(i) Q_JOIN(vload, W)(0, weight + (i))
#else
#define WEIGHTS(i) ((VECTOR)(1.0f))
#endif
#if HAS_BIAS
#define BIASES(i) Q_JOIN(vload, W)(0, bias + (i))
#else
#define BIASES(i) ((VECTOR)(0.0f))
#endif
#define NORMALISE(r, next, c, first, end, shift, centre, inverse)                                                            \
    do {                                                                                                               \
        const size_t at = (size_t)(r) * ROW;                                                                           \
        const size_t ahead = (size_t)(next) * ROW;                                                                     \
        int i = first;                                                                                                 \
        for (; i + W <= (end); i += W) {                                                                               \
            FETCH(x + ahead + i);                                                                                      \
            const VECTOR normal = (GET(x, at + i) - shift - centre) * inverse;                                         \
            PUT(y, at + i, FINISH(fma(normal, WEIGHTS((c) + i), BIASES((c) + i)), at + i));                            \
        }                                                                                                              \
        for (; i < (end); i++) {                                                                                       \
            const float normal = (X_LOAD(x, at + i) - shift - centre) * inverse;                                       \
            X_STORE(y, at + i, FINISH_ONE(fma(normal, WEIGHT((c) + i), BIAS((c) + i)), at + i));                       \
        }                                                                                                              \
    } while (0)
#else
#define NORMALISE(r, next, c, first, end, shift, centre, inverse)                                                            \
    for (int i = first; i < (end); i++) {                                                                              \
        normalise_run(x, y, (size_t)(r) * ROW + (size_t)i * INNER, (size_t)(next) * ROW + (size_t)i * INNER, INNER,    \
                      shift, centre, (inverse) * WEIGHT((c) + i), BIAS((c) + i) Q_EPILOGUE_ARGUMENTS);                 \
    }
#endif

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void group_norm(OPERANDS Q_EPILOGUE_PARAMETERS) {
    const int first = (int)Q_GROUP_ID(0) * PER_ITEM;
    const int end = min(first + PER_ITEM, ROWS);
    for (int r = first; r < end; r++) {
        const float shift = SHIFT(r);
        const Statistics total = statistics(x + (size_t)r * ROW, 0, CHUNKS, shift);
        SETTLE(r, shift, total);
        NORMALISE(r, min(r + 1, end - 1), r % GROUPS * PER_GROUP, 0, PER_GROUP, shift, total.mean, inverse);
    }
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void parts(Q_GLOBAL const X_T* Q_RESTRICT x, Q_GLOBAL float* Q_RESTRICT partial) {
    const int r = (int)Q_GROUP_ID(0);
    const int part = (int)Q_GROUP_ID(1);
    const Statistics own = statistics(x + (size_t)r * ROW, part * PER_PART, min((part + 1) * PER_PART, CHUNKS), SHIFT(r));
    Q_GLOBAL float* to = partial + ((size_t)part * ROWS + r) * 3;
    to[0] = own.count;
    to[1] = own.mean;
    to[2] = own.squares;
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void join(OPERANDS, Q_GLOBAL const float* Q_RESTRICT partial, Q_GLOBAL float* Q_RESTRICT centre) {
    for (int r = 0; r < ROWS; r++) {
        Statistics total = {0.0f, 0.0f, 0.0f};
        for (int part = 0; part < PARTS; part++) {
            Q_GLOBAL const float* from = partial + ((size_t)part * ROWS + r) * 3;
            const Statistics own = {from[0], from[1], from[2]};
            total = joined(total, own);
        }
        const float shift = SHIFT(r);
        SETTLE(r, shift, total);
        centre[r] = total.mean;
    }
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void apply(OPERANDS, Q_GLOBAL const float* Q_RESTRICT centre Q_EPILOGUE_PARAMETERS) {
    const int r = (int)Q_GROUP_ID(0);
    const int first = (int)Q_GROUP_ID(1) * CHANNELS_PER_PART;
    const float shift = SHIFT(r);
    const float middle = centre[r];
    const float inverse = rstd[r];
    NORMALISE(r, r, r % GROUPS * PER_GROUP, first, min(first + CHANNELS_PER_PART, PER_GROUP), shift, middle, inverse);
}
