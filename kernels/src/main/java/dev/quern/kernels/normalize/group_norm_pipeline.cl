// Purpose: what the rungs of group norm on CPUs that read some rows while they write others have in common.
//
//   row r = sample * GROUPS + group: ROW = PER_GROUP * INNER neighbours
//   group g owns rows g * PER_ITEM …, in STRANDS strands that lie behind one another; what is left over is a strand of its own
//   a pass:  a row of each strand is looked at | the same places of the row before are written
//
// A processor that reads and writes by turns leaves memory idle. From several strands at once, since the prefetcher follows each by itself.
// All of their loads come before all stores: rows may lie whole pages apart, and a load waits for a store before it that lies at the same
// place of another page.
//
// Parameters: BATCH, GROUPS, PER_GROUP, INNER; PER_ITEM; STRANDS, as many as the registers have room for; CENTRED 0 or 1; WEIGHT(c), BIAS(c), HAS_WEIGHT, HAS_BIAS. INNER = 1: one group, and
//   rows of whole vectors; else INNER is.
// Requirements: vector_runs.cl in front; groups of one work-item.
// Determinism: each sum runs in a fixed order.

#define ROW (PER_GROUP * INNER)
#define ROWS (BATCH * GROUPS)
// A segment's elements share a weight or have the same weights in all rows.
#if INNER == 1
#define SEGMENT ROW
#define SEGMENTS 1
#else
#define SEGMENT INNER
#define SEGMENTS PER_GROUP
#endif
// Elements by which memory is asked for before they are looked at.
#define AHEAD 256
#define EACH(S) _Pragma("unroll") for (int k = 0; k < S; k++)
#define ALWAYS static inline __attribute__((always_inline))
#define CHANNEL_OF(r) ((r) % GROUPS * PER_GROUP)

#if INNER == 1 && HAS_WEIGHT
#define WEIGHTS(i) LOAD(weight + (i))
#else
#define WEIGHTS(i) ((VECTOR)(1.0f))
#endif
#if INNER == 1 && HAS_BIAS
#define BIASES(i) LOAD(bias + (i))
#else
#define BIASES(i) ((VECTOR)(0.0f))
#endif

// Calls ROWS_OF(S, first, between, count) for the strands of a work-item: the first row, rows between strands, rows of a strand.
#define EACH_STRAND(ROWS_OF)                                                        \
    do {                                                                            \
        const int begin = (int)Q_GROUP_ID(0) * PER_ITEM;                            \
        const int own = min(PER_ITEM, ROWS - begin);                                \
        if (own >= STRANDS) {                                                       \
            ROWS_OF(STRANDS, begin, own / STRANDS, own / STRANDS);                  \
        }                                                                           \
        if (own % STRANDS > 0) {                                                    \
            ROWS_OF(1, begin + own / STRANDS * STRANDS, 0, own % STRANDS);          \
        }                                                                           \
    } while (0)
