// Purpose: the gradients of a recurrent layer over steps first down to last, on CPUs; one work-item a share of the rows and units.
//
//   dhidden of the step after [rows][GATES * HIDDEN]  x  packed [panel of units][GATES * HIDDEN][LINE]   =  dh, a tile
//                                                         then the cell's gradient, while dh is at hand;
//   with FEATURES: dpre of the step x packed weight_ih, panels of features behind those of units   =  dx
//
// Parameters, all of them definitions: STEPS, BATCH; BLOCKS of rows and ROW_ITEMS, UNIT_ITEMS that share them; LSTM, GRU
//   (neither: plain tanh), REVERSE, BIAS, INITIAL, LENGTHS, 0 or 1; WITH_DY, WITH_DHN, WITH_DCN, 0 or 1, which gradients there are; FEATURES of x, 0 where its gradient is made elsewhere; GATES, SAVED values a unit. Arguments: the problem's
//   operands; packed weights; bypass and memory [BATCH][HIDDEN], the gradients of the states past the sums and of the
//   LSTM's cells; sums [ROW_ITEMS][BIAS_LINES][HIDDEN], each item's part of the biases' gradients; with FEATURES dx; first and last steps in the
//   order of the recurrence, -1 for the initial states.
// Requirements: recurrent_cpu.cl in front; launches in falling order of the steps; more than one step, or FEATURES, only if
//   UNIT_ITEMS is 1, because a step reads all units of the one before.
// Adds over step_per_launch: weights are packed once for all steps and read in vectors; sums of a whole tile stay in
//   registers; the biases' gradients are added up on the way.
// Determinism: each element is computed in one work-item, in an order that depends on sizes only.

#if GRU
#define OF_HIDDEN dhidden
#else
#define OF_HIDDEN dpre
#endif
// GRU: r, z, n and n's share of the hidden state.
#define BIAS_LINES (GRU ? 4 : GATES)
#define BYPASS (GRU || LENGTHS)

// Group (panel of units, then of features): packed[k][j] = weight_hh[k][first + j], or weight_ih[k][first + j].
Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void pack(Q_GLOBAL const float* Q_RESTRICT weight_hh,
#if FEATURES
          Q_GLOBAL const float* Q_RESTRICT weight_ih,
#endif
          Q_GLOBAL float* Q_RESTRICT packed) {
    const int panel = (int)Q_GROUP_ID(0);
    Q_GLOBAL float* out = packed + (size_t)panel * DEPTH * LINE;
#if FEATURES
    if (panel >= PANELS) {
        const int first = (panel - PANELS) * LINE;
        ROLLED for (int k = 0; k < DEPTH; k++) {
            ROLLED for (int j = 0; j < LINE; j++) {
                out[(size_t)k * LINE + j] = first + j < FEATURES ? weight_ih[(size_t)k * FEATURES + first + j] : 0.0f;
            }
        }
        return;
    }
#endif
    const int first = panel * LINE;
    ROLLED for (int k = 0; k < DEPTH; k++) {
        ROLLED for (int v = 0; v < NV; v++) {
            const int unit = first + v * W;
            VECTOR weights = (VECTOR)(0.0f);
            if (unit < HIDDEN) {
                weights = READ(weight_hh + (size_t)k * HIDDEN + unit, unit + W <= HIDDEN);
            }
            STORE(weights, out + (size_t)k * LINE + v * W);
        }
    }
}

