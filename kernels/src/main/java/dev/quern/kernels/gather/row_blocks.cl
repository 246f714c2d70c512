// Purpose: eight rows that lie anywhere are stored one below the other, on CPUs.
//
//   from[0] | a … |        y            | a … |
//   from[1] | b … |   ->   y + STRIDE   | b … |       step by step of two vectors; meanwhile the same columns of ahead[0] …
//      …                      …                       ahead[7], which are read next, are asked for
//
// Parameters: those of copy_rows_cpu.cl, which stands before, for words of 4 bytes.
// Requirements: y and stride are multiples of a vector where stores pass the caches.
// Adds over copy_rows_cpu.cl: a core keeps few lines under way, and stores that follow one row leave those of the next waiting. With
//   eight rows side by side there is always one that can go on; two vectors of a row at once keep memory's pages open.
// Determinism: moves bits.

#define BLOCK_ROWS 8
#define EACH_ROW _Pragma("unroll") for (int r = 0; r < BLOCK_ROWS; r++)
#if STREAMED
#define PUT_WHOLE(p, v) __builtin_nontemporal_store(v, (Q_GLOBAL VECTOR*)(p))
#else
#define PUT_WHOLE(p, v) (*(Q_GLOBAL UNALIGNED*)(p) = (v))
#endif
#define GET_WHOLE(p) (*(Q_GLOBAL const UNALIGNED*)(p))

// Columns [0, columns) of eight rows; y's rows lie stride apart.
static inline void store_rows(Q_GLOBAL WORD* y, size_t stride, Q_GLOBAL const WORD* from[BLOCK_ROWS],
                              Q_GLOBAL const WORD* ahead[BLOCK_ROWS], size_t columns) {
    size_t i = 0;
    for (; i + 2 * LANES <= columns; i += 2 * LANES) {
        VECTOR a[BLOCK_ROWS];
        VECTOR b[BLOCK_ROWS];
        EACH_ROW {
            FETCH(ahead[r] + i);
            FETCH(ahead[r] + i + LANES);
        }
        EACH_ROW {
            a[r] = GET_WHOLE(from[r] + i);
            b[r] = GET_WHOLE(from[r] + i + LANES);
        }
        EACH_ROW {
            PUT_WHOLE(y + r * stride + i, a[r]);
            PUT_WHOLE(y + r * stride + i + LANES, b[r]);
        }
    }
    for (; i + LANES <= columns; i += LANES) {
        EACH_ROW {
            FETCH(ahead[r] + i);
            const VECTOR a = GET_WHOLE(from[r] + i);
            PUT_WHOLE(y + r * stride + i, a);
        }
    }
    for (; i < columns; i++) {
        EACH_ROW {
            y[r * stride + i] = from[r][i];
        }
    }
}
