// Purpose: matrix multiplication, c = epilogue(alpha * op(a) * op(b) + beta * d); one block a tile of c, one thread four neighbouring
// columns.
//
//            64 columns, 4 a thread
//          +--------------------+
//  16 rows | tile of c          |     along k, 16 at a time:  tile_a[buffer][i][row]  and  tile_b[buffer][i][column]  in shared
//          +--------------------+     memory, in two pairs of buffers that take turns
//
// Parameters: those of gemm_operands.cl and gemm_cuda_tiles.h.
// Requirements: blocks of 256 threads; 10.5 KiB of shared memory.
// Adds over tiled: b and c move in fours of neighbours, and one barrier a step instead of two: while one pair of buffers is
//   multiplied, the next step is loaded into the other. Small products have more blocks than with the square tiles of
//   register_tiled_cuda.
// Determinism: each sum runs in the order of i in one thread.

#define DEPTH 16
#define ROWS 16
#define COLUMNS 64

Q_KERNEL __launch_bounds__(256)
void gemm_tiled_cuda(IN_PARAMETERS, OUT_PARAMETERS Q_PROLOGUE_A_PARAMETERS Q_PROLOGUE_B_PARAMETERS) {
    // One more than needed: threads that store different i, or read different rows, fall on different banks.
    __shared__ float tile_a[2][DEPTH][ROWS + 1];
    __shared__ __align__(16) float tile_b[2][DEPTH][COLUMNS + 4];
    const int item = (int)threadIdx.x;
    const int x = item % 16 * 4;
    const int y = item / 16;
    const int first_column = (int)blockIdx.x * COLUMNS;
    const int first_row = (int)blockIdx.y * ROWS;
    const size_t product = blockIdx.z;
    const int row_a = first_row + (TRANSPOSE_A ? item % ROWS : item / DEPTH);
    const int i_a = TRANSPOSE_A ? item / ROWS : item % DEPTH;
    const int column_b = TRANSPOSE_B ? item / (DEPTH / 4) : item % (COLUMNS / 4) * 4;
    const int i_b = TRANSPOSE_B ? item % (DEPTH / 4) * 4 : item / (COLUMNS / 4);

    float next_a;
    float next_b[4];
#define FETCH(start)                                                                                             \
    next_a = row_a < m && (start) + i_a < k ? LOAD_A(product, row_a, (start) + i_a) : 0.0f;                      \
    fetch_b(next_b, b, offset_b, ld_b, stride_b, n, k, k, product, (start) + i_b, first_column + column_b Q_PROLOGUE_B_ARGUMENTS);
#define KEEP(buffer)                                                                                             \
    tile_a[buffer][i_a][row_a - first_row] = next_a;                                                             \
    _Pragma("unroll") for (int j = 0; j < 4; j++) {                                                              \
        if (TRANSPOSE_B) {                                                                                       \
            tile_b[buffer][i_b + j][column_b] = next_b[j];                                                       \
        } else {                                                                                                 \
            tile_b[buffer][i_b][column_b + j] = next_b[j];                                                       \
        }                                                                                                        \
    }

    float sums[4] = {0.0f, 0.0f, 0.0f, 0.0f};
    FETCH(0)
    KEEP(0)
    __syncthreads();
    int buffer = 0;
    for (int start = 0; start < k; start += DEPTH) {
        const bool more = start + DEPTH < k;
        if (more) {
            FETCH(start + DEPTH)
        }
#pragma unroll
        for (int i = 0; i < DEPTH; i++) {
            const float from_a = tile_a[buffer][i][y];
            const float4 from_b = *(const float4*)&tile_b[buffer][i][x];
            sums[0] = Q_FMA(from_a, from_b.x, sums[0]);
            sums[1] = Q_FMA(from_a, from_b.y, sums[1]);
            sums[2] = Q_FMA(from_a, from_b.z, sums[2]);
            sums[3] = Q_FMA(from_a, from_b.w, sums[3]);
        }
        buffer ^= 1;
        if (more) {
            KEEP(buffer)
        }
        __syncthreads();
    }
    if (first_row + y < m) {
        finish_four(sums, product, first_row + y, first_column + x, m, n, OUT_ARGUMENTS);
    }
}
