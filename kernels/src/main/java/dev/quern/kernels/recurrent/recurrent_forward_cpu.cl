// Purpose: a recurrent layer over steps first to last - 1, on CPUs; one work-item a share of the rows and units.
//
//   state before [rows][HIDDEN]  x  packed [panel of units][sum][HIDDEN][LINE]   =  u, a tile of all gates of some units;
//   with FEATURES: and the step's x [rows][FEATURES], whose packed weights lie behind those of each sum
//                                                                                    then the cell, while u is at hand
//
// Parameters, all of them definitions: STEPS, BATCH; BLOCKS of rows and ROW_ITEMS, UNIT_ITEMS that share them; LSTM, GRU
//   (neither: plain tanh), REVERSE, BIAS, INITIAL, LENGTHS, TRAINING 0 or 1; FEATURES of x, 0 where the product with x is given; GATES, SAVED values a unit. Arguments: the problem's
//   operands; packed weights; biases [panel][BIAS_LINES][LINE]; state [2][BATCH][HIDDEN], the hidden state before and after
//   a step in turns; first and last steps in the order of the recurrence.
// Requirements: recurrent_cpu.cl in front; launches in the order of the steps; more than one step only if UNIT_ITEMS is 1,
//   because a step reads all units of the one before.
// Adds over step_per_launch: weights are packed once for all steps and read in vectors; sums of a whole tile stay in registers.
// Determinism: each element is computed in one work-item, in an order that depends on sizes only.

// GRU: the biases of r and z, both added up, then bias_hh of n, then bias_ih of n.
#define BIAS_LINES (GRU ? 4 : GATES)

// Sums of a panel: one a gate; those of x and of the hidden state apart for n of a GRU, whose r scales only one of them.
#define SUMS (FEATURES && GRU ? 4 : GATES)
// What lies before a panel's next sum.
#define PANEL_SIZE ((size_t)(HIDDEN + FEATURES) * LINE)

// out[k][j] = in[j][k] for LINE lines j of depth numbers; zero where there are fewer units.
static inline void pack_lines(Q_GLOBAL const float* in, int depth, int units, Q_GLOBAL float* out) {
    ROLLED for (int j = 0; j < LINE; j += 4) {
        int k = 0;
        if (j + 4 <= units) {
            Q_GLOBAL const float* p = in + (size_t)j * depth;
            ROLLED for (; k + 4 <= depth; k += 4) {
                const float4 r0 = vload4(0, p + k);
                const float4 r1 = vload4(0, p + depth + k);
                const float4 r2 = vload4(0, p + 2 * depth + k);
                const float4 r3 = vload4(0, p + 3 * depth + k);
                Q_GLOBAL float* q = out + (size_t)k * LINE + j;
                vstore4((float4)(r0.x, r1.x, r2.x, r3.x), 0, q);
                vstore4((float4)(r0.y, r1.y, r2.y, r3.y), 0, q + LINE);
                vstore4((float4)(r0.z, r1.z, r2.z, r3.z), 0, q + 2 * LINE);
                vstore4((float4)(r0.w, r1.w, r2.w, r3.w), 0, q + 3 * LINE);
            }
        }
        ROLLED for (; k < depth; k++) {
            ROLLED for (int l = j; l < j + 4; l++) {
                out[(size_t)k * LINE + l] = l < units ? in[(size_t)l * depth + k] : 0.0f;
            }
        }
    }
}

