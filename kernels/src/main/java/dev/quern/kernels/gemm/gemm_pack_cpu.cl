// Purpose: copies a and b into panels that a micro kernel reads front to back, on CPUs.
//
//   op(a) -> for each block of KC steps along k: panels of PANEL_A rows,     packed_a[block][panel][i][row in panel]
//   op(b) -> for each block of KC steps along k: panels of PANEL_B columns,  packed_b[block][panel][i][column in panel]
//
// Parameters: definitions PANEL_A, PANEL_B lines of a panel, multiples of 4; KC; and those of gemm_vectors.cl.
// Requirements: workspaces of whole panels; groups of one work-item. Lines that do not exist are zero.
// Adds: storage types and prologues end here: panels are F32 and hold what is multiplied.
// Determinism: copies only.

#if PANEL_A % W == 0
#define VECTOR_A W
#else
#define VECTOR_A 4
#endif
#if PANEL_B % W == 0
#define VECTOR_B W
#else
#define VECTOR_B 4
#endif
#define UNALIGNED Q_JOIN(Q_JOIN(q_float, W), _unaligned)

// Where the panels of a matrix of so many lines begin: of the block of k that begins at start, its panel `index`.
static inline size_t panel_at(size_t matrix, int lines, int k, int start, int steps, int index, int panel) {
    const size_t padded = (size_t)((lines + panel - 1) / panel) * panel;
    return (matrix * k + start) * padded + (size_t)index * panel * steps;
}

// Stores four vectors of W steps, one of each line, as W steps of four lines, `panel` elements apart. Pairs of lines are
// interleaved, then pairs of pairs: within 128 bits, which costs a CPU least.
#define STORE4(step, value) *(Q_GLOBAL q_float4_unaligned*)(out + (step) * panel) = (value);
#if W == 16
#define LOW(x, y) (float16)(x.s0, y.s0, x.s1, y.s1, x.s4, y.s4, x.s5, y.s5, x.s8, y.s8, x.s9, y.s9, x.sc, y.sc, x.sd, y.sd)
#define HIGH(x, y) (float16)(x.s2, y.s2, x.s3, y.s3, x.s6, y.s6, x.s7, y.s7, x.sa, y.sa, x.sb, y.sb, x.se, y.se, x.sf, y.sf)
#define FRONT(x, y) (float16)(x.s01, y.s01, x.s45, y.s45, x.s89, y.s89, x.scd, y.scd)
#define BACK(x, y) (float16)(x.s23, y.s23, x.s67, y.s67, x.sab, y.sab, x.sef, y.sef)
#define STORE_QUADS(step, x) STORE4(step, x.s0123) STORE4(step + 4, x.s4567) STORE4(step + 8, x.s89ab) STORE4(step + 12, x.scdef)
#elif W == 8
#define LOW(x, y) (float8)(x.s0, y.s0, x.s1, y.s1, x.s4, y.s4, x.s5, y.s5)
#define HIGH(x, y) (float8)(x.s2, y.s2, x.s3, y.s3, x.s6, y.s6, x.s7, y.s7)
#define FRONT(x, y) (float8)(x.s01, y.s01, x.s45, y.s45)
#define BACK(x, y) (float8)(x.s23, y.s23, x.s67, y.s67)
#define STORE_QUADS(step, x) STORE4(step, x.s0123) STORE4(step + 4, x.s4567)
#else
#define LOW(x, y) (float4)(x.s0, y.s0, x.s1, y.s1)
#define HIGH(x, y) (float4)(x.s2, y.s2, x.s3, y.s3)
#define FRONT(x, y) (float4)(x.s01, y.s01)
#define BACK(x, y) (float4)(x.s23, y.s23)
#define STORE_QUADS(step, x) STORE4(step, x)
#endif
static inline void store_turned(VECTOR r0, VECTOR r1, VECTOR r2, VECTOR r3, Q_GLOBAL float* out, size_t panel) {
    const VECTOR low01 = LOW(r0, r1);
    const VECTOR low23 = LOW(r2, r3);
    const VECTOR high01 = HIGH(r0, r1);
    const VECTOR high23 = HIGH(r2, r3);
    const VECTOR step0 = FRONT(low01, low23);
    const VECTOR step1 = BACK(low01, low23);
    const VECTOR step2 = FRONT(high01, high23);
    const VECTOR step3 = BACK(high01, high23);
    STORE_QUADS(0, step0)
    STORE_QUADS(1, step1)
    STORE_QUADS(2, step2)
    STORE_QUADS(3, step3)
}

