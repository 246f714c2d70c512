// Purpose: the gradients of batch norm in training of [BATCH, CHANNELS, INNER], on CPUs; one work-item a run of channels, or one
// of PARTS shares of a channel.
//
//   a channel's elements: BATCH runs of INNER neighbours, in pieces of at most PIECE; piece q of channel c begins at PLACE(c, q)
//   channels: group g owns channels g * PER_ITEM …               parts, then join, then apply: group (c, part) owns pieces
//                                                                part * PER_PART … of channel c
//
// Parameters, all of them definitions: BATCH, CHANNELS, INNER; PIECE; PER_ITEM; PARTS, PER_PART; DISTANCE, ROOMY 0 or 1; WEIGHT(c); HAS_WEIGHT and
//   HAS_BIAS, 0 or 1; OPERANDS, the problem's operands as parameters.
// Requirements: groups of one work-item; vector_runs.cl in front.
// Adds over group_tree: x and dy are read from memory once, by one core, in whose cache they stay for the second look; vectors;
//   results go past the caches where they are too large to be found there. Few channels are shared by the cores.
// Determinism: each channel's sums run in a fixed order, parts are joined in order.

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

typedef struct {
    float gradients;
    float products;
} Sums;

static inline Sums sums_of(Q_GLOBAL const X_T* dy, Q_GLOBAL const X_T* x, int c, int first, int end, float mean Q_PROLOGUE_DY_PARAMETERS) {
    VECTOR sums = 0.0f;
    VECTOR products = 0.0f;
    Sums rest = {0.0f, 0.0f};
    for (int q = first; q < end; q++) {
        run_products(dy, x, PLACE(c, q), SOON(c, q), LENGTH(q), mean, &sums, &products, &rest.gradients, &rest.products
                     Q_PROLOGUE_DY_ARGUMENTS);
    }
    rest.gradients += lanes_sum(sums);
    rest.products += lanes_sum(products);
    return rest;
}

static inline void gradient(Q_GLOBAL const X_T* dy, Q_GLOBAL const X_T* x, Q_GLOBAL X_T* dx, int c, int next, int first, int end,
                            float mean, float inverse, float weight, Sums all Q_EPILOGUE_PARAMETERS Q_PROLOGUE_DY_PARAMETERS) {
    const float slope = -inverse * inverse * all.products / COUNT;
    for (int q = first; q < end; q++) {
        gradient_run(dy, x, dx, PLACE(c, q), THEN(c, next, q), LENGTH(q), mean, all.gradients / COUNT, slope,
                     inverse * weight Q_EPILOGUE_ARGUMENTS Q_PROLOGUE_DY_ARGUMENTS);
    }
}

#if HAS_WEIGHT && HAS_BIAS
#define SETTLE(c, all) dweight[c] = all.products * rstd[c]; dbias[c] = all.gradients
#elif HAS_WEIGHT
#define SETTLE(c, all) dweight[c] = all.products * rstd[c]
#else
#define SETTLE(c, all)
#endif

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void batch_norm_backward(OPERANDS Q_EPILOGUE_PARAMETERS Q_PROLOGUE_DY_PARAMETERS) {
    const int first = (int)Q_GROUP_ID(0) * PER_ITEM;
    const int end = min(first + PER_ITEM, CHANNELS);
    for (int c = first; c < end; c++) {
        const Sums all = sums_of(dy, x, c, 0, ALL, mean[c] Q_PROLOGUE_DY_ARGUMENTS);
        SETTLE(c, all);
        gradient(dy, x, dx, c, min(c + 1, end - 1), 0, ALL, mean[c], rstd[c], WEIGHT(c), all Q_EPILOGUE_ARGUMENTS
                 Q_PROLOGUE_DY_ARGUMENTS);
    }
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void parts(OPERANDS, Q_GLOBAL float* Q_RESTRICT partial Q_PROLOGUE_DY_PARAMETERS) {
    const int c = (int)Q_GROUP_ID(0);
    const int part = (int)Q_GROUP_ID(1);
    const Sums own = sums_of(dy, x, c, part * PER_PART, min((part + 1) * PER_PART, ALL), mean[c] Q_PROLOGUE_DY_ARGUMENTS);
    partial[((size_t)part * CHANNELS + c) * 2] = own.gradients;
    partial[((size_t)part * CHANNELS + c) * 2 + 1] = own.products;
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void join(OPERANDS, Q_GLOBAL const float* Q_RESTRICT partial, Q_GLOBAL float* Q_RESTRICT total) {
    for (int c = 0; c < CHANNELS; c++) {
        Sums all = {0.0f, 0.0f};
        for (int part = 0; part < PARTS; part++) {
            all.gradients += partial[((size_t)part * CHANNELS + c) * 2];
            all.products += partial[((size_t)part * CHANNELS + c) * 2 + 1];
        }
        SETTLE(c, all);
        total[2 * c] = all.gradients;
        total[2 * c + 1] = all.products;
    }
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void apply(OPERANDS, Q_GLOBAL const float* Q_RESTRICT total Q_EPILOGUE_PARAMETERS
                                              Q_PROLOGUE_DY_PARAMETERS) {
    const int c = (int)Q_GROUP_ID(0);
    const int part = (int)Q_GROUP_ID(1);
    const Sums all = {total[2 * c], total[2 * c + 1]};
    gradient(dy, x, dx, c, c, part * PER_PART, min((part + 1) * PER_PART, ALL), mean[c], rstd[c], WEIGHT(c),
             all Q_EPILOGUE_ARGUMENTS Q_PROLOGUE_DY_ARGUMENTS);
}
