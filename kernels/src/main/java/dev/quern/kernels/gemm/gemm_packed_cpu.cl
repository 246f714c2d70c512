// Purpose: matrix multiplication, c = epilogue(alpha * op(a) * op(b) + beta * d), on CPUs; one work-item a macro tile of c at a
//   time.
//
//   pack       see gemm_pack_cpu.cl
//   multiply
//
//                NB panels of NR columns
//              +------+------+------+
//    MB panels |      |      |      |      macro tile: for each block of k, for each panel of a (it stays in the first-level
//    of MR     |  MR x NR    |      |      cache), for each panel of b (they stay in the second-level cache):
//    rows      |  in registers      |      MR x NV vectors of sums in registers, one fma each for every i
//              +------+------+------+
//
// Parameters: definitions W lanes a vector (4, 8, 16); MR rows and NV vectors of the micro tile
//   (gemm_micro_cpu.cl); panels of MR and NR = NV * W lines (gemm_pack_cpu.cl); KC; SPLIT 1:
//   k is cut into slices of depth_of_slice, a multiple of KC, and raw sums go to partial[product][slice]. Arguments, so that
//   one program serves every size: those of gemm_operands.cl; mb, nb panels of a macro tile; products; shared_a, shared_b 1 if
//   all products share the operand. Scratch has room for a macro tile for every group.
// Requirements: groups of one work-item, one or a few a core; count[0] is 0 before and after.
// Adds over vectorized: sums stay in registers; each load of a panel is contiguous; nothing waits at barriers; c is touched once,
//   when the sums are whole.
// Determinism: each sum runs along k in order; blocks of k are added in order, in one work-item. Which group takes which
//   tile is left to chance (a counter), what it computes is not.
// Tried and dropped, on an Ice Lake core: KC of 128 (sums are set aside too often), 384 and 512 (no faster); tiles of 480 columns, whose
//   panels of b no longer fit the second-level cache beside the sums; the panel of b in the first-level cache and those of a in the second
//   (with KC of 256 it leaves no room there for a thread on the same core); keeping unfinished sums in c instead of in scratch (its
//   rows are far apart); an equal run of tiles for each group (a core that is held up holds up all); a launch of its own for each operand
//   (10 to 20 microseconds more); fetching panels of b ahead by instruction.

#define LINE(r) pa[r]

#if SPLIT
// Takes a micro tile's sums over a slice of k out of scratch.
static inline void keep_slice(Q_GLOBAL const float* scratch, size_t product, int row, int column, int m, int n,
                              Q_GLOBAL float* partial, int slice, int slices) {
    const int rows = min(MR, m - row);
    const int columns = min(NR, n - column);
    ROLLED for (int r = 0; r < rows; r++) {
        Q_GLOBAL float* out = partial + ((product * slices + slice) * m + row + r) * n + column;
        int j = 0;
        ROLLED for (; j + W <= columns; j += W) {
            *(Q_GLOBAL UNALIGNED*)(out + j) = LOAD(0, scratch + r * NR + j);
        }
        ROLLED for (; j < columns; j++) {
            out[j] = scratch[r * NR + j];
        }
    }
}
#define FINISH(scratch, product, row, column) keep_slice(scratch, product, row, column, m, n, partial, slice, slices)
#else
#define FINISH(scratch, product, row, column) finish_tile(scratch, product, row, column, m, n, OUT_ARGUMENTS)
#endif

// Adds to a micro tile's sums in scratch those over one block of k of one panel of a and one of b.
static inline void micro_tile(Q_GLOBAL const float* pa, Q_GLOBAL const float* pb, int steps, Q_GLOBAL float* scratch,
                              int first) {
    EACH_ROW(DECLARE_SUMS)
    EACH_STEP(steps, , { LOAD_VECTORS(pb) EACH_ROW(ADD_PRODUCTS) pa += MR; pb += NR; i++; })
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
            ROLLED for (int i = i0; i < i1; i++) {
                Q_GLOBAL const float* pa = packed_a + panel_at(shared_a ? 0 : product, m, k, start, steps, i, MR);
                ROLLED for (int j = j0; j < j1; j++) {
                    Q_GLOBAL const float* pb = packed_b + panel_at(shared_b ? 0 : product, n, k, start, steps, j, NR);
                    Q_GLOBAL float* sums = scratch + ((i - i0) * nb + (j - j0)) * MR * NR;
                    micro_tile(pa, pb, steps, sums, start == begin);
                    if (start + KC >= end) {
                        FINISH(sums, product, i * MR, j * NR);
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