// Group (panel of units, sum): packed[k][j] = weight_hh[gate * HIDDEN + first + j][k], and weight_ih's behind it.
Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void pack(Q_GLOBAL const float* Q_RESTRICT weight_hh,
#if FEATURES
          Q_GLOBAL const float* Q_RESTRICT weight_ih,
#endif
#if BIAS
          Q_GLOBAL const float* Q_RESTRICT bias_ih, Q_GLOBAL const float* Q_RESTRICT bias_hh,
#endif
          Q_GLOBAL float* Q_RESTRICT packed, Q_GLOBAL float* Q_RESTRICT biases) {
    const int panel = (int)Q_GROUP_ID(0);
    const int gate = (int)Q_GROUP_ID(1);
    const int first = panel * LINE;
    const int units = min(LINE, HIDDEN - first);
    Q_GLOBAL float* out = packed + ((size_t)panel * SUMS + gate) * PANEL_SIZE;
    if (gate < GATES) {
        pack_lines(weight_hh + ((size_t)gate * HIDDEN + first) * HIDDEN, HIDDEN, units, out);
    }
#if FEATURES
    pack_lines(weight_ih + ((size_t)min(gate, GATES - 1) * HIDDEN + first) * FEATURES, FEATURES, units, out + HIDDEN * LINE);
#endif
#if BIAS
    if (gate >= GATES) {
        return;
    }
    Q_GLOBAL float* line = biases + ((size_t)panel * BIAS_LINES + gate) * LINE;
    ROLLED for (int j = 0; j < LINE; j++) {
        const float ih = j < units ? bias_ih[gate * HIDDEN + first + j] : 0.0f;
        const float hh = j < units ? bias_hh[gate * HIDDEN + first + j] : 0.0f;
        const int apart = GRU && gate == 2;
        line[j] = apart ? hh : ih + hh;
        if (apart) {
            line[LINE + j] = ih;
        }
    }
#endif
}

#if BIAS
#define WITH_BIAS(x, line) ((x) + LOAD(v, bias + (line) * LINE))
#else
#define WITH_BIAS(x, line) (x)
#endif
#define U(gate) WITH_BIAS(LOAD(r * NV + v, aside + (gate) * ROWS * LINE), gate)
#if FEATURES
#define SUM(gate) U(gate)
#define X_OF_N LOAD(r * NV + v, aside + 3 * ROWS * LINE)
#else
#define SUM(gate) (READ(x + (gate) * HIDDEN, whole) + U(gate))
#define X_OF_N READ(x + 2 * HIDDEN, whole)
#endif

// What the cell does with a tile's sums u, which lie aside a gate after the other.
static inline void cells(OPERANDS, Q_GLOBAL float* next, Q_GLOBAL const float* before, Q_GLOBAL const float* bias,
                         const float* aside, int s, int t, int row, int rows, int panel) {
    ROLLED for (int v = 0; v < NV; v++) {
        const int unit = panel * LINE + v * W;
        if (unit >= HIDDEN) {
            return;
        }
        const int whole = unit + W <= HIDDEN;
        ROLLED for (int r = 0; r < rows; r++) {
            const size_t own = (size_t)(row + r) * HIDDEN + unit;
            const size_t at = (size_t)t * BATCH * HIDDEN + own;
#if !FEATURES
            Q_GLOBAL const float* x = pre + ((size_t)t * BATCH + row + r) * GATES * HIDDEN + unit;
#endif
            VECTOR h = (VECTOR)(0.0f);
#if GRU || LENGTHS || TRAINING
            if (INITIAL || s > 0) {
                h = READ(before + own, whole);
            }
#endif
#if LSTM
            VECTOR c = (VECTOR)(0.0f);
            if (s > 0) {
                c = READ(cn + own, whole);
            }
#if INITIAL
            if (s == 0) {
                c = READ(c0 + own, whole);
            }
#endif
#endif
#if TRAINING
            Q_GLOBAL float* saved = gates + ((size_t)t * BATCH + row + r) * SAVED * HIDDEN + unit;
            WRITE(h, previous_h + at, whole);
#if LSTM
            WRITE(c, previous_c + at, whole);
#endif
#endif
#if LENGTHS
            if (t >= lengths[row + r]) {
                WRITE((VECTOR)(0.0f), y + at, whole);
#if TRAINING
                ROLLED for (int i = 0; i < SAVED; i++) {
                    WRITE((VECTOR)(0.0f), saved + (size_t)i * HIDDEN, whole);
                }
#endif
                WRITE(h, next + own, whole);
#if LSTM
                WRITE(c, cn + own, whole);
#endif
                continue;
            }
#endif
#if LSTM
            const VECTOR i = vector_sigmoid(SUM(0));
            const VECTOR f = vector_sigmoid(SUM(1));
            const VECTOR g = vector_tanh(SUM(2));
            const VECTOR o = vector_sigmoid(SUM(3));
            c = fma(f, c, i * g);
            h = o * vector_tanh(c);
            WRITE(c, cn + own, whole);
#if TRAINING
            WRITE(i, saved, whole);
            WRITE(f, saved + HIDDEN, whole);
            WRITE(g, saved + 2 * HIDDEN, whole);
            WRITE(o, saved + 3 * HIDDEN, whole);
#endif
#elif GRU
            const VECTOR z = vector_sigmoid(SUM(1));
            const VECTOR reset = vector_sigmoid(SUM(0));
            const VECTOR u = U(2);
            const VECTOR n = vector_tanh(fma(reset, u, WITH_BIAS(X_OF_N, 3)));
            h = fma(z, h - n, n);
#if TRAINING
            WRITE(reset, saved, whole);
            WRITE(z, saved + HIDDEN, whole);
            WRITE(n, saved + 2 * HIDDEN, whole);
            WRITE(u, saved + 3 * HIDDEN, whole);
#endif
#else
            h = vector_tanh(SUM(0));
#if TRAINING
            WRITE(h, saved, whole);
#endif
#endif
            WRITE(h, y + at, whole);
            WRITE(h, next + own, whole);
        }
    }
}

