// Purpose: matrix multiplication, c = epilogue(alpha * op(a) * op(b)), on CPUs; one work-item a macro tile of c.
//
//   pack       op(a) -> for each block of KC along k: panels of MR rows,    packed_a[block][panel][i][row in panel]
//              op(b) -> for each block of KC along k: panels of NR columns, packed_b[block][panel][i][column in panel]
//   multiply
//
//                NB panels of NR columns
//              +------+------+------+
//    MB panels |      |      |      |      macro tile of one work-item: for each block of k, for each panel of b (it stays in
//    of MR     |  MR x NR    |      |      the first-level cache), for each panel of a (they stay in the second-level cache):
//    rows      |  in registers      |      MR x NV vectors of sums in registers, one fma each for every i
//              +------+------+------+
//
// Parameters: definitions TRANSPOSE_A, TRANSPOSE_B 0 or 1; W lanes a vector (4, 8, 16); MR rows (4 or 12) and NV vectors (2
//   or 3) of the micro tile; KC; PACK_A, PACK_B panels that one item packs. Arguments, so that one program serves every size: m, n, k; mb, nb panels of a macro tile;
//   stride_a, stride_b elements from one product's operand to the next one's (0: shared); alpha.
// Requirements: groups of one work-item; workspaces of whole panels, aligned to vectors.
// Adds over tiled: vectors are written out and sums stay in registers, 12 x 32 of them for 32 registers of 512 bits; each
//   load of a panel is contiguous; nothing waits at barriers.
// Determinism: each sum runs along k in order, in one work-item; blocks of k are added in order.
// Tried and dropped, on an Ice Lake core: KC of 128 (c is written too often), 384 and 512 (a panel of b no longer fits the
//   first-level cache beside a's), 10 % each; macro tiles of 384 rows (a's panels crowd the second-level cache); storing
//   the sums straight from their registers (1 % faster, five times the code and the time to compile it); a launch of
//   its own for each operand (10 to 20 microseconds more); restrict on the inlined functions (no gain, and it makes
//   intrinsics that Oclgrind does not know). The inner loop compiles to 24 multiply-adds on zmm registers, 12 broadcasts and
//   2 loads, so that the two multiply-add ports are the limit.

#define Q_JOIN_(x, y) x##y
#define Q_JOIN(x, y) Q_JOIN_(x, y)
#define VECTOR Q_JOIN(float, W)
#define LOAD Q_JOIN(vload, W)
#define STORE Q_JOIN(vstore, W)
#define EPILOGUE Q_JOIN(q_epilogue, W)
#define NR (NV * W)
// Loops whose speed does not matter stay loops: unrolled, they would be most of the time to compile this.
#define ROLLED _Pragma("unroll 1")

// Packs a panel whose lines lie side by side: line j of step i is in[i * stride + j]. Lines that do not exist are zero.
static inline void pack_side_by_side(Q_GLOBAL const float* in, size_t stride, Q_GLOBAL float* out,
                                     int steps, int lines, int panel) {
    if (lines == panel) {
        for (int i = 0; i < steps; i++) {
            for (int j = 0; j < panel; j += 4) {
                vstore4(vload4(0, in + i * stride + j), 0, out + i * panel + j);
            }
        }
    } else {
        ROLLED for (int i = 0; i < steps; i++) {
            ROLLED for (int j = 0; j < panel; j++) {
                out[i * panel + j] = j < lines ? in[i * stride + j] : 0.0f;
            }
        }
    }
}

// Packs a panel whose lines are rows: line j of step i is in[j * stride + i]. Squares of 4 x 4 are turned in registers.
static inline void pack_rows(Q_GLOBAL const float* in, size_t stride, Q_GLOBAL float* out, int steps,
                             int lines, int panel) {
    ROLLED for (int j = 0; j < panel; j += 4) {
        int i = 0;
        if (j + 4 <= lines) {
            Q_GLOBAL const float* p = in + j * stride;
            ROLLED for (; i + 4 <= steps; i += 4) {
                const float4 r0 = vload4(0, p + i);
                const float4 r1 = vload4(0, p + stride + i);
                const float4 r2 = vload4(0, p + 2 * stride + i);
                const float4 r3 = vload4(0, p + 3 * stride + i);
                Q_GLOBAL float* q = out + i * panel + j;
                vstore4((float4)(r0.x, r1.x, r2.x, r3.x), 0, q);
                vstore4((float4)(r0.y, r1.y, r2.y, r3.y), 0, q + panel);
                vstore4((float4)(r0.z, r1.z, r2.z, r3.z), 0, q + 2 * panel);
                vstore4((float4)(r0.w, r1.w, r2.w, r3.w), 0, q + 3 * panel);
            }
        }
        ROLLED for (; i < steps; i++) {
            ROLLED for (int l = j; l < j + 4; l++) {
                out[i * panel + l] = l < lines ? in[l * stride + i] : 0.0f;
            }
        }
    }
}

