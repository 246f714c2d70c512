// Purpose: matrix multiplication, c = epilogue(alpha * op(a) * op(b) + beta * d), on CPUs, where one operand is much larger than
//   the other one and than c: the large one is read where it lies, and only once.
//
//   one side of c is LINES, the other one COLUMNS (a SWAPPED kernel makes columns of c out of LINES and rows out of COLUMNS)
//
//   the large operand has a line in each row, along k: MR of its rows are read side by side, their values multiplied by vectors of
//   the small operand, which is packed in panels of NR columns
//
// Parameters: definitions SWAPPED 0 or 1; OWN 1: one launch, each group packs all of the small operand for itself and takes an equal
//   run of the tiles; W, MR, NV and KC as in packed_cpu. Arguments: those of gemm_operands.cl; packed, the panels of the small
//   operand; lb, cb panels of lines and of columns in a tile; products; shared 1 if all products share the small one.
// Requirements: the large operand is F32 and has no prologue; it is a, not transposed, or if SWAPPED b, transposed. Groups of one
//   work-item, one or a few a core; unless OWN, count[0] is 0 before and after.
// Adds over packed_cpu: a packed copy of the large operand is written and read once more than the product itself needs; here
//   memory is the limit, and it is spared both.
// Determinism: as packed_cpu.
// Tried and dropped: the same for large operands that have a step of k in each row. Micro tiles then go down its columns, whose
//   elements are a page apart: 41 ms for 35x8457x4096 where packed_cpu takes 29.

#if SWAPPED
#define LINES n
#define COLUMNS m
#define LARGE b
#define LARGE_AT offset_b
#define LARGE_LD ld_b
#define LARGE_STRIDE stride_b
#else
#define LINES m
#define COLUMNS n
#define LARGE a
#define LARGE_AT offset_a
#define LARGE_LD ld_a
#define LARGE_STRIDE stride_a
#endif

#if SWAPPED
// Takes a micro tile's whole sums out of scratch: its lines are columns of c.
static inline void finish_swapped(Q_GLOBAL const float* scratch, size_t product, int line, int column, int m, int n,
                                  OUT_PARAMETERS) {
    const int lines = min(MR, LINES - line);
    const int columns = min(NR, COLUMNS - column);
    ROLLED for (int j = 0; j < columns; j++) {
        ROLLED for (int r = 0; r < lines; r++) {
            finish_element(scratch[r * NR + j], product, column + j, line + r, m, n, OUT_ARGUMENTS);
        }
    }
}
#define FINISH finish_swapped
#else
#define FINISH finish_tile
#endif

// Adds to a micro tile's sums those over one block of k: lines of the large operand, a panel of the small one. Lines past the
// last one repeat it.
#define POINT(r) Q_GLOBAL const float* p##r = large + (size_t)min(r, lines - 1) * ld;
#define LINE(r) p##r[i]
static inline void micro_tile(Q_GLOBAL const float* large, size_t ld, int lines, Q_GLOBAL const float* panel, int steps,
                              Q_GLOBAL float* scratch, int first) {
    EACH_ROW(DECLARE_SUMS)
    EACH_ROW(POINT)
    EACH_STEP(steps, , { LOAD_VECTORS(panel) EACH_ROW(ADD_PRODUCTS) panel += NR; i++; })
    if (!first) {
        EACH_ROW(ADD_EARLIER)
    }
    EACH_ROW(SET_ASIDE)
}

#if OWN
// Packs the small operand, one matrix, into panels for one group.
static inline void pack_small(IN_PARAMETERS, Q_GLOBAL float* packed Q_PROLOGUE_A_PARAMETERS Q_PROLOGUE_B_PARAMETERS) {
    const int panels = (COLUMNS + NR - 1) / NR;
    ROLLED for (int start = 0; start < k; start += KC) {
        Q_GLOBAL float* to = packed + panel_at(0, COLUMNS, k, start, min(KC, k - start), 0, NR);
#if SWAPPED
        pack_a(a, offset_a, ld_a, stride_a, to, m, k, 0, 0, panels, start Q_PROLOGUE_A_ARGUMENTS);
#else
        pack_b(b, offset_b, ld_b, stride_b, to, n, k, 0, 0, panels, start Q_PROLOGUE_B_ARGUMENTS);
#endif
    }
}
#define NEXT_TILE tile + 1
#else
#define NEXT_TILE atomic_inc(count)
#endif

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void multiply(IN_PARAMETERS, Q_GLOBAL float* Q_RESTRICT packed, Q_GLOBAL float* scratch,
#if !OWN
              volatile Q_GLOBAL int* count,
#endif
              int lb, int cb, int products, int shared, OUT_PARAMETERS
#if OWN
              Q_PROLOGUE_A_PARAMETERS Q_PROLOGUE_B_PARAMETERS
#endif
) {
    const int panels_l = (LINES + MR - 1) / MR;
    const int panels_c = (COLUMNS + NR - 1) / NR;
    const int tiles_l = (panels_l + lb - 1) / lb;
    const int tiles_c = (panels_c + cb - 1) / cb;
    scratch += Q_GROUP_ID(0) * lb * cb * MR * NR;
#if OWN
    packed += Q_GROUP_ID(0) * panels_c * NR * k;
    pack_small(a, offset_a, ld_a, stride_a, b, offset_b, ld_b, stride_b, m, n, k, packed Q_PROLOGUE_A_ARGUMENTS Q_PROLOGUE_B_ARGUMENTS);
    int tile = (int)((long)tiles_l * tiles_c * Q_GROUP_ID(0) / Q_NUM_GROUPS(0));
    const int tiles = (int)((long)tiles_l * tiles_c * (Q_GROUP_ID(0) + 1) / Q_NUM_GROUPS(0));
#else
    const int tiles = tiles_l * tiles_c * products;
    int tile = atomic_inc(count);
#endif
    ROLLED for (; tile < tiles; tile = NEXT_TILE) {
        const int l0 = tile % tiles_l * lb;
        const int l1 = min(l0 + lb, panels_l);
        const int c0 = tile / tiles_l % tiles_c * cb;
        const int c1 = min(c0 + cb, panels_c);
        const size_t product = tile / tiles_l / tiles_c;
        const size_t matrix = LARGE_STRIDE == 0 ? 0 : product;
        Q_GLOBAL const float* large = LARGE + LARGE_AT + matrix * LARGE_STRIDE;
        ROLLED for (int start = 0; start < k; start += KC) {
            const int steps = min(KC, k - start);
            const int last = start + KC >= k;
            ROLLED for (int l = l0; l < l1; l++) {
                ROLLED for (int j = c0; j < c1; j++) {
                    Q_GLOBAL float* sums = scratch + ((j - c0) * lb + (l - l0)) * MR * NR;
                    micro_tile(large + (size_t)l * MR * LARGE_LD + start, LARGE_LD, LINES - l * MR,
                               packed + panel_at(shared ? 0 : product, COLUMNS, k, start, steps, j, NR), steps, sums, start == 0);
                    if (last) {
                        FINISH(sums, product, l * MR, j * NR, m, n, OUT_ARGUMENTS);
                    }
                }
            }
        }
    }
#if !OWN
    // Each group draws one number past the last tile; whoever draws the last of them leaves the count as it was found.
    if (tile == tiles + (int)Q_NUM_GROUPS(0) - 1) {
        count[0] = 0;
    }
#endif
}
