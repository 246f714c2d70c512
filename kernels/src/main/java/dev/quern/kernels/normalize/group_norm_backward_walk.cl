// Purpose: the gradients of group norm of [batch, groups * per_group, inner]; a work-group, or with GROUP = 1 a work-item, a row
// (dx), and then a channel (dweight, dbias).
//
//   row r = sample * groups + group: per_group * inner neighbours       item l owns elements l, l + GROUP, …
//   element i of channel c: x[(i / inner * channels + c) * inner + i % inner]
//
// Parameters: GROUP, a power of two, or 1 for work-items; CENTRED 0 or 1; WEIGHT(c), HAS_WEIGHT, HAS_BIAS; OPERANDS, the
//   problem's operands as parameters; arguments batch, groups, per_group, inner.
// Requirements: with GROUP > 1 groups of that many, and as many floats of local memory; group_tree.cl in front.
// Adds: with GROUP = 1 the bottom of the ladder; with GROUP > 1 the walks are shared, and neighbouring items read neighbouring
//   elements.
// Determinism: each item's sums run in order in blocks of BLOCK, and the tree over the items is fixed.

#define BLOCK 128
#if CENTRED
#define MEAN(r) mean[r]
#else
#define MEAN(r) 0.0f
#endif

#if GROUP > 1
#define JOINED(v) group_sum(v, tree)
#define TREE Q_LOCAL float tree[GROUP];
#define OWN (int)Q_GROUP_ID(0)
#define ITEM (int)Q_LOCAL_ID(0)
// There are as many groups as units, and a return in front of barriers is what PoCL 3.1 compiles wrongly.
#define LEAVE_PAST(units)
#define ENTRY Q_KERNEL Q_REQD_GROUP(GROUP, 1, 1)
#else
#define JOINED(v) (v)
#define TREE
#define OWN (int)Q_GLOBAL_ID(0)
#define ITEM 0
#define LEAVE_PAST(units) if (OWN >= (units)) return
#define ENTRY Q_KERNEL
#endif

ENTRY void group_norm_backward(OPERANDS, int batch, int groups, int per_group, int inner Q_EPILOGUE_PARAMETERS) {
    TREE
    const int r = OWN;
    const int item = ITEM;
    LEAVE_PAST(batch * groups);
    const int count = per_group * inner;
    const size_t row = (size_t)r * count;
    const int c = r % groups * per_group;
    const float middle = MEAN(r);
    const float inverse = rstd[r];
    float gradients = 0.0f;
    float products = 0.0f;
    for (int first = item; first < count; first += BLOCK * GROUP) {
        float block = 0.0f;
        float block_products = 0.0f;
        for (int k = 0; k < BLOCK && first + k * GROUP < count; k++) {
            const int i = first + k * GROUP;
            const float g = X_LOAD(dy, row + i) * WEIGHT(c + i / inner);
            block += g;
            block_products += g * (X_LOAD(x, row + i) - middle);
        }
        gradients += block;
        products += block_products;
    }
#if CENTRED
    const float average = JOINED(gradients) / (float)count;
#else
    const float average = 0.0f;
#endif
    const float slope = -inverse * inverse * JOINED(products) / (float)count;
    for (int i = item; i < count; i += GROUP) {
        const float g = X_LOAD(dy, row + i) * WEIGHT(c + i / inner);
        const float v = (g - average + (X_LOAD(x, row + i) - middle) * slope) * inverse;
        X_STORE(dx, row + i, q_epilogue(v, row + i Q_EPILOGUE_ARGUMENTS));
    }
}

#if HAS_WEIGHT
ENTRY void parameters(OPERANDS, int batch, int groups, int per_group, int inner) {
    TREE
    const int c = OWN;
    const int item = ITEM;
    const int channels = groups * per_group;
    LEAVE_PAST(channels);
    const int count = batch * inner;
    float gradients = 0.0f;
    float products = 0.0f;
    for (int first = item; first < count; first += BLOCK * GROUP) {
        float block = 0.0f;
        float block_products = 0.0f;
        for (int k = 0; k < BLOCK && first + k * GROUP < count; k++) {
            const int i = first + k * GROUP;
            const size_t at = ((size_t)(i / inner) * channels + c) * inner + i % inner;
            const int r = i / inner * groups + c / per_group;
            const float g = X_LOAD(dy, at);
            block += g;
            block_products += g * (X_LOAD(x, at) - MEAN(r)) * rstd[r];
        }
        gradients += block;
        products += block_products;
    }
    products = JOINED(products);
    gradients = JOINED(gradients);
    if (item == 0) {
        dweight[c] = products;
#if HAS_BIAS
        dbias[c] = gradients;
#endif
    }
}
#endif