// Where the panels of a product's operand with so many lines begin: of the given block of k, its given panel.
static inline size_t panel_at(size_t product, int lines, int k, int start, int steps, int index, int panel) {
    const size_t padded = (size_t)((lines + panel - 1) / panel) * panel;
    return (product * k + start) * padded + (size_t)index * panel * steps;
}

static inline void pack_a(Q_GLOBAL const float* a, Q_GLOBAL float* packed, int m, int k, int stride_a, int panel, int start,
                          size_t product) {
    const int steps = min(KC, k - start);
    const int lines = min(MR, m - panel * MR);
    Q_GLOBAL const float* in = a + product * stride_a;
    Q_GLOBAL float* out = packed + panel_at(product, m, k, start, steps, panel, MR);
#if TRANSPOSE_A
    pack_side_by_side(in + (size_t)start * m + panel * MR, m, out, steps, lines, MR);
#else
    pack_rows(in + (size_t)panel * MR * k + start, k, out, steps, lines, MR);
#endif
}

static inline void pack_b(Q_GLOBAL const float* b, Q_GLOBAL float* packed, int n, int k, int stride_b, int panel, int start,
                          size_t product) {
    const int steps = min(KC, k - start);
    const int lines = min(NR, n - panel * NR);
    Q_GLOBAL const float* in = b + product * stride_b;
    Q_GLOBAL float* out = packed + panel_at(product, n, k, start, steps, panel, NR);
#if TRANSPOSE_B
    pack_rows(in + (size_t)panel * NR * k + start, k, out, steps, lines, NR);
#else
    pack_side_by_side(in + (size_t)start * n + panel * NR, n, out, steps, lines, NR);
#endif
}

// Group (item, block of k, product). Items 0 to b_items - 1 pack PACK_B panels of b each, the others PACK_A panels of a.
Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void pack(Q_GLOBAL const float* Q_RESTRICT a, Q_GLOBAL const float* Q_RESTRICT b, Q_GLOBAL float* Q_RESTRICT packed_a,
          Q_GLOBAL float* Q_RESTRICT packed_b, int m, int n, int k, int stride_a, int stride_b, int b_items) {
    const int item = (int)Q_GROUP_ID(0);
    const int start = (int)Q_GROUP_ID(1) * KC;
    const size_t product = Q_GROUP_ID(2);
    if (item < b_items) {
        // Products that share an operand share its panels: only the first one packs them.
        if (product == 0 || stride_b != 0) {
            const int end = min((item + 1) * PACK_B, (n + NR - 1) / NR);
            for (int panel = item * PACK_B; panel < end; panel++) {
                pack_b(b, packed_b, n, k, stride_b, panel, start, product);
            }
        }
    } else if (product == 0 || stride_a != 0) {
        const int end = min((item - b_items + 1) * PACK_A, (m + MR - 1) / MR);
        for (int panel = (item - b_items) * PACK_A; panel < end; panel++) {
            pack_a(a, packed_a, m, k, stride_a, panel, start, product);
        }
    }
}

#if MR == 12
#define EACH_ROW(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11)
#else
#define EACH_ROW(X) X(0) X(1) X(2) X(3)
#endif
#if NV == 3
#define DECLARE_SUMS(r) VECTOR s##r##_0 = (VECTOR)(0.0f), s##r##_1 = (VECTOR)(0.0f), s##r##_2 = (VECTOR)(0.0f);
#define ADD_PRODUCTS(r) { const VECTOR x = (VECTOR)(pa[r]); \
    s##r##_0 = fma(x, b0, s##r##_0); s##r##_1 = fma(x, b1, s##r##_1); s##r##_2 = fma(x, b2, s##r##_2); }
