// Purpose: the gradient of group norm with respect to rows of AXIS = PER_GROUP * INNER neighbours; THREADS threads a row.
//
//   row r = sample * GROUPS + group      thread t of a row has chunks t, t + THREADS, … of LANES neighbours (cuda_rows.h)
//   element i of a row belongs to channel r % GROUPS * PER_GROUP + i / INNER
//
// Parameters: those of cuda_rows.h, a chunk lying within one channel or INNER being 1; KEPT 1 if a thread's elements of both rows stay
//   in registers; GROUPS, PER_GROUP, INNER; CENTRED, HAS_WEIGHT, HAS_BIAS 0 or 1; OPERANDS, the problem's operands as parameters;
//   argument rows.
// Requirements: blocks of BLOCK threads; cuda_rows.h and norm_cuda.h in front. The gradients of weight and bias are channel_sums.cu's.
// Adds over group_tree: 16 bytes an access; rows that fit into their threads' registers are read once; threads meet through warp
//   shuffles, for both sums at once. What bounds it is the memory.
// Determinism: each thread's sums run in order, and the tree over the threads is fixed.

#if CENTRED
#define MEAN(r) mean[r]
#else
#define MEAN(r) 0.0f
#endif

Q_KERNEL __launch_bounds__(BLOCK)
void group_norm_backward(OPERANDS, int rows Q_EPILOGUE_PARAMETERS) {
    const int row = (int)blockIdx.x * BLOCK_ROWS + (int)threadIdx.x / THREADS;
    const bool live = row < rows;
    const int own_row = live ? row : 0;
    const size_t first = (size_t)own_row * AXIS;
    const int channel = own_row % GROUPS * PER_GROUP;
    const float middle = MEAN(own_row);
    const float inverse = rstd[own_row];
    float sums[2] = {0.0f, 0.0f};
#if KEPT
    float g[CHUNKS * LANES];
    float d[CHUNKS * LANES];
    row_get(X_TAG, dy + first, live, 0.0f, g);
    row_get(X_TAG, x + first, live, middle, d);
#pragma unroll
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
#if HAS_WEIGHT
        if (live && PLACE(chunk) < AXIS) {
            float weights[LANES];
            of_channels(weights, weight, channel, PLACE(chunk));
#pragma unroll
            for (int i = 0; i < LANES; i++) {
                g[chunk * LANES + i] *= weights[i];
            }
        }
#endif
#pragma unroll
        for (int i = chunk * LANES; i < chunk * LANES + LANES; i++) {
            d[i] -= middle;
            sums[0] += g[i];
            sums[1] += g[i] * d[i];
        }
    }
#else
    float g[LANES];
    float d[LANES];
#if HAS_WEIGHT
#define GET(place)                                                    \
    float weights[LANES];                                             \
    of_channels(weights, weight, channel, place);                     \
    q_get<LANES>(X_TAG, dy + first + (place), g);                     \
    q_get<LANES>(X_TAG, x + first + (place), d);                      \
    _Pragma("unroll") for (int i = 0; i < LANES; i++) {               \
        g[i] *= weights[i];                                           \
        d[i] -= middle;                                               \
    }
#else
#define GET(place)                                                    \
    q_get<LANES>(X_TAG, dy + first + (place), g);                     \
    q_get<LANES>(X_TAG, x + first + (place), d);                      \
    _Pragma("unroll") for (int i = 0; i < LANES; i++) {               \
        d[i] -= middle;                                               \
    }
#endif
    for (int place = PLACE(0); live && place < AXIS; place += THREADS * LANES) {
        GET(place)
#pragma unroll
        for (int i = 0; i < LANES; i++) {
            sums[0] += g[i];
            sums[1] += g[i] * d[i];
        }
    }
#endif
    row_join<q_sum, 2>(sums);
    const float average = CENTRED ? sums[0] / (float)AXIS : 0.0f;
    const float slope = -inverse * inverse * sums[1] / (float)AXIS;
#if KEPT
#pragma unroll
    for (int i = 0; i < CHUNKS * LANES; i++) {
        g[i] = q_epilogue((g[i] - average + d[i] * slope) * inverse, first + PLACE(i / LANES) % AXIS + i % LANES Q_EPILOGUE_ARGUMENTS);
    }
    row_put(X_TAG, dx + first, live, g);
#else
    for (int place = PLACE(0); live && place < AXIS; place += THREADS * LANES) {
        GET(place)
#pragma unroll
        for (int i = 0; i < LANES; i++) {
            g[i] = q_epilogue((g[i] - average + d[i] * slope) * inverse, first + place + i Q_EPILOGUE_ARGUMENTS);
        }
        q_put<LANES>(X_TAG, dx + first + place, g);
    }
#endif
}
