// Purpose: a reduction over axes.
//
//   INNER_REDUCED 1     THREADS threads an output and a part of its terms; thread t has chunks t, t + THREADS, … of LANES neighbours
//   INNER_REDUCED 0     COLUMNS x (256 / COLUMNS) threads for COLUMNS chunks of LANES neighbouring outputs and a part of their terms:
//                       each thread walks along every (256 / COLUMNS)th term of a chunk of outputs
//
//   grid z is the tensor; results go to its y, or with PARTS > 1 to partial[tensor][part][output], which reduce_combine.cl's kernel joins
//
// Parameters: X_PARAMETERS, X_OF, Y_PARAMETERS, Y_OF and BEFORE with what it takes, of the tensors; those of cuda_rows.h, for INNER_REDUCED 0 with THREADS = BLOCK = 256; INNER, the innermost extent, a multiple of LANES;
//   TERMS of an output; PARTS; COLUMNS, a power of two up to 32; OUTPUT_AT, KEPT_AT, RUN_AT and TERM_AT, macros that turn numbers of
//   outputs, kept rows, runs and terms into places in x; TERM, COMBINE, NEUTRAL, FINISH, macros of the operation; arguments outputs,
//   per_part, a multiple of LANES.
// Requirements: blocks of BLOCK threads; cuda_rows.h in front.
// Adds over group_tree and split_terms: 16 bytes an access, several accesses of a thread on their way at once, and threads that meet
//   through warp shuffles; outputs of few terms share a warp, and what fits one launch is one. What bounds it is the memory.
// Determinism: each lane's terms are joined in order, then lanes, threads and parts in a fixed tree.

struct q_combine {
    static __device__ __forceinline__ float of(float a, float b) { return COMBINE(a, b); }
};

#if PARTS > 1
#define TO_PARAMETERS float* Q_RESTRICT partial
#define PUT(o, value) partial[((size_t)m * PARTS + blockIdx.y) * outputs + (o)] = (value)
#else
#define TO_PARAMETERS Y_PARAMETERS(X_T)
#define PUT(o, value) X_STORE(Y_OF(m), o, FINISH(value, o))
#endif

Q_DEVICE void add_chunk(float* values, int m, const X_T* x, size_t at BEFORE_PARAMETERS) {
    float v[LANES];
    q_get<LANES>(X_TAG, x + at, v);
#pragma unroll
    for (int i = 0; i < LANES; i++) {
        const float element = BEFORE(m, v[i], at + i);
        const float next = TERM(element);
        values[i] = COMBINE(values[i], next);
    }
}

Q_KERNEL __launch_bounds__(BLOCK)
void reduce(X_PARAMETERS, TO_PARAMETERS, int outputs, int per_part Q_EPILOGUE_PARAMETERS BEFORE_PARAMETERS) {
    const int m = (int)blockIdx.z;
    const X_T* x = X_OF(m);
    const int begin = (int)blockIdx.y * per_part;
    const int end = Q_IMIN(begin + per_part, TERMS);
    float values[LANES];
#pragma unroll
    for (int i = 0; i < LANES; i++) {
        values[i] = NEUTRAL;
    }
#if INNER_REDUCED
    const int o = (int)blockIdx.x * BLOCK_ROWS + (int)threadIdx.x / THREADS;
    const bool live = o < outputs;
    const size_t at = OUTPUT_AT(live ? o : 0);
#pragma unroll 4
    for (int s = begin + ROW_THREAD * LANES; live && s < end; s += THREADS * LANES) {
        add_chunk(values, m, x, at + TERM_AT(s) BEFORE_ARGUMENTS);
    }
#pragma unroll
    for (int i = 1; i < LANES; i++) {
        values[0] = COMBINE(values[0], values[i]);
    }
    row_join<q_combine, 1>(values);
    if (live && ROW_THREAD == 0) {
        PUT(o, values[0]);
    }
#else
    __shared__ float of_rows[256 / COLUMNS][COLUMNS * LANES];
    const int tiles = (INNER / LANES + COLUMNS - 1) / COLUMNS;
    const int own_row = (int)threadIdx.x / COLUMNS;
    const int column = (int)threadIdx.x % COLUMNS * LANES;
    const int kept = (int)blockIdx.x / tiles;
    const int first = (int)blockIdx.x % tiles * COLUMNS * LANES;
    const size_t at = KEPT_AT(kept) + first + column;
#pragma unroll 4
    for (int s = begin + own_row; first + column < INNER && s < end; s += 256 / COLUMNS) {
        add_chunk(values, m, x, at + RUN_AT(s) BEFORE_ARGUMENTS);
    }
    q_put<LANES>(q_f32(), &of_rows[own_row][column], values);
    __syncthreads();
#pragma unroll
    for (int rows = 128 / COLUMNS; rows > 0; rows /= 2) {
        for (int each = (int)threadIdx.x; each < rows * COLUMNS * LANES; each += 256) {
            float* place = &of_rows[each / (COLUMNS * LANES)][each % (COLUMNS * LANES)];
            const float other = place[rows * COLUMNS * LANES];
            const float own = place[0];
            place[0] = COMBINE(own, other);
        }
        __syncthreads();
    }
    for (int place = (int)threadIdx.x; place < COLUMNS * LANES; place += 256) {
        if (first + place < INNER) {
            const float value = of_rows[0][place];
            PUT(kept * INNER + first + place, value);
        }
    }
#endif
}
