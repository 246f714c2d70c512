// Purpose: the sums over batch and inner that the gradients of normalisation need for each channel of [batch, CHANNELS, INNER]:
// of dy, and of dy times the distance of x from its mean; for group norm that distance is divided by the deviation.
//
//   INNER > 1     block (c, slice): channel c of samples slice * of_slice …; its threads share the chunks of these planes
//   INNER = 1     block (tile, slice): 32 chunks of LANES channels, 8 rows of threads that share the samples of the slice
//
//   partial[slice][0 and 1][channel], which channel_totals adds up in order
//
// Parameters: those of cuda_rows.h with THREADS = BLOCK = 256, a chunk lying within a channel or INNER being 1; CHANNELS, INNER; BATCH 1
//   for batch norm, whose means are [CHANNELS], 0 for group norm, whose means are [batch, GROUPS]; PER_GROUP; CENTRED; HAS_WEIGHT,
//   HAS_BIAS; OPERANDS, the problem's operands as parameters; COUNT elements of a channel; arguments batch, of_slice, slices.
// Requirements: blocks of 256 threads; norm_cuda.h in front.
// Adds over group_tree: blocks enough for the whole device however few channels there are; where channels are neighbours, threads read
//   neighbours instead of elements a row apart; 16 bytes an access.
// Determinism: each thread's sums run in order, threads and slices are joined in a fixed order.

#if BATCH
#define NORMAL(b, c, value) ((value) - mean[c])
#elif CENTRED
#define NORMAL(b, c, value) (((value) - mean[(b) * GROUPS + (c) / PER_GROUP]) * rstd[(b) * GROUPS + (c) / PER_GROUP])
#else
#define NORMAL(b, c, value) ((value) * rstd[(b) * GROUPS + (c) / PER_GROUP])
#endif

Q_KERNEL __launch_bounds__(256)
void channel_sums(OPERANDS, float* Q_RESTRICT partial, int batch, int of_slice Q_PROLOGUE_DY_PARAMETERS) {
    const int begin = (int)blockIdx.y * of_slice;
    const int end = Q_IMIN(begin + of_slice, batch);
    float* sums_of_slice = partial + (size_t)blockIdx.y * 2 * CHANNELS;
    float g[LANES];
    float v[LANES];
#if INNER > 1
    const int c = (int)blockIdx.x;
    float sums[2] = {0.0f, 0.0f};
#pragma unroll 2
    for (int chunk = (int)threadIdx.x; chunk < (end - begin) * (INNER / LANES); chunk += 256) {
        const int b = begin + chunk / (INNER / LANES);
        const size_t at = ((size_t)b * CHANNELS + c) * INNER + chunk % (INNER / LANES) * LANES;
        q_get<LANES>(X_TAG, dy + at, g);
        q_get<LANES>(X_TAG, x + at, v);
#pragma unroll
        for (int i = 0; i < LANES; i++) {
            g[i] = q_prologue_dy(g[i], at + i Q_PROLOGUE_DY_ARGUMENTS);
            sums[0] += g[i];
            sums[1] += g[i] * NORMAL(b, c, v[i]);
        }
    }
    row_join<q_sum, 2>(sums);
    if (threadIdx.x == 0) {
        sums_of_slice[c] = sums[0];
        sums_of_slice[CHANNELS + c] = sums[1];
    }
#else
    __shared__ float of_rows[2][8][32 * LANES];
    const int column = (int)threadIdx.x % 32 * LANES;
    const int own_row = (int)threadIdx.x / 32;
    const int c = (int)blockIdx.x * 32 * LANES + column;
    float sums[2][LANES];
#pragma unroll
    for (int i = 0; i < LANES; i++) {
        sums[0][i] = 0.0f;
        sums[1][i] = 0.0f;
    }
#pragma unroll 4
    for (int b = begin + own_row; c < CHANNELS && b < end; b += 8) {
        const size_t at = (size_t)b * CHANNELS + c;
        q_get<LANES>(X_TAG, dy + at, g);
        q_get<LANES>(X_TAG, x + at, v);
#pragma unroll
        for (int i = 0; i < LANES; i++) {
            g[i] = q_prologue_dy(g[i], at + i Q_PROLOGUE_DY_ARGUMENTS);
            sums[0][i] += g[i];
            sums[1][i] += g[i] * NORMAL(b, c + i, v[i]);
        }
    }
#pragma unroll
    for (int which = 0; which < 2; which++) {
        q_put<LANES>(q_f32(), &of_rows[which][own_row][column], sums[which]);
    }
    __syncthreads();
    for (int each = (int)threadIdx.x; each < 2 * 32 * LANES; each += 256) {
        const int which = each / (32 * LANES);
        const int place = each % (32 * LANES);
        const int channel = (int)blockIdx.x * 32 * LANES + place;
        float sum = 0.0f;
#pragma unroll
        for (int r = 0; r < 8; r++) {
            sum += of_rows[which][r][place];
        }
        if (channel < CHANNELS) {
            sums_of_slice[which * CHANNELS + channel] = sum;
        }
    }
#endif
}

// One thread a channel. For batch norm totals[0] and totals[1] are what each element's gradient takes from them: the average of dy, and
// the factor of the distance from the mean.
Q_KERNEL __launch_bounds__(256)
void channel_totals(OPERANDS, const float* Q_RESTRICT partial, float* Q_RESTRICT totals, int slices) {
    const int c = (int)blockIdx.x * 256 + (int)threadIdx.x;
    if (c >= CHANNELS) {
        return;
    }
    float gradients = 0.0f;
    float products = 0.0f;
    for (int slice = 0; slice < slices; slice++) {
        gradients += partial[(size_t)slice * 2 * CHANNELS + c];
        products += partial[(size_t)slice * 2 * CHANNELS + CHANNELS + c];
    }
#if BATCH
    const float inverse = rstd[c];
    totals[c] = gradients / (float)COUNT;
    totals[CHANNELS + c] = -inverse * inverse * products / (float)COUNT;
    products *= inverse;
#endif
#if HAS_WEIGHT
    dweight[c] = products;
#endif
#if HAS_BIAS
    dbias[c] = gradients;
#endif
}