// What the cell makes of a tile's dh, the hidden states' gradient through the sums of the step after.
static inline void cells(OPERANDS, Q_GLOBAL float* bypass, Q_GLOBAL float* memory, Q_GLOBAL float* sums, const float* aside,
                         int s, int row, int rows, int panel, int starts) {
    const int t = REVERSE ? STEPS - 1 - s : s;
    ROLLED for (int v = 0; v < NV; v++) {
        const int unit = panel * LINE + v * W;
        if (unit >= HIDDEN) {
            return;
        }
        const int whole = unit + W <= HIDDEN;
#if BIAS
        VECTOR total0 = (VECTOR)(0.0f);
        VECTOR total1 = (VECTOR)(0.0f);
        VECTOR total2 = (VECTOR)(0.0f);
        VECTOR total3 = (VECTOR)(0.0f);
#endif
        ROLLED for (int r = 0; r < rows; r++) {
            const size_t own = (size_t)(row + r) * HIDDEN + unit;
            const size_t line = (size_t)t * BATCH + row + r;
            VECTOR dh = LOAD(r * NV + v, aside);
#if LSTM
            VECTOR dc = (VECTOR)(0.0f);
#endif
            if (s < STEPS - 1) {
#if BYPASS
                dh += READ(bypass + own, whole);
#endif
#if LSTM
                dc = READ(memory + own, whole);
#endif
            }
            if (s == STEPS - 1) {
#if WITH_DHN
                dh = READ(dhn + own, whole);
#endif
#if WITH_DCN
                dc = READ(dcn + own, whole);
#endif
            }
#if INITIAL
            if (s < 0) {
                WRITE(dh, dh0 + own, whole);
#if LSTM
                WRITE(dc, dc0 + own, whole);
#endif
                continue;
            }
#endif
            Q_GLOBAL float* d = dpre + line * GATES * HIDDEN + unit;
#if GRU
            Q_GLOBAL float* shares = dhidden + line * GATES * HIDDEN + unit;
#endif
#if LENGTHS
            if (t >= lengths[row + r]) {
                ROLLED for (int gate = 0; gate < GATES; gate++) {
                    WRITE((VECTOR)(0.0f), d + (size_t)gate * HIDDEN, whole);
#if GRU
                    WRITE((VECTOR)(0.0f), shares + (size_t)gate * HIDDEN, whole);
#endif
                }
                WRITE(dh, bypass + own, whole);
#if LSTM
                WRITE(dc, memory + own, whole);
#endif
                continue;
            }
#endif
            Q_GLOBAL const float* saved = gates + line * SAVED * HIDDEN + unit;
#if WITH_DY
            dh += READ(dy + line * HIDDEN + unit, whole);
#endif
#if LSTM
            const VECTOR i = READ(saved, whole);
            const VECTOR f = READ(saved + HIDDEN, whole);
            const VECTOR g = READ(saved + 2 * HIDDEN, whole);
            const VECTOR o = READ(saved + 3 * HIDDEN, whole);
            const VECTOR c = READ(previous_c + line * HIDDEN + unit, whole);
            const VECTOR squashed = vector_tanh(fma(f, c, i * g));
            dc = fma(dh * o, 1.0f - squashed * squashed, dc);
            const VECTOR di = dc * g * i * (1.0f - i);
            const VECTOR df = dc * c * f * (1.0f - f);
            const VECTOR dg = dc * i * (1.0f - g * g);
            const VECTOR d_o = dh * squashed * o * (1.0f - o);
            WRITE(di, d, whole);
            WRITE(df, d + HIDDEN, whole);
            WRITE(dg, d + 2 * HIDDEN, whole);
            WRITE(d_o, d + 3 * HIDDEN, whole);
            WRITE(dc * f, memory + own, whole);
#if BIAS
            total0 += di;
            total1 += df;
            total2 += dg;
            total3 += d_o;
#endif
            dh = (VECTOR)(0.0f);
#elif GRU
            const VECTOR reset = READ(saved, whole);
            const VECTOR z = READ(saved + HIDDEN, whole);
            const VECTOR n = READ(saved + 2 * HIDDEN, whole);
            const VECTOR u = READ(saved + 3 * HIDDEN, whole);
            const VECTOR h = READ(previous_h + line * HIDDEN + unit, whole);
            const VECTOR dn = dh * (1.0f - z) * (1.0f - n * n);
            const VECTOR dz = dh * (h - n) * z * (1.0f - z);
            const VECTOR dr = dn * u * reset * (1.0f - reset);
            const VECTOR du = dn * reset;
            WRITE(dr, d, whole);
            WRITE(dz, d + HIDDEN, whole);
            WRITE(dn, d + 2 * HIDDEN, whole);
            WRITE(dr, shares, whole);
            WRITE(dz, shares + HIDDEN, whole);
            WRITE(du, shares + 2 * HIDDEN, whole);
#if BIAS
            total0 += dr;
            total1 += dz;
            total2 += dn;
            total3 += du;
#endif
            dh *= z;
#else
            const VECTOR h = READ(saved, whole);
            dh *= 1.0f - h * h;
            WRITE(dh, d, whole);
#if BIAS
            total0 += dh;
#endif
            dh = (VECTOR)(0.0f);
#endif
#if BYPASS
            WRITE(dh, bypass + own, whole);
#endif
        }
#if BIAS
        if (s >= 0) {
            Q_GLOBAL float* to = sums + unit;
            WRITE(starts ? total0 : READ(to, whole) + total0, to, whole);
#if BIAS_LINES > 1
            to += HIDDEN;
            WRITE(starts ? total1 : READ(to, whole) + total1, to, whole);
            to += HIDDEN;
            WRITE(starts ? total2 : READ(to, whole) + total2, to, whole);
            to += HIDDEN;
            WRITE(starts ? total3 : READ(to, whole) + total3, to, whole);
#endif
        }
#endif
    }
}

