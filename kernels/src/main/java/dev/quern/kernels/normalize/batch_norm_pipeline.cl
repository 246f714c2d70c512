// Purpose: what the rungs of batch norm on CPUs that read one block of channels while they write another have in common.
//
//   block b:   TOGETHER neighbouring channels, the fewest whose pixels are whole vectors: of each sample a run of RUN neighbours
//   a pass:    four samples of block b + 1 are looked at | the same places of four samples of block b are written
//
//   segments of a run: whole vectors of channel 0 | the vector that channels 0 and 1 share | whole vectors of channel 1 | …
//   Sums are kept for each segment, lane by lane; a shared vector's lanes are of two channels.
//
// A processor that reads and writes by turns leaves memory idle: reading alone waits for the lines that a core may ask for, writing
// alone leaves those unused. From four samples at once, since the prefetcher follows each by itself.
//
// Parameters: BATCH, CHANNELS, INNER; TOGETHER, which divides CHANNELS; PARTS, which divides BATCH: so many work-items share a block; REVERSED,
//   whether what was looked at last is written first: what two blocks do not find in the second-level cache is less then.
// Requirements: vector_runs.cl in front; groups of one work-item.
// Determinism: each sum runs in a fixed order.

#define RUN (TOGETHER * INNER)
#define VECTORS (RUN / W)
#define BLOCKS (CHANNELS / TOGETHER)
#define SAMPLE ((size_t)CHANNELS * INNER)
// Samples of a part of a block.
#define PART (BATCH / PARTS)
#define COUNT ((float)BATCH * (float)INNER)
// Elements by which memory is asked for before they are looked at.
#define AHEAD 128
#define LONG 2048
#define STRANDS 4
#define EACH(S) _Pragma("unroll") for (int k = 0; k < S; k++)
#define ALWAYS static inline __attribute__((always_inline))

#define SEGMENTS (2 * TOGETHER - 1)

// The first vector of segment j, and the one behind its last.
static inline int first_of_segment(int j) {
    return j % 2 == 0 ? (j / 2 * INNER + W - 1) / W : (j / 2 + 1) * INNER / W;
}

static inline int end_of_segment(int j) {
    return j % 2 == 0 ? (j / 2 + 1) * INNER / W : ((j / 2 + 1) * INNER + W - 1) / W;
}

// How many lanes of a segment are of the channel before, if it is shared.
#define LANES_BEFORE(j) (((j) / 2 + 1) * INNER % W)

// The sum of a shared vector's lanes from one on, before another.
static inline float some_lanes(VECTOR v, int from, int to) {
    const float* lanes = (const float*)&v;
    float sum = 0.0f;
    for (int i = from; i < to; i++) {
        sum += lanes[i];
    }
    return sum;
}

// The sum of the lanes of channel k in a vector of each of its segments: OF(j) is that of segment j.
#define CHANNEL_SUM(sum, k, OF)                                              \
    float sum = lanes_sum(OF(2 * (k)));                                      \
    if ((k) > 0 && LANES_BEFORE(2 * (k) - 1) > 0) {                          \
        sum += some_lanes(OF(2 * (k) - 1), LANES_BEFORE(2 * (k) - 1), W);    \
    }                                                                        \
    if ((k) < TOGETHER - 1) {                                                \
        sum += some_lanes(OF(2 * (k) + 1), 0, LANES_BEFORE(2 * (k) + 1));    \
    }

// Gives channel k its number in all its segments: OF(j) is that of segment j.
#define SET_CHANNEL(k, number, OF)                                                        \
    do {                                                                                  \
        OF(2 * (k)) = (VECTOR)(number);                                                   \
        for (int i = LANES_BEFORE(2 * (k) - 1); (k) > 0 && i < W; i++) {                  \
            ((float*)&OF(2 * (k) - 1))[i] = number;                                       \
        }                                                                                 \
        for (int i = 0; (k) < TOGETHER - 1 && i < LANES_BEFORE(2 * (k) + 1); i++) {       \
            ((float*)&OF(2 * (k) + 1))[i] = number;                                       \
        }                                                                                 \
    } while (0)

// AHEAD elements after element i of runs of S samples from element next on, of which so many samples were looked at before: in the same runs,
// or, if runs are short, in those that are looked at next. Long ones gain nothing from it (12544 pixels lost an eighth).
static inline size_t ahead_of(int S, size_t next, int sample, int i) {
    if (RUN >= LONG || i + AHEAD < RUN) {
        return next + i + AHEAD;
    }
    const size_t after = sample + S < PART ? next + S * SAMPLE : next - sample * SAMPLE + RUN;
    return after + i + AHEAD - RUN;
}

// Calls SAMPLES(S, next, now, sample) for all samples of a part, S at a time: from element next of what is looked at, which begins at element
// look, and now of what is written, which begins at element write; so many samples were looked at before.
#define EACH_SAMPLES(look, write, SAMPLES)                                                                         \
    do {                                                                                                           \
        int sample = 0;                                                                                            \
        for (; sample + STRANDS <= PART; sample += STRANDS) {                                                      \
            const int written = REVERSED ? PART - STRANDS - sample : sample;                                       \
            SAMPLES(STRANDS, (look) + sample * SAMPLE, (write) + written * SAMPLE, sample);                        \
        }                                                                                                          \
        for (; sample < PART; sample++) {                                                                          \
            const int written = REVERSED ? PART - 1 - sample : sample;                                             \
            SAMPLES(1, (look) + sample * SAMPLE, (write) + written * SAMPLE, sample);                              \
        }                                                                                                          \
    } while (0)

// Looks at a part from element look on, writes one from element write on, or both.
#define PASS(looks, writes, look, write)                   \
    do {                                                   \
        if ((looks) && (writes)) {                         \
            EACH_SAMPLES(look, write, BOTH);               \
        } else if (looks) {                                \
            EACH_SAMPLES(look, look, LOOK_ONLY);           \
        } else {                                           \
            EACH_SAMPLES(write, write, WRITE_ONLY);        \
        }                                                  \
    } while (0)
