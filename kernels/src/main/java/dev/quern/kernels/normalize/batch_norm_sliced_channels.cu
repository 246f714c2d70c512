// Purpose: batch norm in training of [batch, CHANNELS, INNER] in three steps: mean and variance of parts of channels, of channels, and
// the result.
//
//   INNER > 1     block (c, slice): channel c of samples slice * of_slice …; its threads share the chunks of these planes
//   INNER = 1     block (tile, slice): 32 chunks of LANES channels, 8 rows of threads that share the samples of the slice
//
//   partial[slice][0 and 1][channel]: the slice's mean less the channel's first element, and its sum of squares about the mean
//
// Parameters: those of cuda_rows.h with THREADS = BLOCK = 256, a chunk lying within a channel or INNER being 1; CHANNELS, INNER, COUNT
//   elements of a channel; EPSILON, MOMENTUM; RUNNING, HAS_WEIGHT, HAS_BIAS 0 or 1; OPERANDS, the problem's operands as parameters;
//   arguments batch, of_slice, slices.
// Requirements: blocks of 256 threads; norm_cuda.h in front.
// Adds over group_tree: blocks enough for the whole device however few channels there are; two reads instead of three, of 16 bytes an
//   access; where channels are neighbours, threads read neighbours instead of elements a row apart.
// Determinism: each thread's sums run in order, threads and slices are joined in a fixed order.

Q_DEVICE void join_two(float* count, float* average, float* squares, float more, float its_average, float its_squares) {
    const float both = *count + more;
    const float apart = its_average - *average;
    const float share = both > 0.0f ? more / both : 0.0f;
    *average += apart * share;
    *squares += its_squares + apart * apart * *count * share;
    *count = both;
}

Q_KERNEL __launch_bounds__(256)
void batch_norm_parts(const X_T* Q_RESTRICT x, float* Q_RESTRICT partial, int batch, int of_slice) {
    const int begin = (int)blockIdx.y * of_slice;
    const int end = Q_IMIN(begin + of_slice, batch);
    float* part = partial + (size_t)blockIdx.y * 2 * CHANNELS;
    float v[LANES];
#if INNER > 1
    const int c = (int)blockIdx.x;
    moments own = no_moments();
#pragma unroll 2
    for (int chunk = (int)threadIdx.x; chunk < (end - begin) * (INNER / LANES); chunk += 256) {
        const int b = begin + chunk / (INNER / LANES);
        q_get<LANES>(X_TAG, x + ((size_t)b * CHANNELS + c) * INNER + chunk % (INNER / LANES) * LANES, v);
        add_moments<LANES>(&own, v);
    }
    const joined_moments all = join_moments(own, X_LOAD(x, (size_t)c * INNER), (float)(end - begin) * (float)INNER);
    if (threadIdx.x == 0) {
        part[c] = all.mean;
        part[CHANNELS + c] = all.squares;
    }
#else
    __shared__ float of_rows[3][8][32 * LANES];
    const int column = (int)threadIdx.x % 32 * LANES;
    const int own_row = (int)threadIdx.x / 32;
    const int c = (int)blockIdx.x * 32 * LANES + column;
    moments own[LANES];
#pragma unroll
    for (int i = 0; i < LANES; i++) {
        own[i] = no_moments();
    }
#pragma unroll 4
    for (int b = begin + own_row; c < CHANNELS && b < end; b += 8) {
        q_get<LANES>(X_TAG, x + (size_t)b * CHANNELS + c, v);
#pragma unroll
        for (int i = 0; i < LANES; i++) {
            add_moments<1>(&own[i], v + i);
        }
    }
#pragma unroll
    for (int i = 0; i < LANES; i++) {
        const float average = own[i].count > 0.0f ? own[i].sum / own[i].count : 0.0f;
        const float shift = c < CHANNELS ? X_LOAD(x, c + i) : 0.0f;
        of_rows[0][own_row][column + i] = own[i].count;
        of_rows[1][own_row][column + i] = own[i].origin - shift + average;
        of_rows[2][own_row][column + i] = own[i].squares - own[i].sum * average;
    }
    __syncthreads();
    for (int place = (int)threadIdx.x; place < 32 * LANES; place += 256) {
        const int channel = (int)blockIdx.x * 32 * LANES + place;
        float count = 0.0f;
        float average = 0.0f;
        float squares = 0.0f;
#pragma unroll
        for (int r = 0; r < 8; r++) {
            join_two(&count, &average, &squares, of_rows[0][r][place], of_rows[1][r][place], of_rows[2][r][place]);
        }
        if (channel < CHANNELS) {
            part[channel] = average;
            part[CHANNELS + channel] = squares;
        }
    }
#endif
}

// One thread a channel.
Q_KERNEL __launch_bounds__(256)
void batch_norm_channels(OPERANDS, const float* Q_RESTRICT partial, int batch, int of_slice, int slices) {
    const int c = (int)blockIdx.x * 256 + (int)threadIdx.x;
    if (c >= CHANNELS) {
        return;
    }
    float count = 0.0f;
    float average = 0.0f;
    float squares = 0.0f;
    for (int slice = 0; slice < slices; slice++) {
        const float* part = partial + (size_t)slice * 2 * CHANNELS;
        const float samples = (float)(Q_IMIN((slice + 1) * of_slice, batch) - slice * of_slice);
        join_two(&count, &average, &squares, samples * (float)INNER, part[c], part[CHANNELS + c]);
    }
    const float whole = X_LOAD(x, (size_t)c * INNER) + average;
    mean[c] = whole;
    rstd[c] = Q_RSQRT(squares / (float)COUNT + EPSILON);
#if RUNNING
    new_running_mean[c] = running_mean[c] + MOMENTUM * (whole - running_mean[c]);
    new_running_var[c] = running_var[c] + MOMENTUM * (squares / (float)(COUNT - 1) - running_var[c]);
#endif
}

// One chunk a thread.
Q_KERNEL __launch_bounds__(256)
void batch_norm_apply(OPERANDS, int batch Q_EPILOGUE_PARAMETERS) {
    const size_t at = ((size_t)blockIdx.x * 256 + threadIdx.x) * LANES;
    if (at >= (size_t)batch * CHANNELS * INNER) {
        return;
    }
    const int within = (int)(at % ((size_t)CHANNELS * INNER));
    float v[LANES];
    float centres[LANES];
    float inverses[LANES];
    float weights[LANES];
    float biases[LANES];
    q_get<LANES>(X_TAG, x + at, v);
    of_channels(centres, mean, 0, within);
    of_channels(inverses, rstd, 0, within);
    affine(weights, biases, 0, within AFFINE);
#pragma unroll
    for (int i = 0; i < LANES; i++) {
        v[i] = q_epilogue((v[i] - centres[i]) * (inverses[i] * weights[i]) + biases[i], at + i Q_EPILOGUE_ARGUMENTS);
    }
    q_put<LANES>(X_TAG, y + at, v);
}
