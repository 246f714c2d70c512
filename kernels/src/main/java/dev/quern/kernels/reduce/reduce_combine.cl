// Purpose: joins the partial results of a reduction that was shared; one work-item an output.
//
//   item o      y[o] = FINISH(partial[o], partial[outputs + o], partial[2 * outputs + o], …)
//
// Parameters: COMBINE, NEUTRAL, FINISH as in the kernel before; arguments outputs, parts.
// Requirements: none.
// Adds: the second half of the rungs that share long reductions.
// Determinism: parts are joined in order.

Q_KERNEL void combine(Q_GLOBAL const float* Q_RESTRICT partial, Q_GLOBAL X_T* Q_RESTRICT y, int outputs,
                      int parts Q_EPILOGUE_PARAMETERS) {
    const int o = (int)Q_GLOBAL_ID(0);
    if (o >= outputs) {
        return;
    }
    float value = NEUTRAL;
    for (int part = 0; part < parts; part++) {
        const float next = partial[(size_t)part * outputs + o];
        value = COMBINE(value, next);
    }
    X_STORE(y, o, FINISH(value, o));
}
