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

// Functions for one operand. In memory, element (major, minor) is in[at + major * ld + minor]; for its prologue it is element
// number `element + major * row + minor`. SIDE_BY_SIDE: lines are minor, steps major, and `panels` panels are filled at once,
// so that memory is read along its rows. ROWS: lines are major; squares of 4 x 4 are turned in registers.
#define DEFINE_PACK(SIDE_BY_SIDE, ROWS, TYPE, LOAD1, LOAD4, LOAD_V, PROLOGUE1, PROLOGUE4, PROLOGUE_V, PARAMETERS, ARGUMENTS, PANEL, V, STORED) \
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
        ROLLED for (int j = 0; j < PANEL; j += 4) {                                                                     \
            int i = 0;                                                                                                  \
            if (j + 4 <= lines) {                                                                                       \
                const size_t p = at + j * ld;                                                                           \
                const size_t e = element + j * row;                                                                     \
                ROLLED for (; i + 4 <= steps; i += 4) {                                                                 \
                    const float4 r0 = PROLOGUE4(LOAD4(in, p + i), e + i ARGUMENTS);                                     \
                    const float4 r1 = PROLOGUE4(LOAD4(in, p + ld + i), e + row + i ARGUMENTS);                          \
                    const float4 r2 = PROLOGUE4(LOAD4(in, p + 2 * ld + i), e + 2 * row + i ARGUMENTS);                  \
                    const float4 r3 = PROLOGUE4(LOAD4(in, p + 3 * ld + i), e + 3 * row + i ARGUMENTS);                  \
                    Q_GLOBAL float* q = out + i * PANEL + j;                                                            \
                    vstore4((float4)(r0.x, r1.x, r2.x, r3.x), 0, q);                                                    \
                    vstore4((float4)(r0.y, r1.y, r2.y, r3.y), 0, q + PANEL);                                            \
                    vstore4((float4)(r0.z, r1.z, r2.z, r3.z), 0, q + 2 * PANEL);                                        \
                    vstore4((float4)(r0.w, r1.w, r2.w, r3.w), 0, q + 3 * PANEL);                                        \
                }                                                                                                       \
            }                                                                                                           \
            ROLLED for (; i < steps; i++) {                                                                             \
                ROLLED for (int l = j; l < j + 4; l++) {                                                                \
                    out[i * PANEL + l] =                                                                                \
                        l < lines ? PROLOGUE1(LOAD1(in, at + l * ld + i), element + l * row + i ARGUMENTS) : 0.0f;      \
                }                                                                                                       \
            }                                                                                                           \
        }                                                                                                               \
    }
#define STORED_AS(width) Q_JOIN(Q_JOIN(q_float, width), _unaligned)
DEFINE_PACK(side_by_side_a, rows_a, A_T, A_LOAD, A_LOAD4, Q_JOIN(A_LOAD, VECTOR_A), q_prologue_a, q_prologue_a4,
            Q_JOIN(q_prologue_a, VECTOR_A), Q_PROLOGUE_A_PARAMETERS, Q_PROLOGUE_A_ARGUMENTS, PANEL_A, VECTOR_A, STORED_AS(VECTOR_A))
DEFINE_PACK(side_by_side_b, rows_b, B_T, B_LOAD, B_LOAD4, Q_JOIN(B_LOAD, VECTOR_B), q_prologue_b, q_prologue_b4,
            Q_JOIN(q_prologue_b, VECTOR_B), Q_PROLOGUE_B_PARAMETERS, Q_PROLOGUE_B_ARGUMENTS, PANEL_B, VECTOR_B, STORED_AS(VECTOR_B))

// Packs `panels` panels of a from `panel` on, of the block of k that begins at start.
static inline void pack_a(Q_GLOBAL const A_T* a, int offset_a, int ld_a, int stride_a, Q_GLOBAL float* packed, int m, int k,
                          size_t matrix, int panel, int panels, int start Q_PROLOGUE_A_PARAMETERS) {
    const int steps = min(KC, k - start);
    const size_t first = offset_a + matrix * stride_a;
#if TRANSPOSE_A
    side_by_side_a(a, first + (size_t)start * ld_a + panel * PANEL_A, ld_a, (matrix * k + start) * m + panel * PANEL_A, m,
                   packed + panel_at(matrix, m, k, start, steps, panel, PANEL_A), steps, m - panel * PANEL_A, panels Q_PROLOGUE_A_ARGUMENTS);
#else
    ROLLED for (int p = panel; p < panel + panels; p++) {
        rows_a(a, first + (size_t)p * PANEL_A * ld_a + start, ld_a, (matrix * m + (size_t)p * PANEL_A) * k + start, k,
               packed + panel_at(matrix, m, k, start, steps, p, PANEL_A), steps, m - p * PANEL_A Q_PROLOGUE_A_ARGUMENTS);
    }
#endif
}

static inline void pack_b(Q_GLOBAL const B_T* b, int offset_b, int ld_b, int stride_b, Q_GLOBAL float* packed, int n, int k,
                          size_t matrix, int panel, int panels, int start Q_PROLOGUE_B_PARAMETERS) {
    const int steps = min(KC, k - start);
    const size_t first = offset_b + matrix * stride_b;
#if TRANSPOSE_B
    ROLLED for (int p = panel; p < panel + panels; p++) {
        rows_b(b, first + (size_t)p * PANEL_B * ld_b + start, ld_b, (matrix * n + (size_t)p * PANEL_B) * k + start, k,
               packed + panel_at(matrix, n, k, start, steps, p, PANEL_B), steps, n - p * PANEL_B Q_PROLOGUE_B_ARGUMENTS);
    }
#else
    side_by_side_b(b, first + (size_t)start * ld_b + panel * PANEL_B, ld_b, (matrix * k + start) * n + panel * PANEL_B, n,
                   packed + panel_at(matrix, n, k, start, steps, panel, PANEL_B), steps, n - panel * PANEL_B, panels Q_PROLOGUE_B_ARGUMENTS);
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
            pack_b(b, offset_b, ld_b, stride_b, packed_b, n, k, product, panel, min(b_panels, (n + PANEL_B - 1) / PANEL_B - panel),
                   start Q_PROLOGUE_B_ARGUMENTS);
        }
    } else if (product == 0 || stride_a != 0) {
        const int panel = (item - b_items) * a_panels;
        pack_a(a, offset_a, ld_a, stride_a, packed_a, m, k, product, panel, min(a_panels, (m + PANEL_A - 1) / PANEL_A - panel),
               start Q_PROLOGUE_A_ARGUMENTS);
    }
}