// Group (share of the rows, share of the units).
Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void recurrent_forward(OPERANDS, Q_GLOBAL const float* Q_RESTRICT packed, Q_GLOBAL const float* Q_RESTRICT biases,
                       Q_GLOBAL float* Q_RESTRICT state, int first, int last) {
    const int item = (int)Q_GROUP_ID(0);
    const int part = (int)Q_GROUP_ID(1);
    const int panel0 = part * PANELS / UNIT_ITEMS;
    const int panels = (part + 1) * PANELS / UNIT_ITEMS - panel0;
    float aside[SUMS * ROWS * LINE];
    for (int s = first; s < last; s++) {
        const int t = REVERSE ? STEPS - 1 - s : s;
        Q_GLOBAL const float* before = state + (size_t)(s % 2) * BATCH * HIDDEN;
#if INITIAL
        if (s == 0) {
            before = h0;
        }
#endif
        Q_GLOBAL float* next = s == STEPS - 1 ? hn : state + (size_t)((s + 1) % 2) * BATCH * HIDDEN;
        for (int i = 0; i < panels; i++) {
            const int panel = panel0 + IN_TURNS(s, i, panels);
            for (int block = item * BLOCKS / ROW_ITEMS; block < (item + 1) * BLOCKS / ROW_ITEMS; block++) {
                const int row = (int)((long)block * BATCH / BLOCKS);
                const int rows = (int)((long)(block + 1) * BATCH / BLOCKS) - row;
                ROLLED for (int gate = 0; gate < SUMS; gate++) {
                    const int depth = (INITIAL || s > 0) && gate < GATES ? HIDDEN : 0;
                    product(before + (size_t)row * HIDDEN, depth,
#if FEATURES
                            x + ((size_t)t * BATCH + row) * FEATURES, GRU && gate == 2 ? 0 : FEATURES,
#else
                            before, 0,
#endif
                            packed + ((size_t)panel * SUMS + gate) * PANEL_SIZE, aside + gate * ROWS * LINE, rows);
                }
                cells(ARGUMENTS, next, before, biases + (size_t)panel * BIAS_LINES * LINE, aside, s, t, row, rows, panel);
            }
        }
    }
}
