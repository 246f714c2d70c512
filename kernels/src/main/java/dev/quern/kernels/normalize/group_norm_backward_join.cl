// Purpose: what the gradients of group norm on CPUs share: names for rows and for the shares of the parameters' gradients, and the kernel
// that adds the shares up.
//
//   partial[0][p][channel] is a share of dbias, partial[1][p][channel] one of dweight; group g of join owns channels g * JOINED_CHANNELS …
//
// Parameters: BATCH, GROUPS, PER_GROUP, INNER; SHARES, how many p there are; JOINED_CHANNELS; CENTRED, HAS_WEIGHT, HAS_BIAS, 0 or 1; OPERANDS.
// Requirements: groups of one work-item.
// Determinism: shares are joined in order.

#define CHANNELS (GROUPS * PER_GROUP)
#define ROW (PER_GROUP * INNER)
#define ROWS (BATCH * GROUPS)
#if CENTRED
#define MEAN(r) mean[r]
#define AVERAGE(sum) ((sum) / (float)ROW)
#else
#define MEAN(r) 0.0f
#define AVERAGE(sum) 0.0f
#endif
#define OF_BIAS(p) (partial + (size_t)(p) * CHANNELS)
#define OF_WEIGHT(p) (partial + ((size_t)SHARES + (p)) * CHANNELS)

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void join(OPERANDS, Q_GLOBAL const float* Q_RESTRICT partial) {
    const int first = (int)Q_GROUP_ID(0) * JOINED_CHANNELS;
    for (int c = first; c < min(first + JOINED_CHANNELS, CHANNELS); c++) {
        float of_bias = 0.0f;
        float of_weight = 0.0f;
        for (int p = 0; p < SHARES; p++) {
            of_bias += OF_BIAS(p)[c];
            of_weight += OF_WEIGHT(p)[c];
        }
#if HAS_WEIGHT
        dweight[c] = of_weight;
#endif
#if HAS_BIAS
        dbias[c] = of_bias;
#endif
    }
}