#define SET_ASIDE(r) STORE(s##r##_0, 0, aside + r * NR); STORE(s##r##_1, 0, aside + r * NR + W); \
    STORE(s##r##_2, 0, aside + r * NR + 2 * W);
#else
#define DECLARE_SUMS(r) VECTOR s##r##_0 = (VECTOR)(0.0f), s##r##_1 = (VECTOR)(0.0f);
#define ADD_PRODUCTS(r) { const VECTOR x = (VECTOR)(pa[r]); \
    s##r##_0 = fma(x, b0, s##r##_0); s##r##_1 = fma(x, b1, s##r##_1); }
#define SET_ASIDE(r) STORE(s##r##_0, 0, aside + r * NR); STORE(s##r##_1, 0, aside + r * NR + W);
#endif

// Adds to what earlier blocks of k left in c, and after the last block finishes the element.
static inline void store_vector(VECTOR sum, Q_GLOBAL float* c, size_t element, int first, int last,
                                float alpha Q_EPILOGUE_PARAMETERS) {
    if (!first) {
        sum += LOAD(0, c + element);
    }
    if (last) {
        sum = EPILOGUE(alpha * sum, element Q_EPILOGUE_ARGUMENTS);
    }
    STORE(sum, 0, c + element);
}

static inline void store_one(float sum, Q_GLOBAL float* c, size_t element, int first, int last,
                                float alpha Q_EPILOGUE_PARAMETERS) {
    if (!first) {
        sum += c[element];
    }
    c[element] = last ? q_epilogue(alpha * sum, element Q_EPILOGUE_ARGUMENTS) : sum;
}

// One micro tile: the sums over one block of k of one panel of a and one of b. Element is its corner's place in c.
static inline void micro_tile(Q_GLOBAL const float* pa, Q_GLOBAL const float* pb, int steps,
                              Q_GLOBAL float* c, size_t element, size_t stride, int rows, int columns,
                              int first, int last, float alpha Q_EPILOGUE_PARAMETERS) {
    EACH_ROW(DECLARE_SUMS)
    for (int i = 0; i < steps; i++) {
        const VECTOR b0 = LOAD(0, pb);
        const VECTOR b1 = LOAD(1, pb);
#if NV == 3
        const VECTOR b2 = LOAD(2, pb);
#endif
        EACH_ROW(ADD_PRODUCTS)
        pa += MR;
        pb += NR;
    }
    float aside[MR * NR];
    EACH_ROW(SET_ASIDE)
    ROLLED for (int r = 0; r < rows; r++) {
        int j = 0;
        ROLLED for (; j + W <= columns; j += W) {
            store_vector(LOAD(0, aside + r * NR + j), c, element + r * stride + j, first, last, alpha Q_EPILOGUE_ARGUMENTS);
        }
        ROLLED for (; j < columns; j++) {
            store_one(aside[r * NR + j], c, element + r * stride + j, first, last, alpha Q_EPILOGUE_ARGUMENTS);
        }
    }
}

// Group (tile along m, tile along n, product).
Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void multiply(Q_GLOBAL const float* Q_RESTRICT packed_a, Q_GLOBAL const float* Q_RESTRICT packed_b,
              Q_GLOBAL float* Q_RESTRICT c, int m, int n, int k, int mb, int nb, int shared_a, int shared_b,
              float alpha Q_EPILOGUE_PARAMETERS) {
    const int i0 = (int)Q_GROUP_ID(0) * mb;
    const int i1 = min(i0 + mb, (m + MR - 1) / MR);
    const int j0 = (int)Q_GROUP_ID(1) * nb;
    const int j1 = min(j0 + nb, (n + NR - 1) / NR);
    const size_t product = Q_GROUP_ID(2);
    for (int start = 0; start < k; start += KC) {
        const int steps = min(KC, k - start);
        for (int j = j0; j < j1; j++) {
            Q_GLOBAL const float* pb = packed_b + panel_at(shared_b ? 0 : product, n, k, start, steps, j, NR);
            for (int i = i0; i < i1; i++) {
                Q_GLOBAL const float* pa = packed_a + panel_at(shared_a ? 0 : product, m, k, start, steps, i, MR);
                micro_tile(pa, pb, steps, c, (product * m + (size_t)i * MR) * n + (size_t)j * NR, n, min(MR, m - i * MR),
                           min(NR, n - j * NR), start == 0, start + KC >= k, alpha Q_EPILOGUE_ARGUMENTS);
            }
        }
    }
}
