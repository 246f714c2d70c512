// Purpose: the gradients of batch norm in training of [BATCH, CHANNELS, 1], on CPUs; one work-item a run of blocks of W columns.
//
//   block b: channels b * W … b * W + W - 1, each in a lane of its own; what is left over goes one by one
//
// Parameters, all of them definitions: BATCH, CHANNELS; PER_ITEM blocks; HAS_WEIGHT and HAS_BIAS, 0 or 1; OPERANDS, the
//   problem's operands as parameters.
// Requirements: groups of one work-item; vector_runs.cl in front.
// Adds over group_tree: W channels at a time, each of whose rows is one cache line.
// Determinism: each channel's sums run over the rows in order, in blocks of CHUNK.

#define CHUNK 64
#define BLOCKS ((CHANNELS + W - 1) / W)
#define COUNT ((float)BATCH)
#define NUMBERS(p, c) Q_JOIN(vload, W)(0, (p) + (c))
#define PUT_NUMBERS(p, c, v) Q_JOIN(vstore, W)(v, 0, (p) + (c))
#define NUMBER(p, c) ((p)[c])
#define PUT_NUMBER(p, c, v) ((p)[c] = (v))
#define PUT_ONE(p, i, v) X_STORE(p, i, v)

#if HAS_WEIGHT
#define COLUMN_WEIGHT(READ, c) READ(weight, c)
#define PUT_WEIGHT(WRITE, c, v) WRITE(dweight, c, v)
#else
#define COLUMN_WEIGHT(READ, c) 1.0f
#define PUT_WEIGHT(WRITE, c, v)
#endif
#if HAS_BIAS
#define PUT_BIAS(WRITE, c, v) WRITE(dbias, c, v)
#else
#define PUT_BIAS(WRITE, c, v)
#endif

#define GRADIENT(TYPE, GET_X, BEFORE_DY, PUT_DX, READ, WRITE, END, c)                                               \
    do {                                                                                                            \
        const TYPE centre = READ(mean, c);                                                                          \
        const TYPE inverse = READ(rstd, c);                                                                         \
        TYPE gradients = 0.0f;                                                                                      \
        TYPE products = 0.0f;                                                                                       \
        for (int first = 0; first < BATCH; first += CHUNK) {                                                        \
            TYPE own = 0.0f;                                                                                        \
            TYPE own_products = 0.0f;                                                                               \
            for (int n = first; n < min(first + CHUNK, BATCH); n++) {                                               \
                const size_t at = (size_t)n * CHANNELS + c;                                                         \
                const TYPE g = BEFORE_DY(GET_X(dy, at), at);                                                        \
                own += g;                                                                                           \
                own_products = fma(g, GET_X(x, at) - centre, own_products);                                         \
            }                                                                                                       \
            gradients += own;                                                                                       \
            products += own_products;                                                                               \
        }                                                                                                           \
        PUT_WEIGHT(WRITE, c, products * inverse);                                                                   \
        PUT_BIAS(WRITE, c, gradients);                                                                              \
        const TYPE slope = -inverse * inverse * products / COUNT;                                                   \
        const TYPE average = gradients / COUNT;                                                                     \
        const TYPE scale = inverse * COLUMN_WEIGHT(READ, c);                                                        \
        for (int n = 0; n < BATCH; n++) {                                                                           \
            const size_t at = (size_t)n * CHANNELS + c;                                                             \
            const TYPE g = BEFORE_DY(GET_X(dy, at), at);                                                            \
            PUT_DX(dx, at, END(fma(GET_X(x, at) - centre, slope, g - average) * scale, at));                        \
        }                                                                                                           \
    } while (0)

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void batch_norm_backward(OPERANDS Q_EPILOGUE_PARAMETERS Q_PROLOGUE_DY_PARAMETERS) {
    const int first_block = (int)Q_GROUP_ID(0) * PER_ITEM;
    for (int b = first_block; b < min(first_block + PER_ITEM, BLOCKS); b++) {
        const int column = b * W;
        if (column + W <= CHANNELS) {
            GRADIENT(VECTOR, GET, LOADED, PUT, NUMBERS, PUT_NUMBERS, FINISH, column);
        } else {
            for (int c = column; c < CHANNELS; c++) {
                GRADIENT(float, X_LOAD, LOADED_ONE, PUT_ONE, NUMBER, PUT_NUMBER, FINISH_ONE, c);
            }
        }
    }
}
