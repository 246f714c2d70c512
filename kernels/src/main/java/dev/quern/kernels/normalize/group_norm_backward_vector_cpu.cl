// Purpose: the gradients of group norm of [BATCH, GROUPS * PER_GROUP, INNER], on CPUs; one work-item a run of rows.
//
//   row r = sample * GROUPS + group: ROW = PER_GROUP * INNER neighbours, channel by channel
//   partial[0][p][channel] is a share of dbias, partial[1][p][channel] one of dweight; the kernel join adds them up:
//     INNER = 1: p is the work-item      INNER > 1: p is the sample, and each channel's two sums serve dx as well
//   rows: group g owns rows g * PER_ITEM …        sums, then apply (INNER > 1, few rows): group (channel, sample)
//
// Parameters, all of them definitions: BATCH, GROUPS, PER_GROUP, INNER; PER_ITEM; SHARES, how many p there are; CENTRED 0 or 1;
//   JOINED_CHANNELS, those of a group of join; WEIGHT(c), HAS_WEIGHT, HAS_BIAS; OPERANDS, the operands as parameters.
// Requirements: groups of one work-item; vector_runs.cl and group_norm_backward_join.cl in front.
// Adds over group_tree: dy and x are read from memory once for all three gradients, by one core, in whose cache a row stays for
//   the second look; vectors; results go past the caches where they are too large to be found there.
// Determinism: each sum runs in a fixed order, shares are joined in order.

#if INNER == 1

#if HAS_WEIGHT
#define WEIGHTS(i) Q_JOIN(vload, W)(0, weight + (i))
#else
#define WEIGHTS(i) ((VECTOR)(1.0f))
#endif
#define NUMBERS(p) Q_JOIN(vload, W)(0, p)
#define PUT_NUMBERS(v, p) (*(Q_GLOBAL Q_JOIN(Q_JOIN(q_float, W), _unaligned)*)(p) = (v))

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void group_norm_backward(OPERANDS, Q_GLOBAL float* Q_RESTRICT partial Q_EPILOGUE_PARAMETERS) {
    const int item = (int)Q_GROUP_ID(0);
    Q_GLOBAL float* db = OF_BIAS(item);
    Q_GLOBAL float* dw = OF_WEIGHT(item);
    for (int c = 0; c < CHANNELS; c++) {
        db[c] = 0.0f;
        dw[c] = 0.0f;
    }
    const int end = min((item + 1) * PER_ITEM, ROWS);
    for (int r = item * PER_ITEM; r < end; r++) {
        const size_t at = (size_t)r * ROW;
        const size_t ahead = (size_t)min(r + 1, end - 1) * ROW;
        const int c = r % GROUPS * PER_GROUP;
        const float middle = MEAN(r);
        const float inverse = rstd[r];
        VECTOR gradients = 0.0f;
        VECTOR products = 0.0f;
        float rest = 0.0f;
        float rest_products = 0.0f;
        int i = 0;
        for (; i + W <= ROW; i += W) {
            const VECTOR d = GET(dy, at + i);
            const VECTOR normal = (GET(x, at + i) - middle) * inverse;
            const VECTOR g = d * WEIGHTS(c + i);
            gradients += g;
            products = fma(g, normal, products);
#if HAS_BIAS
            PUT_NUMBERS(NUMBERS(db + c + i) + d, db + c + i);
#endif
#if HAS_WEIGHT
            PUT_NUMBERS(fma(d, normal, NUMBERS(dw + c + i)), dw + c + i);
#endif
        }
        for (; i < ROW; i++) {
            const float d = X_LOAD(dy, at + i);
            const float normal = (X_LOAD(x, at + i) - middle) * inverse;
            const float g = d * WEIGHT(c + i);
            rest += g;
            rest_products = fma(g, normal, rest_products);
            db[c + i] += d;
            dw[c + i] = fma(d, normal, dw[c + i]);
        }
        const float average = AVERAGE(lanes_sum(gradients) + rest);
        const float slope = -inverse * (lanes_sum(products) + rest_products) / (float)ROW;
        for (i = 0; i + W <= ROW; i += W) {
            FETCH(dy + ahead + i);
            FETCH(x + ahead + i);
            const VECTOR g = GET(dy, at + i) * WEIGHTS(c + i);
            const VECTOR v = fma(GET(x, at + i) - middle, (VECTOR)(slope), g - average) * inverse;
            PUT(dx, at + i, FINISH(v, at + i));
        }
        for (; i < ROW; i++) {
            const float g = X_LOAD(dy, at + i) * WEIGHT(c + i);
            const float v = fma(X_LOAD(x, at + i) - middle, slope, g - average) * inverse;
            X_STORE(dx, at + i, FINISH_ONE(v, at + i));
        }
    }
}

