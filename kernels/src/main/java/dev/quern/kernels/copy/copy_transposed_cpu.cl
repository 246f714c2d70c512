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

// Pairs of words, of pairs and of quarters of two vectors. Clang makes an instruction of each; of shuffles that take words from anywhere
// it made several, with tables of places beside them, and a block took three times as long.
#define LOW_WORDS(a, b) __builtin_shufflevector(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29)
#define HIGH_WORDS(a, b) __builtin_shufflevector(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31)
#define LOW_PAIRS(a, b) __builtin_shufflevector(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29)
#define HIGH_PAIRS(a, b) __builtin_shufflevector(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31)
#define EVEN_QUARTERS(a, b) __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27)
#define ODD_QUARTERS(a, b) __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31)

static inline void block(Q_GLOBAL uint* y, Q_GLOBAL const uint* x) {
    uint16 a[16];
    uint16 b[16];
#pragma unroll
    for (int i = 0; i < 16; i += 2) {
        const uint16 even = *(Q_GLOBAL const UNALIGNED*)(x + (size_t)i * SQ);
        const uint16 odd = *(Q_GLOBAL const UNALIGNED*)(x + (size_t)(i + 1) * SQ);
        b[i] = LOW_WORDS(even, odd);
        b[i + 1] = HIGH_WORDS(even, odd);
    }
    // Quarter k of a[i + c] is column 4 k + c of rows i … i + 3.
#pragma unroll
    for (int i = 0; i < 16; i += 4) {
        a[i] = LOW_PAIRS(b[i], b[i + 2]);
        a[i + 1] = HIGH_PAIRS(b[i], b[i + 2]);
        a[i + 2] = LOW_PAIRS(b[i + 1], b[i + 3]);
        a[i + 3] = HIGH_PAIRS(b[i + 1], b[i + 3]);
    }
#pragma unroll
    for (int c = 0; c < 4; c++) {
        b[c] = EVEN_QUARTERS(a[c], a[4 + c]);
        b[4 + c] = EVEN_QUARTERS(a[8 + c], a[12 + c]);
        b[8 + c] = ODD_QUARTERS(a[c], a[4 + c]);
        b[12 + c] = ODD_QUARTERS(a[8 + c], a[12 + c]);
    }
#pragma unroll
    for (int c = 0; c < 4; c++) {
        a[c] = EVEN_QUARTERS(b[c], b[4 + c]);
        a[8 + c] = ODD_QUARTERS(b[c], b[4 + c]);
        a[4 + c] = EVEN_QUARTERS(b[8 + c], b[12 + c]);
        a[12 + c] = ODD_QUARTERS(b[8 + c], b[12 + c]);
    }
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
