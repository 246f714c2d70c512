// Purpose: local response norm across channels of [batch, channels, inner]; one work-item an element.
//
//   item e: y[e] = x[e] / s ^ BETA, s = K + SHARE * (x of the channels from c - BEFORE to c + BEHIND, squared and summed)
//
// Parameters: BEFORE, BEHIND; SHARE = alpha / size; BETA; K; OPERANDS, the problem's operands as parameters; arguments
//   elements, channels, inner.
// Requirements: none.
// Adds: the bottom of the ladder; neighbouring items read neighbouring elements, and caches hold a channel's neighbours.
// Determinism: each sum runs in the order of the channels.

Q_KERNEL void local_response_norm(OPERANDS, int elements, int channels, int inner Q_EPILOGUE_PARAMETERS) {
    const size_t e = Q_GLOBAL_ID(0);
    if (e >= (size_t)elements) {
        return;
    }
    const int c = (int)(e / inner) % channels;
    float squares = 0.0f;
    for (int o = Q_IMAX(0, c - BEFORE); o <= Q_IMIN(channels - 1, c + BEHIND); o++) {
        const float v = X_LOAD(x, e - (size_t)c * inner + (size_t)o * inner);
        squares += v * v;
    }
    const float v = X_LOAD(x, e) * Q_POW(K + SHARE * squares, -BETA);
    X_STORE(y, e, q_epilogue(v, e Q_EPILOGUE_ARGUMENTS));
}
