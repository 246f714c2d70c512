// Purpose: a transposition on CPUs, in blocks of 16 by 16 words that are turned in registers.
//
//   x  q0+0   | p0 … p0+15 |            y  p0+0  | q0 … q0+15 |
//      …      | 16 vectors |     ->        …     | 16 vectors |        one work-item: QS columns of y, PT rows
//      q0+15  |            |               p0+15 |            |
//
// Parameters, all definitions: P, Q the extents; SQ the distance of neighbours of q in x, TP that of neighbours of p in y; PT and
//   QS, a work-item's share, multiples of 16; PLACES(o), statements that declare from and to of outer element o; and those of
//   copy_rows_cpu.cl, which stands before.
// Requirements: words of 4 bytes; groups of one work-item.
// Adds over rows_cpu: whole vectors on both sides, where gathering loads every element by itself.
// Determinism: moves bits.

#define LOW ((uint16)(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23))
#define HIGH ((uint16)(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31))

// Four times, rows i and i + 8 are interleaved into rows 2 i and 2 i + 1: each time the bits of (row, column) turn by one.
#define STAGE(to, from)                                                                                \
    _Pragma("unroll") for (int i = 0; i < 8; i++) {                                                    \
        to[2 * i] = shuffle2(from[i], from[i + 8], LOW);                                                \
        to[2 * i + 1] = shuffle2(from[i], from[i + 8], HIGH);                                           \
    }

static inline void block(Q_GLOBAL uint* y, Q_GLOBAL const uint* x) {
    uint16 a[16];
    uint16 b[16];
#pragma unroll
    for (int i = 0; i < 16; i++) {
        a[i] = *(Q_GLOBAL const UNALIGNED*)(x + (size_t)i * SQ);
    }
    STAGE(b, a)
    STAGE(a, b)
    STAGE(b, a)
    STAGE(a, b)
#pragma unroll
    for (int i = 0; i < 16; i++) {
        store(y + (size_t)i * TP, a[i]);
    }
}

static inline void edge(Q_GLOBAL uint* y, Q_GLOBAL const uint* x, size_t ps, size_t qs) {
    for (size_t p = 0; p < ps; p++) {
        for (size_t q = 0; q < qs; q++) {
            y[p * TP + q] = x[q * SQ + p];
        }
    }
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void copy(Q_GLOBAL const uint* Q_RESTRICT x0, Q_GLOBAL uint* Q_RESTRICT y) {
    // Neighbouring groups write the same rows of y, whose pages the processor then knows.
    const size_t p0 = Q_GROUP_ID(1) * PT;
    const size_t q0 = Q_GROUP_ID(0) * QS;
    const size_t ps = min((size_t)PT, P - p0);
    const size_t qs = min((size_t)QS, Q - q0);
    PLACES(Q_GROUP_ID(2))
    Q_GLOBAL const uint* x = x0 + from + q0 * SQ + p0;
    Q_GLOBAL uint* z = y + to + p0 * TP + q0;
    const size_t whole_p = ps / 16 * 16;
    const size_t whole_q = qs / 16 * 16;
    for (size_t p = 0; p < whole_p; p += 16) {
        for (size_t q = 0; q < whole_q; q += 16) {
            block(z + p * TP + q, x + q * SQ + p);
        }
    }
    edge(z + whole_q, x + whole_q * SQ, whole_p, qs - whole_q);
    edge(z + whole_p * TP, x + whole_p, ps - whole_p, qs);
}
