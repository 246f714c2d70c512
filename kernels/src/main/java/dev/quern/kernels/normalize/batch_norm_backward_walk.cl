// Purpose: the gradients of batch norm in training of [batch, channels, inner]; a work-group, or with GROUP = 1 a work-item, a
// channel.
//
//   element i of channel c: x[(i / inner * channels + c) * inner + i % inner]      item l owns elements l, l + GROUP, …
//
// Parameters: GROUP, a power of two, or 1 for work-items; WEIGHT(c); HAS_WEIGHT, HAS_BIAS, 0 or 1; OPERANDS, the problem's
//   operands as parameters; arguments batch, channels, inner.
// Requirements: with GROUP > 1 groups of that many, and as many floats of local memory; group_tree.cl in front.
// Adds: with GROUP = 1 the bottom of the ladder: two walks over a channel, for the sums and the result; with GROUP > 1 the
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
void batch_norm_backward(OPERANDS, int batch, int channels, int inner Q_EPILOGUE_PARAMETERS Q_PROLOGUE_DY_PARAMETERS) {
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
    const float centre = mean[c];
    const float inverse = rstd[c];
    float gradients = 0.0f;
    float products = 0.0f;
    for (int first = item; first < count; first += BLOCK * GROUP) {
        float block = 0.0f;
        float block_products = 0.0f;
        for (int k = 0; k < BLOCK && first + k * GROUP < count; k++) {
            const size_t at = ELEMENT(first + k * GROUP);
            const float g = q_prologue_dy(X_LOAD(dy, at), at Q_PROLOGUE_DY_ARGUMENTS);
            block += g;
            block_products += g * (X_LOAD(x, at) - centre);
        }
        gradients += block;
        products += block_products;
    }
    gradients = JOINED(gradients);
    products = JOINED(products);
    if (item == 0) {
#if HAS_WEIGHT
        dweight[c] = products * inverse;
#endif
#if HAS_BIAS
        dbias[c] = gradients;
#endif
    }
    const float average = gradients / (float)count;
    const float slope = -inverse * inverse * products / (float)count;
    const float scale = inverse * WEIGHT(c);
    for (int i = item; i < count; i += GROUP) {
        const size_t at = ELEMENT(i);
        const float g = q_prologue_dy(X_LOAD(dy, at), at Q_PROLOGUE_DY_ARGUMENTS);
        const float v = (g - average + (X_LOAD(x, at) - centre) * slope) * scale;
        X_STORE(dx, at, q_epilogue(v, at Q_EPILOGUE_ARGUMENTS));
    }
}
