// Purpose: matrix multiplication, c = epilogue(alpha * op(a) * op(b) + beta * d); one block a tile of c, one thread PER_ITEM x PER_ITEM
// sums in squares of four by four.
//
//            columns: 4 a thread, 16 threads, and for PER_ITEM 8 the same again 64 further on
//          +--------+--------+
//     rows |  tile of c      |     a warp has 4 x 8 threads: of one element i it reads 16 rows of a and 32 columns of b,
//          |                 |     both as fours, from shared memory
//          +--------+--------+
//     tile_a[buffer][i][row], tile_b[buffer][i][column]      while one pair of buffers is multiplied, the next DEPTH elements of k
//                                                            are on their way through registers into the other
//
// Parameters: those of gemm_operands.cl and gemm_cuda_tiles.h; PER_ITEM 4 or 8; DEPTH 8, 16 or 32, how much of k is in shared memory
//   at a time (PER_ITEM * DEPTH at least 64, at most 128); SPLIT 1: sums over a part of k, `depth_of_slice` long, a multiple of
//   DEPTH, go to partial[slice] instead of c.
// Requirements: blocks of 256 threads; 4 * DEPTH * 16 * PER_ITEM floats of shared memory: 16 or 32 KiB.
// Adds over register_tiled: fours instead of single elements, from memory to shared memory, on to registers and to c; an 8 x 8
//   square does 64 multiply-adds on four loads of 16 bytes; loads of the next step fly while this one is multiplied, and there is
//   one barrier a step instead of two. Two blocks of 256 threads on a multiprocessor need at most 128 registers a thread, which
//   __launch_bounds__ tells the compiler: 16 warps that each have 64 independent multiply-adds hide shared memory's latency.
//   An operand whose neighbours lie along k is turned as it is stored: its fours of rows are moved by i / 4 steps of
//   128 / DEPTH, so that the lanes of a warp, some of which differ in i and some in the row, store to 32 different banks.
// Determinism: each sum runs in the order of i in one thread.

#define TILE (16 * PER_ITEM)
#define SQUARES (PER_ITEM / 4)
#define FOURS (DEPTH * TILE / 4 / 256)
#define MOVED(i) ((i) / 4 * (128 / DEPTH))
#define MOVED_A(i) (TRANSPOSE_A ? 0 : MOVED(i))
#define MOVED_B(i) (TRANSPOSE_B ? MOVED(i) : 0)

// The places of a thread's four number `number` in a tile: along the rows (or columns) of the tile where these are neighbours in
// memory, else along k.
#define FOUR(number) ((int)threadIdx.x + (number) * 256)
#define I_ACROSS(number) (FOUR(number) / (TILE / 4))
#define AT_ACROSS(number) (FOUR(number) % (TILE / 4) * 4)
#define I_ALONG(number) (FOUR(number) % (DEPTH / 4) * 4)
#define AT_ALONG(number) (FOUR(number) / (DEPTH / 4))

Q_DEVICE void keep_across(float (*tile)[TILE], int i, int at, const float* four) {
    *(float4*)&tile[i][at] = make_float4(four[0], four[1], four[2], four[3]);
}
Q_DEVICE void keep_along(float (*tile)[TILE], int i, int at, const float* four) {
#pragma unroll
    for (int j = 0; j < 4; j++) {
        tile[i + j][at ^ MOVED(i)] = four[j];
    }
}
Q_DEVICE void take(float* four, const float* place) {
    const float4 all = *(const float4*)place;
    four[0] = all.x, four[1] = all.y, four[2] = all.z, four[3] = all.w;
}

// What two fours of each operand on their way need besides 64 sums is more than 128 registers: such a block has a multiprocessor's
// registers for itself.
#define BLOCKS (PER_ITEM == 8 && DEPTH > 8 ? 1 : 2)

