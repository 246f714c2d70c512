// Purpose: matrix multiplication, c = epilogue(alpha * op(a) * op(b) + beta * d), on CPUs; one work-item a macro tile of c at a
//   time.
//
//   pack       see gemm_pack_cpu.cl
//   multiply
//
//                NB panels of NR columns
//              +------+------+------+
//    MB panels |      |      |      |      macro tile: for each block of k, for each panel of b (it stays in the first-level
//    of MR     |  MR x NR    |      |      cache), for each panel of a (they stay in the second-level cache):
//    rows      |  in registers      |      MR x NV vectors of sums in registers, one fma each for every i
//              +------+------+------+
//
// Parameters: definitions W lanes a vector (4, 8, 16); MR rows (4 or 12) and NV vectors (2 or 3) of the micro tile
//   (gemm_micro_cpu.cl); panels of MR and NR = NV * W lines (gemm_pack_cpu.cl); KC; SPLIT 1:
//   k is cut into slices of depth_of_slice, a multiple of KC, and raw sums go to partial[product][slice]. Arguments, so that
//   one program serves every size: those of gemm_operands.cl; mb, nb panels of a macro tile; products; shared_a, shared_b 1 if
//   all products share the operand. Scratch has room for a macro tile for every group.
// Requirements: groups of one work-item, one or a few a core; count[0] is 0 before and after.
// Adds over vectorized: sums stay in registers, 12 x 32 of them for 32 registers of 512 bits; each load of a panel is
//   contiguous; nothing waits at barriers; c is touched once, when the sums are whole.
// Determinism: each sum runs along k in order; blocks of k are added in order, in one work-item. Which group takes which
//   tile is left to chance (a counter), what it computes is not.
// Tried and dropped, on an Ice Lake core: KC of 128 (sums are set aside too often), 384 and 512 (a panel of b no longer fits the
//   first-level cache beside a's); keeping unfinished sums in c instead of in scratch (its rows are far apart); an equal run of
//   tiles for each group (a core that is held up holds up all); unrolling the inner loop; a launch of its own for each
//   operand (10 to 20 microseconds more). The inner loop compiles to 24 multiply-adds on zmm registers, 12 broadcasts and 2
//   loads, so that the two multiply-add ports are the limit.

#define LINE(r) pa[r]

#if SPLIT
#define TILE_PARAMETERS Q_GLOBAL float* partial, int slice, int slices
#define TILE_ARGUMENTS partial, slice, slices
#else
#define TILE_PARAMETERS OUT_PARAMETERS
#define TILE_ARGUMENTS OUT_ARGUMENTS
#endif

// Takes a micro tile's whole sums out of scratch.
static inline void finish_tile(Q_GLOBAL const float* scratch, size_t product, int row, int column, int m, int n,
                               TILE_PARAMETERS) {
    const int rows = min(MR, m - row);
    const int columns = min(NR, n - column);
    ROLLED for (int r = 0; r < rows; r++) {
        int j = 0;
#if SPLIT
        Q_GLOBAL float* out = partial + ((product * slices + slice) * m + row + r) * n + column;
        ROLLED for (; j + W <= columns; j += W) {
            *(Q_GLOBAL UNALIGNED*)(out + j) = LOAD(0, scratch + r * NR + j);
        }
        ROLLED for (; j < columns; j++) {
            out[j] = scratch[r * NR + j];
        }
#else
        ROLLED for (; j + W <= columns; j += W) {
            finish_vector(LOAD(0, scratch + r * NR + j), product, row + r, column + j, m, n, OUT_ARGUMENTS);
        }
        ROLLED for (; j < columns; j++) {
            finish_element(scratch[r * NR + j], product, row + r, column + j, m, n, OUT_ARGUMENTS);
        }
#endif
    }
}

// Adds to a micro tile's sums in scratch those over one block of k of one panel of a and one of b.
static inline void micro_tile(Q_GLOBAL const float* pa, Q_GLOBAL const float* pb, int steps, Q_GLOBAL float* scratch,
                              int first) {
    EACH_ROW(DECLARE_SUMS)
    _Pragma("unroll 1") for (int i = 0; i < steps; i++) {
        LOAD_VECTORS(pb)
        EACH_ROW(ADD_PRODUCTS)
        pa += MR;
        pb += NR;
    }
    if (!first) {
        EACH_ROW(ADD_EARLIER)
    }
    EACH_ROW(SET_ASIDE)
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void multiply(Q_GLOBAL const float* Q_RESTRICT packed_a, Q_GLOBAL const float* Q_RESTRICT packed_b, Q_GLOBAL float* scratch,
              volatile Q_GLOBAL int* count, int m, int n, int k, int mb, int nb, int products, int shared_a, int shared_b,
#if SPLIT
              Q_GLOBAL float* partial, int slices, int depth_of_slice
#else
              OUT_PARAMETERS
#endif
) {
    const int panels_m = (m + MR - 1) / MR;
    const int panels_n = (n + NR - 1) / NR;
    const int tiles_m = (panels_m + mb - 1) / mb;
    const int tiles_n = (panels_n + nb - 1) / nb;
#if SPLIT
    const int tiles = tiles_m * tiles_n * products * slices;
#else
    const int tiles = tiles_m * tiles_n * products;
#endif
    scratch += Q_GROUP_ID(0) * mb * nb * MR * NR;
    int tile = atomic_inc(count);
    ROLLED for (; tile < tiles; tile = atomic_inc(count)) {
        const int i0 = tile % tiles_m * mb;
        const int i1 = min(i0 + mb, panels_m);
        const int j0 = tile / tiles_m % tiles_n * nb;
        const int j1 = min(j0 + nb, panels_n);
#if SPLIT
        const int slice = tile / tiles_m / tiles_n % slices;
        const size_t product = tile / tiles_m / tiles_n / slices;
        const int begin = slice * depth_of_slice;
        const int end = min(begin + depth_of_slice, k);
#else
        const size_t product = tile / tiles_m / tiles_n;
        const int begin = 0;
        const int end = k;
#endif
        ROLLED for (int start = begin; start < end; start += KC) {
            const int steps = min(KC, k - start);
            ROLLED for (int j = j0; j < j1; j++) {
                Q_GLOBAL const float* pb = packed_b + panel_at(shared_b ? 0 : product, n, k, start, steps, j, NR);
                ROLLED for (int i = i0; i < i1; i++) {
                    Q_GLOBAL const float* pa = packed_a + panel_at(shared_a ? 0 : product, m, k, start, steps, i, MR);
                    Q_GLOBAL float* sums = scratch + ((j - j0) * mb + (i - i0)) * MR * NR;
                    micro_tile(pa, pb, steps, sums, start == begin);
                    if (start + KC >= end) {
                        finish_tile(sums, product, i * MR, j * NR, m, n, TILE_ARGUMENTS);
                    }
                }
            }
        }
    }
    // Each group draws one number past the last tile; whoever draws the last of them leaves the count as it was found.
    if (tile == tiles + (int)Q_NUM_GROUPS(0) - 1) {
        count[0] = 0;
    }
}