#else

static inline void channel_sums(Q_GLOBAL const X_T* dy, Q_GLOBAL const X_T* x, size_t at, float middle, float inverse,
                                Q_GLOBAL float* gradients, Q_GLOBAL float* products) {
    VECTOR sums = 0.0f;
    VECTOR more = 0.0f;
    float rest = 0.0f;
    float rest_products = 0.0f;
    run_products(dy, x, at, at, INNER, middle, &sums, &more, &rest, &rest_products Q_PROLOGUE_DY_ARGUMENTS);
    *gradients = lanes_sum(sums) + rest;
    *products = (lanes_sum(more) + rest_products) * inverse;
}

// What all channels of row r share, from its channels' sums.
#define ROW_SUMS(sample, c)                                       \
    float gradients = 0.0f;                                       \
    float products = 0.0f;                                        \
    for (int i = 0; i < PER_GROUP; i++) {                         \
        gradients += WEIGHT((c) + i) * OF_BIAS(sample)[(c) + i];  \
        products += WEIGHT((c) + i) * OF_WEIGHT(sample)[(c) + i]; \
    }                                                             \
    const float average = AVERAGE(gradients);                     \
    const float slope = -inverse * products / (float)ROW

// dx = inverse * (weight * dy - average + (x - mean) * slope), with the weight drawn out in front.
#define CHANNEL_GRADIENT(at, ahead, w)                                                                                  \
    do {                                                                                                         \
        int i = 0;                                                                                               \
        for (; i + W <= INNER; i += W) {                                                                         \
            FETCH(dy + (ahead) + i);                                                                             \
            FETCH(x + (ahead) + i);                                                                              \
            const VECTOR g = fma(GET(dy, at + i), (VECTOR)(w), (VECTOR)(-average));                              \
            const VECTOR v = fma(GET(x, at + i) - middle, (VECTOR)(slope), g) * inverse;                         \
            PUT(dx, at + i, FINISH(v, at + i));                                                                  \
        }                                                                                                        \
        for (; i < INNER; i++) {                                                                                 \
            const float v = fma(X_LOAD(x, at + i) - middle, slope, fma(X_LOAD(dy, at + i), w, -average)) * inverse; \
            X_STORE(dx, at + i, FINISH_ONE(v, at + i));                                                          \
        }                                                                                                        \
    } while (0)

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void group_norm_backward(OPERANDS, Q_GLOBAL float* Q_RESTRICT partial Q_EPILOGUE_PARAMETERS) {
    const int first = (int)Q_GROUP_ID(0) * PER_ITEM;
    const int end = min(first + PER_ITEM, ROWS);
    for (int r = first; r < end; r++) {
        const int sample = r / GROUPS;
        const int c = r % GROUPS * PER_GROUP;
        const float middle = MEAN(r);
        const float inverse = rstd[r];
        for (int k = 0; k < PER_GROUP; k++) {
            channel_sums(dy, x, (size_t)r * ROW + (size_t)k * INNER, middle, inverse, OF_BIAS(sample) + c + k,
                         OF_WEIGHT(sample) + c + k);
        }
        ROW_SUMS(sample, c);
        for (int k = 0; k < PER_GROUP; k++) {
            const size_t at = (size_t)r * ROW + (size_t)k * INNER;
            const float w = WEIGHT(c + k);
            CHANNEL_GRADIENT(at, (size_t)min(r + 1, end - 1) * ROW + (size_t)k * INNER, w);
        }
    }
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void sums(OPERANDS, Q_GLOBAL float* Q_RESTRICT partial) {
    const int c = (int)Q_GROUP_ID(0);
    const int sample = (int)Q_GROUP_ID(1);
    const int r = sample * GROUPS + c / PER_GROUP;
    channel_sums(dy, x, ((size_t)sample * CHANNELS + c) * INNER, MEAN(r), rstd[r], OF_BIAS(sample) + c, OF_WEIGHT(sample) + c);
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void apply(OPERANDS, Q_GLOBAL const float* Q_RESTRICT partial Q_EPILOGUE_PARAMETERS) {
    const int channel = (int)Q_GROUP_ID(0);
    const int sample = (int)Q_GROUP_ID(1);
    const int r = sample * GROUPS + channel / PER_GROUP;
    const int c = channel / PER_GROUP * PER_GROUP;
    const float middle = MEAN(r);
    const float inverse = rstd[r];
    ROW_SUMS(sample, c);
    const size_t at = ((size_t)sample * CHANNELS + channel) * INNER;
    const float w = WEIGHT(channel);
    CHANNEL_GRADIENT(at, at, w);
}

#endif
