// Purpose: one step of a recurrent layer; one work-item a row and unit.
//
//   item (unit, row):  u[gate] = weight_hh[gate * hidden + unit][..] . h[row][..]   then the cell, in registers
//
// Parameters: LSTM, GRU (neither: plain tanh), REVERSE, BIAS, INITIAL, LENGTHS, TRAINING 0 or 1; GATES, SAVED values a unit.
//   Arguments: the problem's operands; state [2][batch][hidden], the hidden state before and after a step in turns; s, which
//   step in the order of the recurrence; steps, batch, hidden.
// Requirements: launches in the order of s, all of the same operands and state.
// Adds: the bottom of the ladder: the gates are fused into the product that feeds them, so that a step is one launch.
// Determinism: each sum runs along the hidden units in order, in one work-item.

Q_DEVICE float sigmoid(float x) {
    return 1.0f / (1.0f + Q_EXP(-x));
}

Q_KERNEL void recurrent_forward_step(OPERANDS, Q_GLOBAL float* Q_RESTRICT state, int s, int steps, int batch, int hidden) {
    const int unit = (int)Q_GLOBAL_ID(0);
    const int row = (int)Q_GROUP_ID(1);
    if (unit >= hidden) {
        return;
    }
    const int t = REVERSE ? steps - 1 - s : s;
    const size_t own = (size_t)row * hidden + unit;
    const size_t all = (size_t)batch * hidden;
    const size_t at = (size_t)t * all + own;
    Q_GLOBAL const float* before = state + (s % 2) * all + (size_t)row * hidden;
    float h = 0.0f;
#if LSTM
    float c = 0.0f;
#endif
    if (s > 0) {
        h = before[unit];
#if LSTM
        c = cn[own];
#endif
    }
#if INITIAL
    if (s == 0) {
        before = h0 + (size_t)row * hidden;
        h = before[unit];
#if LSTM
        c = c0[own];
#endif
    }
#endif
#if TRAINING
    previous_h[at] = h;
#if LSTM
    previous_c[at] = c;
#endif
#endif
    float result = 0.0f;
    float saved[SAVED];
    for (int i = 0; i < SAVED; i++) {
        saved[i] = 0.0f;
    }
#if LENGTHS
    if (t < lengths[row])
#endif
    {
        float x[GATES];
        float u[GATES];
        for (int gate = 0; gate < GATES; gate++) {
            const size_t line = (size_t)gate * hidden + unit;
            x[gate] = pre[((size_t)t * batch + row) * GATES * hidden + line];
            u[gate] = 0.0f;
            if (INITIAL || s > 0) {
                for (int k = 0; k < hidden; k++) {
                    u[gate] = Q_FMA(weight_hh[line * hidden + k], before[k], u[gate]);
                }
            }
#if BIAS
            x[gate] += bias_ih[line];
            u[gate] += bias_hh[line];
#endif
        }
#if LSTM
        saved[0] = sigmoid(x[0] + u[0]);
        saved[1] = sigmoid(x[1] + u[1]);
        saved[2] = Q_TANH(x[2] + u[2]);
        saved[3] = sigmoid(x[3] + u[3]);
        c = saved[1] * c + saved[0] * saved[2];
        h = saved[3] * Q_TANH(c);
#elif GRU
        saved[0] = sigmoid(x[0] + u[0]);
        saved[1] = sigmoid(x[1] + u[1]);
        saved[2] = Q_TANH(x[2] + saved[0] * u[2]);
        saved[3] = u[2];
        h = saved[2] + saved[1] * (h - saved[2]);
#else
        h = Q_TANH(x[0] + u[0]);
        saved[0] = h;
#endif
        result = h;
    }
    y[at] = result;
#if TRAINING
    for (int i = 0; i < SAVED; i++) {
        gates[(((size_t)t * batch + row) * SAVED + i) * hidden + unit] = saved[i];
    }
#endif
    state[((s + 1) % 2) * all + own] = h;
#if LSTM
    cn[own] = c;
#endif
    if (s == steps - 1) {
        hn[own] = h;
    }
}