// Functions for one operand. In memory, element (major, minor) is in[at + major * ld + minor]; for its prologue it is element
// number `element + major * row + minor`. SIDE_BY_SIDE: lines are minor, steps major, and `panels` panels are filled at once,
// so that memory is read along its rows. ROWS: lines are major; four lines of W steps are turned in registers.
#define DEFINE_PACK(SIDE_BY_SIDE, ROWS, TYPE, LOAD1, LOAD_V, LOAD_W, PROLOGUE1, PROLOGUE_V, PROLOGUE_W, PARAMETERS, ARGUMENTS, PANEL, V, STORED) \
    static inline void SIDE_BY_SIDE(Q_GLOBAL const TYPE* in, size_t at, size_t ld, size_t element, size_t row,          \
                                    Q_GLOBAL float* out, int steps, int lines, int panels PARAMETERS) {                 \
        ROLLED for (int i = 0; i < steps; i++) {                                                                        \
            ROLLED for (int p = 0; p < panels; p++) {                                                                   \
                const size_t from = at + i * ld + (size_t)p * PANEL;                                                    \
                const size_t e = element + i * row + (size_t)p * PANEL;                                                 \
                Q_GLOBAL float* to = out + ((size_t)p * steps + i) * PANEL;                                             \
                if ((p + 1) * PANEL <= lines) {                                                                         \
                    _Pragma("unroll") for (int j = 0; j < PANEL; j += V) {                                              \
                        *(Q_GLOBAL STORED*)(to + j) = PROLOGUE_V(LOAD_V(in, from + j), e + j ARGUMENTS);               \
                    }                                                                                                   \
                } else {                                                                                                \
                    ROLLED for (int j = 0; j < PANEL; j++) {                                                            \
                        to[j] = p * PANEL + j < lines ? PROLOGUE1(LOAD1(in, from + j), e + j ARGUMENTS) : 0.0f;         \
                    }                                                                                                   \
                }                                                                                                       \
            }                                                                                                           \
        }                                                                                                               \
    }                                                                                                                   \
    static inline void ROWS(Q_GLOBAL const TYPE* in, size_t at, size_t ld, size_t element, size_t row, Q_GLOBAL float* out, \
                            int steps, int lines PARAMETERS) {                                                          \
        const int whole = min(lines, PANEL) / 4 * 4;                                                                    \
        int i = 0;                                                                                                      \
        ROLLED for (; i + W <= steps; i += W) {                                                                         \
            ROLLED for (int j = 0; j < whole; j += 4) {                                                                 \
                const size_t p = at + j * ld + i;                                                                       \
                const size_t e = element + j * row + i;                                                                 \
                const VECTOR r0 = PROLOGUE_W(LOAD_W(in, p), e ARGUMENTS);                                               \
                const VECTOR r1 = PROLOGUE_W(LOAD_W(in, p + ld), e + row ARGUMENTS);                                    \
                const VECTOR r2 = PROLOGUE_W(LOAD_W(in, p + 2 * ld), e + 2 * row ARGUMENTS);                            \
                const VECTOR r3 = PROLOGUE_W(LOAD_W(in, p + 3 * ld), e + 3 * row ARGUMENTS);                            \
                store_turned(r0, r1, r2, r3, out + i * PANEL + j, PANEL);                                               \
            }                                                                                                           \
            ROLLED for (int j = whole; j < PANEL; j++) {                                                                \
                ROLLED for (int l = i; l < i + W; l++) {                                                                \
                    out[l * PANEL + j] =                                                                                \
                        j < lines ? PROLOGUE1(LOAD1(in, at + j * ld + l), element + j * row + l ARGUMENTS) : 0.0f;      \
                }                                                                                                       \
            }                                                                                                           \
        }                                                                                                               \
        ROLLED for (; i < steps; i++) {                                                                                 \
            ROLLED for (int j = 0; j < PANEL; j++) {                                                                    \
                out[i * PANEL + j] =                                                                                    \
                    j < lines ? PROLOGUE1(LOAD1(in, at + j * ld + i), element + j * row + i ARGUMENTS) : 0.0f;          \
            }                                                                                                           \
        }                                                                                                               \
    }
#define STORED_AS(width) Q_JOIN(Q_JOIN(q_float, width), _unaligned)
DEFINE_PACK(side_by_side_a, rows_a, A_T, A_LOAD, Q_JOIN(A_LOAD, VECTOR_A), Q_JOIN(A_LOAD, W), q_prologue_a,
            Q_JOIN(q_prologue_a, VECTOR_A), Q_JOIN(q_prologue_a, W), Q_PROLOGUE_A_PARAMETERS, Q_PROLOGUE_A_ARGUMENTS, PANEL_A, VECTOR_A, STORED_AS(VECTOR_A))
