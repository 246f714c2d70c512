// Purpose: one step of a recurrent layer's gradient, and the sums that are the biases' gradients.
//
//   item (unit, row):  dh = dhidden of the step after [row][..] . weight_hh[..][unit] + what bypasses the sums
//                      then the cell's gradient, in registers
//
// Parameters: LSTM, GRU (neither: plain tanh), REVERSE, BIAS, INITIAL, LENGTHS, 0 or 1; WITH_DY, WITH_DHN, WITH_DCN, 0 or 1, which
//   gradients there are; GATES, SAVED values a unit.
//   Arguments: the problem's operands; bypass and cells [batch][hidden], the gradients of the states past the sums and of
//   the cells; s, which step in the order of the recurrence, -1 for the initial states; steps, batch, hidden.
// Requirements: launches in falling order of s, all of the same operands, bypass and cells.
// Adds: the bottom of the ladder: the cell's gradient is fused into the product that feeds it, so that a step is one launch.
// Determinism: each sum runs in order, in one work-item.

#if GRU
#define OF_HIDDEN dhidden
#else
#define OF_HIDDEN dpre
#endif

Q_KERNEL void recurrent_backward_step(OPERANDS, Q_GLOBAL float* Q_RESTRICT bypass, Q_GLOBAL float* Q_RESTRICT cells, int s,
                                      int steps, int batch, int hidden) {
    const int unit = (int)Q_GLOBAL_ID(0);
    const int row = (int)Q_GROUP_ID(1);
    if (unit >= hidden) {
        return;
    }
    const size_t own = (size_t)row * hidden + unit;
    const size_t width = (size_t)GATES * hidden;
    float dh = 0.0f;
#if LSTM
    float dc = 0.0f;
#endif
    if (s < steps - 1) {
        const int later = REVERSE ? steps - 2 - s : s + 1;
        Q_GLOBAL const float* sums = OF_HIDDEN + ((size_t)later * batch + row) * width;
        for (size_t j = 0; j < width; j++) {
            dh = Q_FMA(sums[j], weight_hh[j * hidden + unit], dh);
        }
        dh += bypass[own];
#if LSTM
        dc = cells[own];
#endif
    }
    if (s == steps - 1) {
#if WITH_DHN
        dh = dhn[own];
#endif
#if WITH_DCN
        dc = dcn[own];
#endif
    }
    if (s < 0) {
#if INITIAL
        dh0[own] = dh;
#if LSTM
        dc0[own] = dc;
#endif
#endif
        return;
    }
    const int t = REVERSE ? steps - 1 - s : s;
    const size_t line = (size_t)t * batch + row;
    float d[GATES];
    for (int gate = 0; gate < GATES; gate++) {
        d[gate] = 0.0f;
    }
#if GRU
    float share = 0.0f;
#endif
#if LENGTHS
    if (t < lengths[row])
#endif
    {
        Q_GLOBAL const float* saved = gates + line * SAVED * hidden + unit;
#if WITH_DY
        dh += dy[line * hidden + unit];
#endif
#if LSTM
        const float i = saved[0];
        const float f = saved[hidden];
        const float g = saved[2 * (size_t)hidden];
        const float o = saved[3 * (size_t)hidden];
        const float c = previous_c[line * hidden + unit];
        const float squashed = Q_TANH(f * c + i * g);
        dc += dh * o * (1.0f - squashed * squashed);
        d[0] = dc * g * i * (1.0f - i);
        d[1] = dc * c * f * (1.0f - f);
        d[2] = dc * i * (1.0f - g * g);
        d[3] = dh * squashed * o * (1.0f - o);
        dc *= f;
        dh = 0.0f;
#elif GRU
        const float r = saved[0];
        const float z = saved[hidden];
        const float n = saved[2 * (size_t)hidden];
        const float u = saved[3 * (size_t)hidden];
        d[2] = dh * (1.0f - z) * (1.0f - n * n);
        d[1] = dh * (previous_h[line * hidden + unit] - n) * z * (1.0f - z);
        d[0] = d[2] * u * r * (1.0f - r);
        share = d[2] * r;
        dh *= z;
#else
        d[0] = dh * (1.0f - saved[0] * saved[0]);
        dh = 0.0f;
#endif
    }
    for (int gate = 0; gate < GATES; gate++) {
        dpre[line * width + (size_t)gate * hidden + unit] = d[gate];
    }
#if GRU
    d[2] = share;
    for (int gate = 0; gate < GATES; gate++) {
        dhidden[line * width + (size_t)gate * hidden + unit] = d[gate];
    }
#endif
    bypass[own] = dh;
#if LSTM
    cells[own] = dc;
#endif
}

// Item j: the sum of column j of d [lines][width].
Q_KERNEL void sum_lines(Q_GLOBAL const float* Q_RESTRICT d, Q_GLOBAL float* Q_RESTRICT sums, int lines, int width) {
    const int j = (int)Q_GLOBAL_ID(0);
    if (j >= width) {
        return;
    }
    float sum = 0.0f;
    for (int line = 0; line < lines; line++) {
        sum += d[(size_t)line * width + j];
    }
    sums[j] = sum;
}
