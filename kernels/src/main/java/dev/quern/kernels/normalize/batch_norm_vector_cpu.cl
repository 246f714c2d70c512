// Purpose: batch norm in training of [BATCH, CHANNELS, INNER], on CPUs; one work-item a run of channels, or one of PARTS shares
// of a channel.
//
//   a channel's elements: BATCH runs of INNER neighbours, in pieces of at most PIECE; piece q of channel c begins at PLACE(c, q)
//   channels: group g owns channels g * PER_ITEM …               parts, then join, then apply: group (c, part) owns pieces
//                                                                part * PER_PART … of channel c
//
// Parameters, all of them definitions: BATCH, CHANNELS, INNER; PIECE, and PER_CHUNK, the pieces of a chunk; PER_ITEM; PARTS,
//   PER_PART; DISTANCE, ROOMY 0 or 1; EPSILON, MOMENTUM; RUNNING 0 or 1; WEIGHT(c), BIAS(c); OPERANDS, the problem's operands as parameters.
// Requirements: groups of one work-item; vector_runs.cl and batch_norm_settle.cl in front.
// Adds over group_tree: a channel's elements are read from memory once, by one core, in whose cache they stay for the second
//   and third look; vectors; results go past the caches where they are too large to be found there. Few channels are shared
//   by the cores.
// Determinism: each channel's chunks are joined in order, parts too.

#define PIECES ((INNER + PIECE - 1) / PIECE)
#define ALL (BATCH * PIECES)
#define COUNT ((float)BATCH * (float)INNER)
#define PLACE(c, q) (((size_t)((q) / PIECES) * CHANNELS + (c)) * INNER + (size_t)((q) % PIECES) * PIECE)
#define LENGTH(q) min(PIECE, INNER - (q) % PIECES * PIECE)
// What is read about DISTANCE pieces behind piece q of channel c, before channel next: where a channel leaves room in the
// second-level cache for another (ROOMY), the next channel's piece.
#define SOON(c, q) PLACE(c, min((q) + DISTANCE, ALL - 1))
#if ROOMY
#define THEN(c, next, q) PLACE(next, q)
#else
#define THEN(c, next, q) SOON(c, q)
#endif

static inline Statistics statistics(Q_GLOBAL const X_T* x, int c, int first, int end, float shift) {
    Statistics total = {0.0f, 0.0f, 0.0f};
    for (int begin = first; begin < end; begin += PER_CHUNK) {
        const int stop = min(begin + PER_CHUNK, end);
        VECTOR sums = 0.0f;
        float rest = 0.0f;
        int count = 0;
        for (int q = begin; q < stop; q++) {
            sums += run_sum(x + PLACE(c, q), x + SOON(c, q), LENGTH(q), shift, &rest);
            count += LENGTH(q);
        }
        Statistics chunk;
        chunk.count = (float)count;
        chunk.mean = (lanes_sum(sums) + rest) / chunk.count;
        sums = 0.0f;
        rest = 0.0f;
        for (int q = begin; q < stop; q++) {
            sums += run_squares(x + PLACE(c, q), LENGTH(q), shift, chunk.mean, &rest);
        }
        chunk.squares = lanes_sum(sums) + rest;
        total = joined(total, chunk);
    }
    return total;
}

static inline void normalise(Q_GLOBAL const X_T* x, Q_GLOBAL X_T* y, int c, int next, int first, int end, float shift,
                             float centre, float scale, float bias Q_EPILOGUE_PARAMETERS) {
    for (int q = first; q < end; q++) {
        normalise_run(x, y, PLACE(c, q), THEN(c, next, q), LENGTH(q), shift, centre, scale, bias Q_EPILOGUE_ARGUMENTS);
    }
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void batch_norm(OPERANDS Q_EPILOGUE_PARAMETERS) {
    const int first = (int)Q_GROUP_ID(0) * PER_ITEM;
    const int end = min(first + PER_ITEM, CHANNELS);
    for (int c = first; c < end; c++) {
        const float shift = X_LOAD(x, (size_t)c * INNER);
        const Statistics total = statistics(x, c, 0, ALL, shift);
        SETTLE(c, shift, total.mean, total.squares);
        normalise(x, y, c, min(c + 1, end - 1), 0, ALL, shift, total.mean, inverse * WEIGHT(c), BIAS(c) Q_EPILOGUE_ARGUMENTS);
    }
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void parts(Q_GLOBAL const X_T* Q_RESTRICT x, Q_GLOBAL float* Q_RESTRICT partial) {
    const int c = (int)Q_GROUP_ID(0);
    const int part = (int)Q_GROUP_ID(1);
    const Statistics own = statistics(x, c, part * PER_PART, min((part + 1) * PER_PART, ALL), X_LOAD(x, (size_t)c * INNER));
    Q_GLOBAL float* to = partial + ((size_t)part * CHANNELS + c) * 3;
    to[0] = own.count;
    to[1] = own.mean;
    to[2] = own.squares;
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void join(OPERANDS, Q_GLOBAL const float* Q_RESTRICT partial, Q_GLOBAL float* Q_RESTRICT centre) {
    for (int c = 0; c < CHANNELS; c++) {
        Statistics total = {0.0f, 0.0f, 0.0f};
        for (int part = 0; part < PARTS; part++) {
            Q_GLOBAL const float* from = partial + ((size_t)part * CHANNELS + c) * 3;
            const Statistics own = {from[0], from[1], from[2]};
            total = joined(total, own);
        }
        const float shift = X_LOAD(x, (size_t)c * INNER);
        SETTLE(c, shift, total.mean, total.squares);
        centre[c] = total.mean;
    }
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void apply(OPERANDS, Q_GLOBAL const float* Q_RESTRICT centre Q_EPILOGUE_PARAMETERS) {
    const int c = (int)Q_GROUP_ID(0);
    const int part = (int)Q_GROUP_ID(1);
    normalise(x, y, c, c, part * PER_PART, min((part + 1) * PER_PART, ALL), X_LOAD(x, (size_t)c * INNER), centre[c],
              rstd[c] * WEIGHT(c), BIAS(c) Q_EPILOGUE_ARGUMENTS);
}