#if FEATURES
// Group's rows of a step: dx = dpre * weight_ih.
static inline void inputs_gradient(Q_GLOBAL const float* dpre, Q_GLOBAL const float* packed, Q_GLOBAL float* dx, float* aside,
                                   int rows) {
    ROLLED for (int first = 0; first < FEATURES; first += LINE) {
        product(dpre, DEPTH, dpre, 0, packed + (size_t)first * DEPTH, aside, rows);
        ROLLED for (int r = 0; r < rows; r++) {
            Q_GLOBAL float* out = dx + (size_t)r * FEATURES;
            int j = 0;
            ROLLED for (; j + W <= min(LINE, FEATURES - first); j += W) {
                STORE(LOAD(0, aside + r * LINE + j), out + first + j);
            }
            ROLLED for (; j < min(LINE, FEATURES - first); j++) {
                out[first + j] = aside[r * LINE + j];
            }
        }
    }
}
#endif

// Group (share of the rows, share of the units).
Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void recurrent_backward(OPERANDS, Q_GLOBAL const float* Q_RESTRICT packed, Q_GLOBAL float* Q_RESTRICT bypass,
                        Q_GLOBAL float* Q_RESTRICT memory, Q_GLOBAL float* Q_RESTRICT sums,
#if FEATURES
                        Q_GLOBAL float* Q_RESTRICT dx,
#endif
                        int first, int last) {
    const int item = (int)Q_GROUP_ID(0);
    const int part = (int)Q_GROUP_ID(1);
    const int block0 = item * BLOCKS / ROW_ITEMS;
    const int panel0 = part * PANELS / UNIT_ITEMS;
    const int panels = (part + 1) * PANELS / UNIT_ITEMS - panel0;
    float aside[ROWS * LINE];
    for (int s = first; s >= last; s--) {
        const int later = REVERSE ? STEPS - 2 - s : s + 1;
        for (int i = 0; i < panels; i++) {
            const int panel = panel0 + IN_TURNS(s, i, panels);
            for (int block = block0; block < (item + 1) * BLOCKS / ROW_ITEMS; block++) {
                const int row = (int)((long)block * BATCH / BLOCKS);
                const int rows = (int)((long)(block + 1) * BATCH / BLOCKS) - row;
                Q_GLOBAL const float* of_hidden = s < STEPS - 1 ? OF_HIDDEN + ((size_t)later * BATCH + row) * DEPTH : OF_HIDDEN;
                product(of_hidden, s < STEPS - 1 ? DEPTH : 0, of_hidden, 0, packed + (size_t)panel * DEPTH * LINE, aside, rows);
                cells(ARGUMENTS, bypass, memory, sums + (size_t)item * BIAS_LINES * HIDDEN, aside, s, row, rows, panel,
                      s == STEPS - 1 && block == block0);
            }
        }
#if FEATURES
        for (int block = block0; s >= 0 && block < (item + 1) * BLOCKS / ROW_ITEMS; block++) {
            const int row = (int)((long)block * BATCH / BLOCKS);
            const int rows = (int)((long)(block + 1) * BATCH / BLOCKS) - row;
            const size_t line = (size_t)(REVERSE ? STEPS - 1 - s : s) * BATCH + row;
            inputs_gradient(dpre + line * DEPTH, packed + (size_t)PANELS * DEPTH * LINE, dx + line * FEATURES, aside, rows);
        }
#endif
    }
}

#if BIAS
// Group (line): the biases' gradients from all items' parts.
Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void add_up(Q_GLOBAL const float* Q_RESTRICT sums, Q_GLOBAL float* Q_RESTRICT dbias_ih
#if GRU
            , Q_GLOBAL float* Q_RESTRICT dbias_hh
#endif
            ) {
    const int line = (int)Q_GROUP_ID(0);
    ROLLED for (int unit = 0; unit < HIDDEN; unit++) {
        float sum = 0.0f;
        ROLLED for (int item = 0; item < ROW_ITEMS; item++) {
            sum += sums[((size_t)item * BIAS_LINES + line) * HIDDEN + unit];
        }
#if GRU
        if (line < 3) {
            dbias_ih[line * HIDDEN + unit] = sum;
        }
        if (line != 2) {
            dbias_hh[(line < 2 ? line : 2) * HIDDEN + unit] = sum;
        }
#else
        dbias_ih[line * HIDDEN + unit] = sum;
#endif
    }
}
#endif
