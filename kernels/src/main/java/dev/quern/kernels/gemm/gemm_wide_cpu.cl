// Purpose: matrix multiplication, c = epilogue(alpha * op(a) * op(b) + beta * d), on CPUs, where one operand is much larger than
//   the other one and than c and has a step of k in each of its rows: who multiplies a block of it packs that block.
//
//   large operand      elements side by side are lines of c (b: columns, a transposed: rows)
//                      +-------------------------------------------------+
//     KC steps of k    |   tile: LINES lines, packed into panels that    |  ->  block of the group, in the second-level cache,
//                      |   stay in the second-level cache                |      times all panels of the small operand
//                      +-------------------------------------------------+
//                      |   fetched meanwhile, row by row                 |
//
// Parameters: definitions LARGE_A 0 or 1, which operand is large; IN_PLACE 1: the small one is a, whose rows are read where they
//   lie, in one launch of a group a tile; W, MR, NV and KC as in packed_cpu. Arguments: those of gemm_operands.cl; scratch and block,
//   room for the sums and for the packed block of each group; packed, the panels of the small operand; tiles, into which the panels
//   of the large operand are dealt; products; shared_a, shared_b 1 if all products share the operand.
// Requirements: b is not transposed or, if LARGE_A, a is; IN_PLACE, a is F32, not transposed and has no prologue. Groups of one
//   work-item, one or a few a core; unless IN_PLACE, count[0] is 0 before and after.
// Adds over packed_cpu: the packed copy of the large operand never goes to memory, and its next block is fetched while this one is
//   multiplied. Tiles are wide and blocks shallow, because memory is read fastest in long runs: a processor fetches ahead of any
//   run it notices, and past the end of a short one that is for nothing.
// Determinism: as packed_cpu.
// Tried and dropped, on an Ice Lake core, for 35x8457x4096: blocks of 256 x 240 and 192 x 480 (38 and 27 ms where 96 x 1008 takes 24); fetching
//   panel by panel instead of row by row. For squares: no faster than packing first.

#if IN_PLACE
// Lines past the last one repeat it.
#define POINT(r) Q_GLOBAL const float* p##r = pa + (size_t)min(r, lines - 1) * ld_a;
#define LINE(r) p##r[i]
#else
#define LINE(r) pa[r]
#endif
#if LARGE_A
#define LARGE_T A_T
#else
#define LARGE_T B_T
#endif
// A hint: into the second-level cache. Drivers that compile for no processor of their own have no such instruction.
#if defined(__x86_64__) || defined(__aarch64__)
#define FETCH(p) __builtin_prefetch((const void*)(size_t)(p), 0, 2);
#else
#define FETCH(p) (void)(p);
#endif
#if NV == 1
#define FETCH_ALL(p) FETCH(p)
#elif NV == 2
#define FETCH_ALL(p) FETCH(p) FETCH(p + W)
#else
#define FETCH_ALL(p) FETCH(p) FETCH(p + W) FETCH(p + 2 * W)
#endif
// Where nothing is left to fetch, it fetches what is there already.
#define FETCH_ROW                                                                                                       \
    {                                                                                                                   \
        Q_GLOBAL const LARGE_T* p = next + at * NR;                                                                     \
        p = left > 0 ? p : (Q_GLOBAL const LARGE_T*)pb;                                                                 \
        FETCH_ALL(p)                                                                                                    \
        left--;                                                                                                         \
        at++;                                                                                                           \
        next += at == rows ? ld : 0;                                                                                    \
        at = at == rows ? 0 : at;                                                                                       \
    }

