// Purpose: what the rungs of batch norm on CPUs that read one block of channels while they write another have in common.
//
//   block b:   TOGETHER neighbouring channels, the fewest whose pixels are whole vectors: of each sample a run of RUN neighbours
//   a pass:    four samples of block b + 1 are looked at | the same places of four samples of block b are written
//
//   TOGETHER = 1: a sum has W lanes         TOGETHER > 1: a table has a number for each element of a run; element i is of channel
//                                           i / INNER, and lies in the same lane in all samples
//
// A processor that reads and writes by turns leaves memory idle: reading alone waits for the lines that a core may ask for, writing
// alone leaves those unused. From four samples at once, since the prefetcher follows each by itself.
//
// Parameters: BATCH, CHANNELS, INNER; TOGETHER, which divides CHANNELS; PER_ITEM, blocks of a work-item; REVERSED, whether what was
//   looked at last is written first: what two blocks do not find in the second-level cache is less then.
// Requirements: vector_runs.cl in front; groups of one work-item.
// Determinism: each sum runs in a fixed order.

#define RUN (TOGETHER * INNER)
#define VECTORS (RUN / W)
#define BLOCKS (CHANNELS / TOGETHER)
#define SAMPLE ((size_t)CHANNELS * INNER)
#define COUNT ((float)BATCH * (float)INNER)
// Elements by which memory is asked for before they are looked at.
#define AHEAD 256
#define LONG 2048
// A table has room for the last vector that is spread.
#define TABLE (VECTORS + 1)
#define STRANDS 4
#define EACH(S) _Pragma("unroll") for (int k = 0; k < S; k++)
#define ALWAYS static inline __attribute__((always_inline))

// The number of a channel for each of its elements of a table.
static inline void spread(VECTOR* table, int channel, float number) {
    float* p = (float*)table + channel * INNER;
    for (int i = 0; i < INNER; i += W) {
        *(Q_JOIN(Q_JOIN(q_float, W), _unaligned)*)(p + i) = (VECTOR)(number);
    }
}

// The sums of a table's elements of a channel, and of the squares of their distances from a centre.
static inline float gathered(const VECTOR* table, int channel) {
    const float* p = (const float*)table + channel * INNER;
    VECTOR sums = 0.0f;
    float rest = 0.0f;
    int i = 0;
    for (; i + W <= INNER; i += W) {
        sums += LOAD(p + i);
    }
    for (; i < INNER; i++) {
        rest += p[i];
    }
    return lanes_sum(sums) + rest;
}

static inline float gathered_squares(const VECTOR* table, int channel, float centre) {
    const float* p = (const float*)table + channel * INNER;
    VECTOR sums = 0.0f;
    float rest = 0.0f;
    int i = 0;
    for (; i + W <= INNER; i += W) {
        const VECTOR d = LOAD(p + i) - centre;
        sums = fma(d, d, sums);
    }
    for (; i < INNER; i++) {
        rest = fma(p[i] - centre, p[i] - centre, rest);
    }
    return lanes_sum(sums) + rest;
}

// AHEAD elements after element i of runs of S samples from element next on, of which so many samples were looked at before: in the same runs,
// or, if runs are short, in those that are looked at next. Long ones gain nothing from it (12544 pixels lost an eighth).
static inline size_t ahead_of(int S, size_t next, int sample, int i) {
    if (RUN >= LONG || i + AHEAD < RUN) {
        return next + i + AHEAD;
    }
    const size_t after = sample + S < BATCH ? next + S * SAMPLE : next - sample * SAMPLE + RUN;
    return after + i + AHEAD - RUN;
}

// Calls SAMPLES(S, next, now, sample) for all samples, S at a time: from element next of the block that is looked at and now of the one
// that is written; so many samples were looked at before.
#define EACH_SAMPLES(look_block, write_block, SAMPLES)                                                             \
    do {                                                                                                           \
        int sample = 0;                                                                                            \
        for (; sample + STRANDS <= BATCH; sample += STRANDS) {                                                     \
            const int written = REVERSED ? BATCH - STRANDS - sample : sample;                                      \
            SAMPLES(STRANDS, sample * SAMPLE + (size_t)(look_block) * RUN,                                         \
                    written * SAMPLE + (size_t)(write_block) * RUN, sample);                                       \
        }                                                                                                          \
        for (; sample < BATCH; sample++) {                                                                         \
            const int written = REVERSED ? BATCH - 1 - sample : sample;                                            \
            SAMPLES(1, sample * SAMPLE + (size_t)(look_block) * RUN, written * SAMPLE + (size_t)(write_block) * RUN, sample); \
        }                                                                                                          \
    } while (0)

// The pass of a work-item's blocks first … end - 1 that looks at block b and writes the one before: the first only looks, the last, whose
// block is no longer the work-item's, only writes.
#define PASS(b, first, end)                                                \
    do {                                                                   \
        if (b == first) {                                                  \
            EACH_SAMPLES(b, b, LOOK_ONLY);                                 \
        } else if (b < end) {                                              \
            EACH_SAMPLES(b, b - 1, BOTH);                                  \
        } else {                                                           \
            EACH_SAMPLES(b - 1, b - 1, WRITE_ONLY);                        \
        }                                                                  \
    } while (0)
