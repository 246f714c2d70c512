// Purpose: rows that do not begin on multiples of a vector, with fill values around them or without, on CPUs.
//
//   x rows        |  a  |  b  |  c  | …            TILE rows are put together in the first-level cache …
//   stage         |0a0|0b0|0c0|…                   … as they lie in the output, and stored from there in whole vectors, from STRANDS
//   y             |0a0|0b0|0c0|…                   places at once. While a tile is stored, the next one is put together.
//
// Parameters, all definitions: ROWS rows of y, LENGTH words each: BEFORE fill values, COUNT words of x, fill values; TILE, with TILE *
//   LENGTH a multiple of STRANDS vectors; TILES, tiles of a work-item; STEPS, vectors of a strand that are stored for each row put
//   together; PLACE(row), statements that declare inside, whether a row shows one of x, and from, its first word; FILL; those of
//   copy_rows_cpu.cl, which stands before, for words of 4 bytes.
// Requirements: groups of one work-item; with STREAMED, y is a multiple of a vector.
// Adds over rows_cpu: every store but the last ones is a whole line past the caches, where a row's first and last lines went through
//   them, or the whole row if it was short.
// Determinism: moves bits.

#if STREAMED
#define PUT_WHOLE(p, v) __builtin_nontemporal_store(v, (Q_GLOBAL VECTOR*)(p))
#else
#define PUT_WHOLE(p, v) (*(Q_GLOBAL UNALIGNED*)(p) = (v))
#endif
#define STRAND (TILE * LENGTH / STRANDS)
#define EACH_STRAND _Pragma("unroll") for (int s = 0; s < STRANDS; s++)
// Words between what is loaded and what is asked for.
#define AHEAD 1024

static inline void fill_words(WORD* to, int count) {
    int i = 0;
    for (; i + LANES <= count; i += LANES) {
        *(UNALIGNED*)(to + i) = (VECTOR)(FILL);
    }
    for (; i < count; i++) {
        to[i] = FILL;
    }
}

// Puts a row of y together.
static inline void stage_row(Q_GLOBAL const WORD* x0, WORD* to, size_t row) {
    PLACE(row)
    if (!inside) {
        fill_words(to, LENGTH);
        return;
    }
    Q_GLOBAL const WORD* x = x0 + from;
    fill_words(to, BEFORE);
    int i = 0;
    for (; i + LANES <= COUNT; i += LANES) {
        FETCH(x + AHEAD + i);
        *(UNALIGNED*)(to + BEFORE + i) = *(Q_GLOBAL const UNALIGNED*)(x + i);
    }
#if COUNT >= LANES
    if (i < COUNT) {
        FETCH(x + AHEAD + i);
        *(UNALIGNED*)(to + BEFORE + COUNT - LANES) = *(Q_GLOBAL const UNALIGNED*)(x + COUNT - LANES);
    }
#else
    for (; i < COUNT; i++) {
        to[BEFORE + i] = x[i];
    }
#endif
    fill_words(to + BEFORE + COUNT, LENGTH - BEFORE - COUNT);
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void copy(Q_GLOBAL const WORD* Q_RESTRICT x0, Q_GLOBAL WORD* Q_RESTRICT y) {
    __attribute__((aligned(64))) WORD stage[2][TILE * LENGTH];
    const size_t first = Q_GROUP_ID(0) * TILES * TILE;
    const size_t last = min(first + TILES * TILE, (size_t)ROWS);
    int now = 0;
    for (size_t r = 0; r < min((size_t)TILE, last - first); r++) {
        stage_row(x0, stage[0] + r * LENGTH, first + r);
    }
    size_t row = first;
    for (; row + TILE <= last; row += TILE) {
        Q_GLOBAL WORD* to = y + row * LENGTH;
        const WORD* staged = stage[now];
        int i = 0;
        for (size_t r = 0; r < TILE; r++) {
            if (row + TILE + r < last) {
                stage_row(x0, stage[1 - now] + r * LENGTH, row + TILE + r);
            }
            for (int step = 0; step < STEPS && i < STRAND; step++, i += LANES) {
                VECTOR v[STRANDS];
                EACH_STRAND {
                    v[s] = *(const VECTOR*)(staged + s * STRAND + i);
                }
                EACH_STRAND {
                    PUT_WHOLE(to + s * STRAND + i, v[s]);
                }
            }
        }
        now = 1 - now;
    }
    for (size_t i = 0; i < (last - row) * LENGTH; i++) {
        y[row * LENGTH + i] = stage[now][i];
    }
}
