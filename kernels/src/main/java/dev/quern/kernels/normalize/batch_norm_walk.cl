// Purpose: batch norm in training of [batch, channels, inner]; a work-group, or with GROUP = 1 a work-item, a channel.
//
//   element i of channel c: x[(i / inner * channels + c) * inner + i % inner]      item l owns elements l, l + GROUP, …
//
// Parameters: GROUP, a power of two, or 1 for work-items; EPSILON, MOMENTUM; RUNNING 0 or 1; WEIGHT(c), BIAS(c); OPERANDS, the
//   problem's operands as parameters; arguments batch, channels, inner.
// Requirements: with GROUP > 1 groups of that many, and as many floats of local memory; group_tree.cl in front.
// Adds: with GROUP = 1 the bottom of the ladder: three walks over a channel, for mean, variance and result; with GROUP > 1 the
//   walks are shared, and neighbouring items read neighbouring elements.
// Determinism: each item's sums run in order in blocks of BLOCK, and the tree over the items is fixed.

#define BLOCK 128
#define ELEMENT(i) (((size_t)((i) / inner) * channels + c) * inner + (i) % inner)

#if GROUP > 1
#define JOINED(v) group_sum(v, tree)
Q_KERNEL Q_REQD_GROUP(GROUP, 1, 1)
#else
#define JOINED(v) (v)
Q_KERNEL
#endif
void batch_norm(OPERANDS, int batch, int channels, int inner Q_EPILOGUE_PARAMETERS) {
#if GROUP > 1
    Q_LOCAL float tree[GROUP];
    const int c = (int)Q_GROUP_ID(0);
    const int item = (int)Q_LOCAL_ID(0);
#else
    const int c = (int)Q_GLOBAL_ID(0);
    const int item = 0;
    if (c >= channels) {
        return;
    }
#endif
    const int count = batch * inner;
    // Distances from one of the channel's own elements keep their digits where the mean is large.
    const float shift = X_LOAD(x, (size_t)c * inner);
    float sum = 0.0f;
    for (int first = item; first < count; first += BLOCK * GROUP) {
        float block = 0.0f;
        for (int k = 0; k < BLOCK && first + k * GROUP < count; k++) {
            block += X_LOAD(x, ELEMENT(first + k * GROUP)) - shift;
        }
        sum += block;
    }
    const float centre = JOINED(sum) / (float)count;
    float squares = 0.0f;
    for (int first = item; first < count; first += BLOCK * GROUP) {
        float block = 0.0f;
        for (int k = 0; k < BLOCK && first + k * GROUP < count; k++) {
            const float d = X_LOAD(x, ELEMENT(first + k * GROUP)) - shift - centre;
            block += d * d;
        }
        squares += block;
    }
    squares = JOINED(squares);
    const float inverse = Q_RSQRT(squares / (float)count + EPSILON);
    if (item == 0) {
        mean[c] = shift + centre;
        rstd[c] = inverse;
#if RUNNING
        new_running_mean[c] = running_mean[c] + MOMENTUM * (shift + centre - running_mean[c]);
        new_running_var[c] = running_var[c] + MOMENTUM * (squares / (float)(count - 1) - running_var[c]);
#endif
    }
    const float scale = inverse * WEIGHT(c);
    for (int i = item; i < count; i += GROUP) {
        const size_t at = ELEMENT(i);
        const float v = (X_LOAD(x, at) - shift - centre) * scale + BIAS(c);
        X_STORE(y, at, q_epilogue(v, at Q_EPILOGUE_ARGUMENTS));
    }
}
