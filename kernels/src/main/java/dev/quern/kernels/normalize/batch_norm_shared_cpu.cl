// Purpose: batch norm in training and its gradients of [BATCH, CHANNELS, INNER], on CPUs: cores share the samples of a block of channels.
//
//   unit u = part + block * PARTS: samples part * PART … of a block, in the order in which units are taken
//   state  ints, in lines of 16: [ next unit, … ] [ unit 0: known, what its channels came to … ] [ unit 1: … ] …
//
//   loop   look at the unit that was taken last, which comes from memory, and tell what its channels came to
//          | write a unit of the work-item's own of whose block all parts are known, out of the second-level cache
//
// A core keeps what it looked at until the sums of the whole channel are known: with two cores for a block that is half as much, and most
// gradients find it in the second-level cache.
//
// Parameters, all of them definitions: those of batch_norm_pipeline.cl and of what is in front; HELD, units that a work-item may keep;
//   ENTRY, the kernel's name; OPERANDS, the problem's operands as parameters.
// Requirements: batch_norm_pipeline.cl, batch_norm_runs.cl or batch_norm_backward_runs.cl, and batch_norm_samples.cl in front; groups of
//   one work-item, of which HELD / PARTS - 2 at most run at once; state is cleared by the kernel clear.
// Adds over pipelined_cpu: blocks of channels of half the size and less; a core that is late gets fewer of them.
// Determinism: parts are joined in their order, whoever looked at them. No group waits for one that has not begun: units are numbered as
//   they are taken, whoever takes one looks at it before he waits for anything, and only what others took is waited for.

#define UNITS (BLOCKS * PARTS)
#define STATE_LINE 16
#define UNIT_STATE ((2 * TOGETHER + STATE_LINE) / STATE_LINE * STATE_LINE)
#define KNOWN(u) (state + STATE_LINE + (u) * UNIT_STATE)
#define NUMBER(u, i) (KNOWN(u) + 1 + (i))
// How often a work-item looks whether a block is known before it goes on without writing it: about as long as a unit takes.
#define PATIENCE (PART * VECTORS / 2)
#define FIRST_OF(u) ((u) % PARTS * PART * SAMPLE + (size_t)((u) / PARTS) * RUN)
#define CHANNEL_OF(u) ((u) / PARTS * TOGETHER)

Q_KERNEL void clear(Q_GLOBAL int* Q_RESTRICT state) {
    const size_t i = Q_GLOBAL_ID(0);
    if (i < (size_t)STATE_LINE + (size_t)UNITS * UNIT_STATE) {
        state[i] = 0;
    }
}

// Whether all parts of a unit's block are known.
static inline int is_known(volatile Q_GLOBAL int* state, int u) {
    for (int part = 0; part < PARTS; part++) {
        if (atomic_or(KNOWN(u / PARTS * PARTS + part), 0) == 0) {
            return 0;
        }
    }
    mem_fence(CLK_GLOBAL_MEM_FENCE);
    return 1;
}

static inline void tell(volatile Q_GLOBAL int* state, int u, const Looked* looked) {
    for (int k = 0; k < TOGETHER; k++) {
        const float2 numbers = came_to(looked, k);
        atomic_xchg(NUMBER(u, 2 * k), as_int(numbers.x));
        atomic_xchg(NUMBER(u, 2 * k + 1), as_int(numbers.y));
    }
    mem_fence(CLK_GLOBAL_MEM_FENCE);
    atomic_xchg(KNOWN(u), 1);
}

// What channel k of a unit's block came to.
static inline float2 told(volatile Q_GLOBAL int* state, int u, int k) {
    float2 all = 0.0f;
    for (int part = 0; part < PARTS; part++) {
        const int other = u / PARTS * PARTS + part;
        const float2 numbers = (float2)(as_float(atomic_or(NUMBER(other, 2 * k), 0)), as_float(atomic_or(NUMBER(other, 2 * k + 1), 0)));
        all = part == 0 ? numbers : with_part(all, part, numbers);
    }
    return all;
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void ENTRY(OPERANDS, volatile Q_GLOBAL int* state Q_EPILOGUE_PARAMETERS) {
    Looked looked;
    Known known;
    int held[HELD];
    int count = 0;
    int u = atomic_inc(state);
    while (u < UNITS || count > 0) {
        if (count > 0 && u / PARTS != held[count - 1] / PARTS) {
            for (int i = 0; i < PATIENCE && !is_known(state, held[count - 1]); i++) {
            }
        }
        int ready = 0;
        int oldest = 0;
        for (int i = count - 1; i >= 0; i--) {
            if (is_known(state, held[i])) {
                ready++;
                oldest = i;
            }
        }
        // Of several that are known, those that were kept too long go by themselves.
        const int looks = u < UNITS && ready < 2;
        const int writes = ready > 0;
        if (!looks && !writes) {
            continue;
        }
        int w = 0;
        if (writes) {
            w = held[oldest];
            count--;
            for (int i = oldest; i < count; i++) {
                held[i] = held[i + 1];
            }
            for (int k = 0; k < TOGETHER; k++) {
                learn(OPERAND_NAMES, CHANNEL_OF(w), k, told(state, w, k), w % PARTS == 0, &known);
            }
        }
        if (looks) {
            begin(OPERAND_NAMES, CHANNEL_OF(u), &looked);
        }
        PASS(looks, writes, FIRST_OF(u), FIRST_OF(w));
        if (looks) {
            tell(state, u, &looked);
            held[count++] = u;
            u = atomic_inc(state);
        }
    }
}
