// Purpose: matrix multiplication, c = epilogue(alpha * op(a) * op(b) + beta * d), on CPUs, where one operand is much larger than
//   the other one and than c: the large one is read where it lies, and only once.
//
//   one side of c is LINES, the other one COLUMNS (a SWAPPED kernel makes columns of c out of LINES and rows out of COLUMNS)
//
//   DIRECT_LINES                                          else
//     the large operand has a line in each row, along k;    the large operand has a step of k in each row, along COLUMNS;
//     MR of its rows are read side by side, their values    vectors are loaded from it; the small operand is packed in
//     multiplied by vectors of the small, packed operand    panels of MR lines, its values multiplied by them
//
// Parameters: definitions DIRECT_LINES, SWAPPED 0 or 1; W, MR, NV and KC as in packed_cpu. Arguments: those of gemm_operands.cl;
//   packed, the panels of the small operand; tail, in the second form the large operand's last COLUMNS % NR columns as one
//   padded panel; lb, cb panels of lines and of columns in a tile; products; shared 1 if all products share the small operand.
// Requirements: the large operand is F32 and has no prologue; it is a, untransposed if DIRECT_LINES and transposed else, or b
//   the other way round. Groups of one work-item, one or a few a core; count[0] is 0 before and after.
// Adds over packed_cpu: a packed copy of the large operand is written and read once more than the product itself needs; here
//   memory is the limit, and it is spared both.
// Determinism: as packed_cpu.
// Tried and dropped: reading a whole line to its end for a single panel of columns where that does not fit the second-level
//   cache: the small operand is then read from memory as often as the large one.

#if SWAPPED
#define LINES n
#define COLUMNS m
#else
#define LINES m
#define COLUMNS n
#endif
#if DIRECT_LINES != SWAPPED
#define LARGE a
#define LARGE_AT offset_a
#define LARGE_LD ld_a
#define LARGE_STRIDE stride_a
#else
#define LARGE b
#define LARGE_AT offset_b
#define LARGE_LD ld_b
#define LARGE_STRIDE stride_b
#endif
// Asks for a line of memory that is wanted soon, in the second-level cache.
#if defined(__has_builtin)
#if __has_builtin(__builtin_prefetch)
#define WILL_READ(p) __builtin_prefetch((const void*)(size_t)(p), 0, 2)
#endif
#endif
#ifndef WILL_READ
#define WILL_READ(p)
#endif

// Takes a micro tile's whole sums out of scratch.
static inline void finish_tile(Q_GLOBAL const float* scratch, size_t product, int line, int column, int m, int n,
                               OUT_PARAMETERS) {
    const int lines = min(MR, LINES - line);
    const int columns = min(NR, COLUMNS - column);
#if SWAPPED
    ROLLED for (int j = 0; j < columns; j++) {
        ROLLED for (int r = 0; r < lines; r++) {
            finish_element(scratch[r * NR + j], product, column + j, line + r, m, n, OUT_ARGUMENTS);
        }
    }
#else
    ROLLED for (int r = 0; r < lines; r++) {
        int j = 0;
        ROLLED for (; j + W <= columns; j += W) {
            finish_vector(LOAD(0, scratch + r * NR + j), product, line + r, column + j, m, n, OUT_ARGUMENTS);
        }
        ROLLED for (; j < columns; j++) {
            finish_element(scratch[r * NR + j], product, line + r, column + j, m, n, OUT_ARGUMENTS);
        }
    }
#endif
}

#if DIRECT_LINES

// Adds to a micro tile's sums those over one block of k: lines of the large operand, a panel of the small one. Lines past the
// last one repeat it.
#define POINT(r) Q_GLOBAL const float* p##r = large + (size_t)min(r, lines - 1) * ld;
#define LINE(r) p##r[i]
static inline void micro_tile(Q_GLOBAL const float* large, size_t ld, int lines, Q_GLOBAL const float* panel, int steps,
                              Q_GLOBAL float* scratch, int first) {
    EACH_ROW(DECLARE_SUMS)
    EACH_ROW(POINT)
    _Pragma("unroll 1") for (int i = 0; i < steps; i++) {
        LOAD_VECTORS(panel)
        EACH_ROW(ADD_PRODUCTS)
        panel += NR;
    }
    if (!first) {
        EACH_ROW(ADD_EARLIER)
    }
    EACH_ROW(SET_ASIDE)
}