DEFINE_PACK(side_by_side_b, rows_b, B_T, B_LOAD, Q_JOIN(B_LOAD, VECTOR_B), Q_JOIN(B_LOAD, W), q_prologue_b,
            Q_JOIN(q_prologue_b, VECTOR_B), Q_JOIN(q_prologue_b, W), Q_PROLOGUE_B_PARAMETERS, Q_PROLOGUE_B_ARGUMENTS, PANEL_B, VECTOR_B, STORED_AS(VECTOR_B))

// Packs `panels` panels of a from `panel` on, of the block of k that begins at start.
static inline void pack_a(Q_GLOBAL const A_T* a, int offset_a, int ld_a, int stride_a, Q_GLOBAL float* to, int m, int k,
                          size_t matrix, int panel, int panels, int start Q_PROLOGUE_A_PARAMETERS) {
    const int steps = min(KC, k - start);
    const size_t first = offset_a + matrix * stride_a;
#if TRANSPOSE_A
    side_by_side_a(a, first + (size_t)start * ld_a + panel * PANEL_A, ld_a, (matrix * k + start) * m + panel * PANEL_A, m,
                   to, steps, m - panel * PANEL_A, panels Q_PROLOGUE_A_ARGUMENTS);
#else
    ROLLED for (int p = panel; p < panel + panels; p++) {
        rows_a(a, first + (size_t)p * PANEL_A * ld_a + start, ld_a, (matrix * m + (size_t)p * PANEL_A) * k + start, k,
               to + (size_t)(p - panel) * PANEL_A * steps, steps, m - p * PANEL_A Q_PROLOGUE_A_ARGUMENTS);
    }
#endif
}

static inline void pack_b(Q_GLOBAL const B_T* b, int offset_b, int ld_b, int stride_b, Q_GLOBAL float* to, int n, int k,
                          size_t matrix, int panel, int panels, int start Q_PROLOGUE_B_PARAMETERS) {
    const int steps = min(KC, k - start);
    const size_t first = offset_b + matrix * stride_b;
#if TRANSPOSE_B
    ROLLED for (int p = panel; p < panel + panels; p++) {
        rows_b(b, first + (size_t)p * PANEL_B * ld_b + start, ld_b, (matrix * n + (size_t)p * PANEL_B) * k + start, k,
               to + (size_t)(p - panel) * PANEL_B * steps, steps, n - p * PANEL_B Q_PROLOGUE_B_ARGUMENTS);
    }
#else
    side_by_side_b(b, first + (size_t)start * ld_b + panel * PANEL_B, ld_b, (matrix * k + start) * n + panel * PANEL_B, n,
                   to, steps, n - panel * PANEL_B, panels Q_PROLOGUE_B_ARGUMENTS);
#endif
}

// Group (item, block of k, product). Items 0 to b_items - 1 pack b_panels panels of b each, the others a_panels of a. Products
// that share an operand share its panels: only the first one packs them. The first group sets the count of tiles to zero.
Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void pack(IN_PARAMETERS, Q_GLOBAL float* Q_RESTRICT packed_a, Q_GLOBAL float* Q_RESTRICT packed_b, Q_GLOBAL int* count,
          int b_items, int b_panels, int a_panels Q_PROLOGUE_A_PARAMETERS Q_PROLOGUE_B_PARAMETERS) {
    const int item = (int)Q_GROUP_ID(0);
    const int start = (int)Q_GROUP_ID(1) * KC;
    const size_t product = Q_GROUP_ID(2);
    if (item == 0 && start == 0 && product == 0) {
        count[0] = 0;
    }
    if (item < b_items) {
        if (product == 0 || stride_b != 0) {
            const int panel = item * b_panels;
            pack_b(b, offset_b, ld_b, stride_b, packed_b + panel_at(product, n, k, start, min(KC, k - start), panel, PANEL_B), n, k, product, panel, min(b_panels, (n + PANEL_B - 1) / PANEL_B - panel),
                   start Q_PROLOGUE_B_ARGUMENTS);
        }
    } else if (product == 0 || stride_a != 0) {
        const int panel = (item - b_items) * a_panels;
        pack_a(a, offset_a, ld_a, stride_a, packed_a + panel_at(product, m, k, start, min(KC, k - start), panel, PANEL_A), m, k, product, panel, min(a_panels, (m + PANEL_A - 1) / PANEL_A - panel),
               start Q_PROLOGUE_A_ARGUMENTS);
    }
}
