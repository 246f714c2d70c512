// Purpose: group norm of rows of AXIS = PER_GROUP * INNER neighbours; THREADS threads a row.
//
//   row r = sample * GROUPS + group      thread t of a row has chunks t, t + THREADS, … of LANES neighbours (cuda_rows.h)
//   element i of a row belongs to channel r % GROUPS * PER_GROUP + i / INNER
//
// Parameters: those of cuda_rows.h, a chunk lying within one channel or INNER being 1; KEPT 1 if a thread's elements stay in
//   registers; GROUPS, PER_GROUP, INNER; EPSILON; CENTRED 0 or 1; HAS_WEIGHT, HAS_BIAS 0 or 1; OPERANDS, the problem's operands as
//   parameters; argument rows.
// Requirements: blocks of BLOCK threads; cuda_rows.h and norm_cuda.h in front.
// Adds over group_tree: 16 bytes an access; a row that fits into its threads' registers is read once, a longer one twice; threads meet
//   through warp shuffles. What bounds it is the memory: up to 32 elements of a thread stay in registers.
// Determinism: each thread's sums run in order, and the tree over the threads is fixed.

Q_KERNEL __launch_bounds__(BLOCK)
void group_norm(OPERANDS, int rows Q_EPILOGUE_PARAMETERS) {
    const int row = (int)blockIdx.x * BLOCK_ROWS + (int)threadIdx.x / THREADS;
    const bool live = row < rows;
    const size_t first = (size_t)(live ? row : 0) * AXIS;
    const int channel = (live ? row : 0) % GROUPS * PER_GROUP;
    // Distances from one of the row's own elements keep their digits where the mean is large.
    const float shift = CENTRED ? X_LOAD(x, first) : 0.0f;
#if KEPT
    float v[CHUNKS * LANES];
    row_get(X_TAG, x + first, live, shift, v);
    float sum = 0.0f;
#pragma unroll
    for (int i = 0; i < CHUNKS * LANES; i++) {
        v[i] -= shift;
        sum += v[i];
    }
    const float centre = CENTRED ? row_sum(sum) / (float)AXIS : 0.0f;
    float squares = 0.0f;
#pragma unroll
    for (int i = 0; i < CHUNKS * LANES; i++) {
        v[i] -= centre;
        squares += PLACE(i / LANES) < AXIS ? v[i] * v[i] : 0.0f;
    }
    squares = row_sum(squares);
#else
    moments own = no_moments();
    for (int place = PLACE(0); live && place < AXIS; place += THREADS * LANES) {
        float v[LANES];
        q_get<LANES>(X_TAG, x + first + place, v);
        add_moments<LANES>(&own, v);
    }
    const joined_moments all = join_moments(own, shift, (float)AXIS);
    const float centre = CENTRED ? all.mean : 0.0f;
    const float squares = CENTRED ? all.squares : all.squares + (float)AXIS * all.mean * all.mean;
#endif
    const float inverse = Q_RSQRT(squares / (float)AXIS + EPSILON);
    if (live && ROW_THREAD == 0) {
#if CENTRED
        mean[row] = shift + centre;
#endif
        rstd[row] = inverse;
    }
#define FINISH(centred, place)                                                                                                 \
    float weights[LANES];                                                                                                      \
    float biases[LANES];                                                                                                       \
    affine(weights, biases, channel, place AFFINE);                                                                            \
    _Pragma("unroll") for (int i = 0; i < LANES; i++) {                                                                        \
        (centred)[i] = q_epilogue((centred)[i] * inverse * weights[i] + biases[i], first + (place) + i Q_EPILOGUE_ARGUMENTS);  \
    }                                                                                                                          \
    q_put<LANES>(X_TAG, y + first + (place), centred);
#if KEPT
#pragma unroll
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
        if (live && PLACE(chunk) < AXIS) {
            FINISH(v + chunk * LANES, PLACE(chunk))
        }
    }
#else
    for (int place = PLACE(0); live && place < AXIS; place += THREADS * LANES) {
        float v[LANES];
        q_get<LANES>(X_TAG, x + first + place, v);
#pragma unroll
        for (int i = 0; i < LANES; i++) {
            v[i] = v[i] - shift - centre;
        }
        FINISH(v, place)
    }
#endif
}