#else

// Adds to a micro tile's sums those over one block of k: NR columns of the large operand, a panel of lines of the small one.
// While the first panel of lines meets these columns, the next ones are asked for: their rows are too far apart for the
// processor to see what comes.
#define LINE(r) panel[r]
static inline void micro_tile(Q_GLOBAL const float* large, size_t ld, int ahead, Q_GLOBAL const float* panel, int steps,
                              Q_GLOBAL float* scratch, int first) {
    EACH_ROW(DECLARE_SUMS)
    if (ahead) {
        _Pragma("unroll 1") for (int i = 0; i < steps; i++) {
            LOAD_VECTORS(large)
            WILL_READ(large + NR);
            WILL_READ(large + NR + NR / 2);
            EACH_ROW(ADD_PRODUCTS)
            large += ld;
            panel += MR;
        }
    } else {
        _Pragma("unroll 1") for (int i = 0; i < steps; i++) {
            LOAD_VECTORS(large)
            EACH_ROW(ADD_PRODUCTS)
            large += ld;
            panel += MR;
        }
    }
    if (!first) {
        EACH_ROW(ADD_EARLIER)
    }
    EACH_ROW(SET_ASIDE)
}

// Copies the last COLUMNS % NR columns of the large operand into a panel padded with zeros: one step of k of one product an item.
Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void pack_tail(IN_PARAMETERS, Q_GLOBAL float* tail) {
    const int start = (int)Q_GROUP_ID(0) * KC;
    const size_t matrix = Q_GROUP_ID(1);
    const int column = COLUMNS / NR * NR;
    ROLLED for (int i = start; i < min(start + KC, k); i++) {
        ROLLED for (int j = 0; j < NR; j++) {
            tail[(matrix * k + i) * NR + j] = column + j < COLUMNS
                ? LARGE[LARGE_AT + matrix * LARGE_STRIDE + (size_t)i * LARGE_LD + column + j] : 0.0f;
        }
    }
}

#endif

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void multiply(IN_PARAMETERS, Q_GLOBAL const float* Q_RESTRICT packed, Q_GLOBAL const float* Q_RESTRICT tail, Q_GLOBAL float* scratch,
              volatile Q_GLOBAL int* count, int lb, int cb, int products, int shared, OUT_PARAMETERS) {
    const int panels_l = (LINES + MR - 1) / MR;
    const int panels_c = (COLUMNS + NR - 1) / NR;
    const int tiles_l = (panels_l + lb - 1) / lb;
    const int tiles_c = (panels_c + cb - 1) / cb;
    const int tiles = tiles_l * tiles_c * products;
    scratch += Q_GROUP_ID(0) * lb * cb * MR * NR;
    int tile = atomic_inc(count);
    ROLLED for (; tile < tiles; tile = atomic_inc(count)) {
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
#if DIRECT_LINES
            ROLLED for (int l = l0; l < l1; l++) {
                ROLLED for (int j = c0; j < c1; j++) {
                    Q_GLOBAL float* sums = scratch + ((j - c0) * lb + (l - l0)) * MR * NR;
                    micro_tile(large + (size_t)l * MR * LARGE_LD + start, LARGE_LD, LINES - l * MR,
                               packed + panel_at(shared ? 0 : product, COLUMNS, k, start, steps, j, NR), steps, sums, start == 0);
#else
            ROLLED for (int j = c0; j < c1; j++) {
                ROLLED for (int l = l0; l < l1; l++) {
                    Q_GLOBAL float* sums = scratch + ((j - c0) * lb + (l - l0)) * MR * NR;
                    const int whole = (j + 1) * NR <= COLUMNS;
                    micro_tile(whole ? large + (size_t)start * LARGE_LD + j * NR : tail + (matrix * k + start) * NR,
                               whole ? LARGE_LD : NR, l == l0 && (j + 2) * NR <= COLUMNS,
                               packed + panel_at(shared ? 0 : product, LINES, k, start, steps, l, MR), steps, sums, start == 0);
#endif
                    if (last) {
                        finish_tile(sums, product, l * MR, j * NR, m, n, OUT_ARGUMENTS);
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
