// Purpose: joins the partial results of a reduction that was shared; one work-item an output.
//
//   item (o, tensor)      y[o] = FINISH(partial[o], partial[outputs + o], partial[2 * outputs + o], …), each tensor's parts behind the
//                         other's
//
// Parameters: COMBINE, NEUTRAL, FINISH, Y_PARAMETERS, Y_OF as in the kernel before; arguments outputs, parts.
// Requirements: none.
// Adds: the second half of the rungs that share long reductions.
// Determinism: parts are joined in order.

Q_KERNEL void combine(Q_GLOBAL const float* Q_RESTRICT all, Y_PARAMETERS(X_T), int outputs, int parts Q_EPILOGUE_PARAMETERS) {
    const int o = (int)Q_GLOBAL_ID(0);
    const int m = (int)Q_GROUP_ID(2);
    Q_GLOBAL const float* partial = all + (size_t)m * parts * outputs;
    Q_GLOBAL X_T* y = Y_OF(m);
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