Q_KERNEL __launch_bounds__(256, BLOCKS)
void gemm_register_tiled_cuda(IN_PARAMETERS,
#if SPLIT
                              float* Q_RESTRICT partial, int slices, int depth_of_slice
#else
                              OUT_PARAMETERS
#endif
                              Q_PROLOGUE_A_PARAMETERS Q_PROLOGUE_B_PARAMETERS) {
    __shared__ __align__(16) float tile_a[2][DEPTH][TILE];
    __shared__ __align__(16) float tile_b[2][DEPTH][TILE];
    const int lane = (int)threadIdx.x % 32;
    const int warp = (int)threadIdx.x / 32;
    const int x = (warp % 2 * 8 + lane % 8) * 4;
    const int y = (warp / 2 * 4 + lane / 8) * 4;
    const int first_column = (int)blockIdx.x * TILE;
    const int first_row = (int)blockIdx.y * TILE;
#if SPLIT
    const int slice = (int)blockIdx.z % slices;
    const int product = (int)blockIdx.z / slices;
    const int begin = slice * depth_of_slice;
    const int end = Q_IMIN(begin + depth_of_slice, k);
#else
    const int product = (int)blockIdx.z;
    const int begin = 0;
    const int end = k;
#endif

    float next_a[FOURS][4];
    float next_b[FOURS][4];
#define FETCH(start)                                                                                                       \
    _Pragma("unroll") for (int f = 0; f < FOURS; f++) {                                                                    \
        fetch_a(next_a[f], a, offset_a, ld_a, stride_a, m, k, end, product,                                                \
                first_row + (TRANSPOSE_A ? AT_ACROSS(f) : AT_ALONG(f)), (start) + (TRANSPOSE_A ? I_ACROSS(f) : I_ALONG(f)) \
                Q_PROLOGUE_A_ARGUMENTS);                                                                                   \
        fetch_b(next_b[f], b, offset_b, ld_b, stride_b, n, k, end, product, (start) + (TRANSPOSE_B ? I_ALONG(f) : I_ACROSS(f)), \
                first_column + (TRANSPOSE_B ? AT_ALONG(f) : AT_ACROSS(f)) Q_PROLOGUE_B_ARGUMENTS);                         \
    }
#define KEEP(buffer)                                                           \
    _Pragma("unroll") for (int f = 0; f < FOURS; f++) {                        \
        if (TRANSPOSE_A) {                                                     \
            keep_across(tile_a[buffer], I_ACROSS(f), AT_ACROSS(f), next_a[f]); \
        } else {                                                               \
            keep_along(tile_a[buffer], I_ALONG(f), AT_ALONG(f), next_a[f]);    \
        }                                                                      \
        if (TRANSPOSE_B) {                                                     \
            keep_along(tile_b[buffer], I_ALONG(f), AT_ALONG(f), next_b[f]);    \
        } else {                                                               \
            keep_across(tile_b[buffer], I_ACROSS(f), AT_ACROSS(f), next_b[f]); \
        }                                                                      \
    }

    float sums[PER_ITEM][PER_ITEM];
#pragma unroll
    for (int r = 0; r < PER_ITEM; r++) {
#pragma unroll
        for (int s = 0; s < PER_ITEM; s++) {
            sums[r][s] = 0.0f;
        }
    }
    FETCH(begin)
    KEEP(0)
    __syncthreads();
    for (int start = begin; start < end; start += DEPTH) {
        const bool more = start + DEPTH < end;
        const int buffer = (start - begin) / DEPTH % 2;
        if (more) {
            FETCH(start + DEPTH)
        }
#pragma unroll
        for (int i = 0; i < DEPTH; i++) {
            float from_a[PER_ITEM];
            float from_b[PER_ITEM];
#pragma unroll
            for (int q = 0; q < SQUARES; q++) {
                take(from_a + 4 * q, &tile_a[buffer][i][(y ^ MOVED_A(i)) + 64 * q]);
                take(from_b + 4 * q, &tile_b[buffer][i][(x ^ MOVED_B(i)) + 64 * q]);
            }
#pragma unroll
            for (int r = 0; r < PER_ITEM; r++) {
#pragma unroll
                for (int s = 0; s < PER_ITEM; s++) {
                    sums[r][s] = Q_FMA(from_a[r], from_b[s], sums[r][s]);
                }
            }
        }
        // Whoever reads the other pair of buffers did so before the last barrier.
        if (more) {
            KEEP(buffer ^ 1)
        }
        __syncthreads();
    }
#pragma unroll
    for (int r = 0; r < PER_ITEM; r++) {
        const int row = first_row + y + r / 4 * 64 + r % 4;
        if (row < m) {
#pragma unroll
            for (int q = 0; q < SQUARES; q++) {
                const int column = first_column + x + 64 * q;
#if SPLIT
#pragma unroll
                for (int j = 0; j < 4; j++) {
                    if (column + j < n) {
                        partial[((size_t)blockIdx.z * m + row) * n + column + j] = sums[r][4 * q + j];
                    }
                }
#else
                finish_four(sums[r] + 4 * q, product, row, column, m, n, OUT_ARGUMENTS);
#endif
            }
        }
    }
}
