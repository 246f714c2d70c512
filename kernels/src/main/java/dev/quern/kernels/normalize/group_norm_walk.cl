// Purpose: group norm of [batch, groups * per_group, inner]; a work-group, or with GROUP = 1 a work-item, a row.
//
//   row r = sample * groups + group: per_group * inner neighbours      item l owns elements l, l + GROUP, …
//
// Parameters: GROUP, a power of two, or 1 for work-items; EPSILON; CENTRED 0 or 1; WEIGHT(c), BIAS(c); OPERANDS, the problem's
//   operands as parameters; arguments rows, groups, per_group, inner.
// Requirements: with GROUP > 1 groups of that many, and as many floats of local memory; group_tree.cl in front.
// Adds: with GROUP = 1 the bottom of the ladder: three walks over a row, for mean, variance and result; with GROUP > 1 the walks
//   are shared, and neighbouring items read neighbouring elements.
// Determinism: each item's sums run in order in blocks of BLOCK, and the tree over the items is fixed.

#define BLOCK 128

#if GROUP > 1
#define JOINED(v) group_sum(v, tree)
Q_KERNEL Q_REQD_GROUP(GROUP, 1, 1)
#else
#define JOINED(v) (v)
Q_KERNEL
#endif
void group_norm(OPERANDS, int rows, int groups, int per_group, int inner Q_EPILOGUE_PARAMETERS) {
#if GROUP > 1
    Q_LOCAL float tree[GROUP];
    const int r = (int)Q_GROUP_ID(0);
    const int item = (int)Q_LOCAL_ID(0);
#else
    const int r = (int)Q_GLOBAL_ID(0);
    const int item = 0;
    if (r >= rows) {
        return;
    }
#endif
    const int count = per_group * inner;
    const size_t row = (size_t)r * count;
#if CENTRED
    // Distances from one of the row's own elements keep their digits where the mean is large.
    const float shift = X_LOAD(x, row);
    float sum = 0.0f;
    for (int first = item; first < count; first += BLOCK * GROUP) {
        float block = 0.0f;
        for (int k = 0; k < BLOCK && first + k * GROUP < count; k++) {
            block += X_LOAD(x, row + first + k * GROUP) - shift;
        }
        sum += block;
    }
    const float centre = JOINED(sum) / (float)count;
#else
    const float shift = 0.0f;
    const float centre = 0.0f;
#endif
    float squares = 0.0f;
    for (int first = item; first < count; first += BLOCK * GROUP) {
        float block = 0.0f;
        for (int k = 0; k < BLOCK && first + k * GROUP < count; k++) {
            const float d = X_LOAD(x, row + first + k * GROUP) - shift - centre;
            block += d * d;
        }
        squares += block;
    }
    const float inverse = Q_RSQRT(JOINED(squares) / (float)count + EPSILON);
    if (item == 0) {
#if CENTRED
        mean[r] = shift + centre;
#endif
        rstd[r] = inverse;
    }
    const int c = r % groups * per_group;
    for (int i = item; i < count; i += GROUP) {
        const float normal = (X_LOAD(x, row + i) - shift - centre) * inverse;
        const float v = normal * WEIGHT(c + i / inner) + BIAS(c + i / inner);
        X_STORE(y, row + i, q_epilogue(v, row + i Q_EPILOGUE_ARGUMENTS));
    }
}
