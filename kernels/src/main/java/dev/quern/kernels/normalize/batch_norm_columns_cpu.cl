// Purpose: batch norm in training of [BATCH, CHANNELS, 1], on CPUs: a matrix whose columns are normalised; one work-item a run
// of blocks of W columns.
//
//   block b: channels b * W … b * W + W - 1, each in a lane of its own; what is left over goes one by one
//
// Parameters, all of them definitions: BATCH, CHANNELS; PER_ITEM blocks; EPSILON, MOMENTUM; RUNNING, HAS_WEIGHT and HAS_BIAS,
//   0 or 1; OPERANDS, the problem's operands as parameters.
// Requirements: groups of one work-item; vector_runs.cl in front.
// Adds over group_tree: W channels at a time, each of whose rows is one cache line.
// Determinism: each channel's chunks of rows are joined in order.

#define CHUNK 64
#define BLOCKS ((CHANNELS + W - 1) / W)
#define COUNT ((float)BATCH)
#define NUMBERS(p, c) Q_JOIN(vload, W)(0, (p) + (c))
#define PUT_NUMBERS(p, c, v) Q_JOIN(vstore, W)(v, 0, (p) + (c))
#define NUMBER(p, c) ((p)[c])
#define PUT_NUMBER(p, c, v) ((p)[c] = (v))
#define PUT_ONE(p, i, v) X_STORE(p, i, v)

#if RUNNING
#define MOVE(TYPE, READ, WRITE, c, m, squares)                                                                             \
    WRITE(new_running_mean, c, fma((TYPE)(MOMENTUM), (m) - READ(running_mean, c), READ(running_mean, c)));                 \
    WRITE(new_running_var, c,                                                                                              \
          fma((TYPE)(MOMENTUM), (squares) / (COUNT - 1.0f) - READ(running_var, c), READ(running_var, c)))
#else
#define MOVE(TYPE, READ, WRITE, c, m, squares)
#endif

#define NORMALISE(TYPE, GET_X, PUT_Y, READ, WRITE, END, c)                                                  \
    do {                                                                                                    \
        const TYPE shift = GET_X(x, c);                                                                     \
        TYPE centre = 0.0f;                                                                                 \
        TYPE squares = 0.0f;                                                                                \
        for (int first = 0; first < BATCH; first += CHUNK) {                                                \
            const int end = min(first + CHUNK, BATCH);                                                      \
            TYPE sum = 0.0f;                                                                                \
            for (int n = first; n < end; n++) {                                                             \
                sum += GET_X(x, (size_t)n * CHANNELS + c) - shift;                                          \
            }                                                                                               \
            const TYPE own = sum / (float)(end - first);                                                    \
            TYPE own_squares = 0.0f;                                                                        \
            for (int n = first; n < end; n++) {                                                             \
                const TYPE d = GET_X(x, (size_t)n * CHANNELS + c) - shift - own;                            \
                own_squares = fma(d, d, own_squares);                                                       \
            }                                                                                               \
            const float share = (float)(end - first) / (float)end;                                          \
            const TYPE distance = own - centre;                                                             \
            centre = fma(distance, (TYPE)(share), centre);                                                  \
            squares += own_squares + distance * distance * ((float)first * share);                          \
        }                                                                                                   \
        const TYPE inverse = 1.0f / sqrt(squares / COUNT + EPSILON);                                        \
        WRITE(mean, c, shift + centre);                                                                     \
        WRITE(rstd, c, inverse);                                                                            \
        MOVE(TYPE, READ, WRITE, c, shift + centre, squares);                                                \
        const TYPE scale = inverse * COLUMN_WEIGHT(READ, c);                                                \
        const TYPE offset = COLUMN_BIAS(READ, c);                                                           \
        for (int n = 0; n < BATCH; n++) {                                                                   \
            const size_t at = (size_t)n * CHANNELS + c;                                                     \
            PUT_Y(y, at, END(fma(GET_X(x, at) - shift - centre, scale, offset), at));                       \
        }                                                                                                   \
    } while (0)

#if HAS_WEIGHT
#define COLUMN_WEIGHT(READ, c) READ(weight, c)
#else
#define COLUMN_WEIGHT(READ, c) 1.0f
#endif
#if HAS_BIAS
#define COLUMN_BIAS(READ, c) READ(bias, c)
#else
#define COLUMN_BIAS(READ, c) 0.0f
#endif

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void batch_norm(OPERANDS Q_EPILOGUE_PARAMETERS) {
    const int first_block = (int)Q_GROUP_ID(0) * PER_ITEM;
    for (int b = first_block; b < min(first_block + PER_ITEM, BLOCKS); b++) {
        const int column = b * W;
        if (column + W <= CHANNELS) {
            NORMALISE(VECTOR, GET, PUT, NUMBERS, PUT_NUMBERS, FINISH, column);
        } else {
            for (int c = column; c < CHANNELS; c++) {
                NORMALISE(float, X_LOAD, PUT_ONE, NUMBER, PUT_NUMBER, FINISH_ONE, c);
            }
        }
    }
}