// Adds to a micro tile's sums in scratch those over one block of k of one panel of a and one of b. Meanwhile fetches `left` rows
// of NR elements: `rows` of them side by side from next on, from number `at` on, then those of the next step, ld elements on.
static inline void micro_tile(Q_GLOBAL const float* pa, Q_GLOBAL const float* pb, int steps, Q_GLOBAL float* scratch, int first,
                              Q_GLOBAL const LARGE_T* next, size_t ld, int rows, int at, int left, int lines, size_t ld_a) {
    EACH_ROW(DECLARE_SUMS)
#if IN_PLACE
    EACH_ROW(POINT)
#endif
    next += at / rows * ld;
    at %= rows;
    EACH_STEP(steps, FETCH_ROW, { LOAD_VECTORS(pb) EACH_ROW(ADD_PRODUCTS) pa += IN_PLACE ? 0 : MR; pb += NR; i++; })
    if (!first) {
        EACH_ROW(ADD_EARLIER)
    }
    EACH_ROW(SET_ASIDE)
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void multiply(IN_PARAMETERS, Q_GLOBAL float* scratch, Q_GLOBAL float* Q_RESTRICT block,
#if !IN_PLACE
              Q_GLOBAL const float* Q_RESTRICT packed, volatile Q_GLOBAL int* count,
#endif
              int tiles, int products, int shared_a, int shared_b,
              OUT_PARAMETERS Q_PROLOGUE_A_PARAMETERS Q_PROLOGUE_B_PARAMETERS) {
    const int panels_m = (m + MR - 1) / MR;
    const int panels_n = (n + NR - 1) / NR;
#if LARGE_A
    const int mb = (panels_m + tiles - 1) / tiles;
    const int nb = panels_n;
    block += Q_GROUP_ID(0) * mb * KC * MR;
#else
    const int mb = panels_m;
    const int nb = (panels_n + tiles - 1) / tiles;
    block += Q_GROUP_ID(0) * nb * KC * NR;
#endif
    scratch += Q_GROUP_ID(0) * mb * nb * MR * NR;
#if IN_PLACE
    {
        const int tile = (int)Q_GROUP_ID(0);
#else
    int tile = atomic_inc(count);
    ROLLED for (; tile < tiles * products; tile = atomic_inc(count)) {
#endif
        const size_t product = tile / tiles;
        const long part = tile % tiles;
        const size_t matrix_a = shared_a ? 0 : product;
        const size_t matrix_b = shared_b ? 0 : product;
#if LARGE_A
        const int i0 = (int)(part * panels_m / tiles);
        const int i1 = (int)((part + 1) * panels_m / tiles);
        const int j0 = 0;
        const int j1 = panels_n;
        const size_t ld = ld_a;
        const int lines = (i1 - i0) * MR;
        Q_GLOBAL const A_T* large = a + offset_a + matrix_a * stride_a + (size_t)i0 * MR;
#else
        const int i0 = 0;
        const int i1 = panels_m;
        const int j0 = (int)(part * panels_n / tiles);
        const int j1 = (int)((part + 1) * panels_n / tiles);
        const size_t ld = ld_b;
        const int lines = (j1 - j0) * NR;
        Q_GLOBAL const B_T* large = b + offset_b + matrix_b * stride_b + (size_t)j0 * NR;
#endif
        const int rows = (lines + NR - 1) / NR;
        ROLLED for (int start = 0; start < k; start += KC) {
            const int steps = min(KC, k - start);
            const int last = start + KC >= k;
#if LARGE_A
            pack_a(a, offset_a, ld_a, stride_a, block, m, k, matrix_a, i0, i1 - i0, start Q_PROLOGUE_A_ARGUMENTS);
#else
            pack_b(b, offset_b, ld_b, stride_b, block, n, k, matrix_b, j0, j1 - j0, start Q_PROLOGUE_B_ARGUMENTS);
#endif
            // The rows of the next block are dealt out to this one's micro tiles.
            const int micro_tiles = (i1 - i0) * (j1 - j0);
            const int all = min(KC, k - start - steps) * rows;
            const int each = (all + micro_tiles - 1) / micro_tiles;
            int at = 0;
            ROLLED for (int i = i0; i < i1; i++) {
                ROLLED for (int j = j0; j < j1; j++) {
#if LARGE_A
                    Q_GLOBAL const float* pa = block + (i - i0) * MR * steps;
                    Q_GLOBAL const float* pb = packed + panel_at(matrix_b, n, k, start, steps, j, NR);
#else
#if IN_PLACE
                    Q_GLOBAL const float* pa = a + offset_a + matrix_a * stride_a + (size_t)i * MR * ld_a + start;
#else
                    Q_GLOBAL const float* pa = packed + panel_at(matrix_a, m, k, start, steps, i, MR);
#endif
                    Q_GLOBAL const float* pb = block + (j - j0) * NR * steps;
#endif
                    Q_GLOBAL float* sums = scratch + ((i - i0) * nb + (j - j0)) * MR * NR;
                    micro_tile(pa, pb, steps, sums, start == 0, large + (size_t)(start + KC) * ld, ld, rows, at, min(each, all - at),
                               m - i * MR, ld_a);
                    at += each;
                    if (last) {
                        finish_tile(sums, product, i * MR, j * NR, m, n, OUT_ARGUMENTS);
                    }
                }
            }
        }
    }
#if !IN_PLACE
    // Each group draws one number past the last tile; whoever draws the last of them leaves the count as it was found.
    if (tile == tiles * products + (int)Q_NUM_GROUPS(0) - 1) {
        count[0] = 0;
    }
#endif
}
