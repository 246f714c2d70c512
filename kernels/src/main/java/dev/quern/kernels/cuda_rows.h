// Purpose: how threads of a block share rows of a tensor in CUDA: THREADS of them a row, each with chunks of neighbouring elements, and
// sums and maxima over them.
//
//   row r of AXIS elements      thread t of its THREADS has chunks t, t + THREADS, t + 2 THREADS, … of LANES elements
//   block                       BLOCK / THREADS rows, one behind the other
//
// Parameters: AXIS; THREADS a power of two up to 1024, BLOCK a multiple of it and of 32; LANES, elements of a chunk, a divisor of AXIS;
//   CHUNKS, how many a thread has at most.
// Requirements: chunks.h in front; blocks of BLOCK threads; all threads of a block come to each sum and maximum.
// Adds over group_tree.cl: lanes of a warp exchange values in registers, so that a row of up to 32 threads needs no shared memory and
//   no barrier, and a longer one two barriers instead of one a step of the tree.
// Determinism: the tree is fixed, and every thread of a row gets the same bits: each step adds the same two numbers in all lanes.

#define ROW_THREAD ((int)threadIdx.x % THREADS)
#define BLOCK_ROWS (BLOCK / THREADS)
#define ROW_WARPS (THREADS / 32)
#define WARP_SPAN (THREADS < 32 ? THREADS : 32)
#define PLACE(chunk) (((chunk) * THREADS + ROW_THREAD) * LANES)

struct q_sum {
    static __device__ __forceinline__ float of(float a, float b) { return a + b; }
};
struct q_max {
    static __device__ __forceinline__ float of(float a, float b) { return Q_MAX(a, b); }
};

// Joins N values over the threads of a row. The results are the same in all of them, and the memory may be used again at once.
template <class Op, int N> Q_DEVICE void row_join(float* values) {
#pragma unroll
    for (int lanes = WARP_SPAN / 2; lanes > 0; lanes /= 2) {
#pragma unroll
        for (int j = 0; j < N; j++) {
            values[j] = Op::of(values[j], Q_SHUFFLE_XOR(values[j], lanes));
        }
    }
#if THREADS > 32
    __shared__ float q_of_warps[N][BLOCK / 32];
    const int warp = (int)threadIdx.x / 32;
    const int lane = (int)threadIdx.x % 32;
    if (lane == 0) {
#pragma unroll
        for (int j = 0; j < N; j++) {
            q_of_warps[j][warp] = values[j];
        }
    }
    __syncthreads();
#pragma unroll
    for (int j = 0; j < N; j++) {
        values[j] = q_of_warps[j][warp / ROW_WARPS * ROW_WARPS + lane % ROW_WARPS];
    }
    __syncthreads();
#pragma unroll
    for (int lanes = ROW_WARPS / 2; lanes > 0; lanes /= 2) {
#pragma unroll
        for (int j = 0; j < N; j++) {
            values[j] = Op::of(values[j], Q_SHUFFLE_XOR(values[j], lanes));
        }
    }
#endif
}
Q_DEVICE float row_sum(float value) {
    row_join<q_sum, 1>(&value);
    return value;
}
Q_DEVICE float row_max(float value) {
    row_join<q_max, 1>(&value);
    return value;
}

// A thread's elements of a row that is read once and stays in registers: v[chunk * LANES + lane]. What lies past the row, or all of a
// row that is not there, is `fill`.
template <class Tag, class T> Q_DEVICE void row_get(Tag tag, const T* row, bool live, float fill, float* v) {
#pragma unroll
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
        if (live && PLACE(chunk) < AXIS) {
            q_get<LANES>(tag, row + PLACE(chunk), v + chunk * LANES);
        } else {
#pragma unroll
            for (int lane = 0; lane < LANES; lane++) {
                v[chunk * LANES + lane] = fill;
            }
        }
    }
}
template <class Tag, class T> Q_DEVICE void row_put(Tag tag, T* row, bool live, const float* v) {
#pragma unroll
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
        if (live && PLACE(chunk) < AXIS) {
            q_put<LANES>(tag, row + PLACE(chunk), v + chunk * LANES);
        }
    }
}
