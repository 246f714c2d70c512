// Purpose: the gradient of local response norm across channels of [batch, channels, inner]; one work-item an element.
//
//   item e: dx[e] = dy[e] / s(c) ^ BETA - 2 SHARE BETA x[e] * (dy x / s ^ (BETA + 1) of the channels from c - BEHIND to
//           c + BEFORE, summed), s(c) = K + SHARE * (x of the channels from c - BEFORE to c + BEHIND, squared and summed)
//
// Parameters: BEFORE, BEHIND; SHARE = alpha / size; BETA; K; OPERANDS, the problem's operands as parameters; arguments
//   elements, channels, inner.
// Requirements: none.
// Adds: the bottom of the ladder: every s is computed again for each of its neighbours.
// Determinism: each sum runs in the order of the channels.

Q_DEVICE float scale_of(Q_GLOBAL const X_T* x, size_t pixel, int c, int channels, int inner) {
    float squares = 0.0f;
    for (int o = Q_IMAX(0, c - BEFORE); o <= Q_IMIN(channels - 1, c + BEHIND); o++) {
        const float v = X_LOAD(x, pixel + (size_t)o * inner);
        squares += v * v;
    }
    return K + SHARE * squares;
}

Q_KERNEL void local_response_norm_backward(OPERANDS, int elements, int channels, int inner Q_EPILOGUE_PARAMETERS) {
    const size_t e = Q_GLOBAL_ID(0);
    if (e >= (size_t)elements) {
        return;
    }
    const int c = (int)(e / inner) % channels;
    const size_t pixel = e - (size_t)c * inner;
    float sum = 0.0f;
    for (int o = Q_IMAX(0, c - BEHIND); o <= Q_IMIN(channels - 1, c + BEFORE); o++) {
        const size_t at = pixel + (size_t)o * inner;
        sum += X_LOAD(dy, at) * X_LOAD(x, at) * Q_POW(scale_of(x, pixel, o, channels, inner), -BETA - 1.0f);
    }
    const float v = X_LOAD(dy, e) * Q_POW(scale_of(x, pixel, c, channels, inner), -BETA) - 2.0f * SHARE * BETA * X_LOAD(x, e) * sum;
    X_STORE(dx, e, q_epilogue(v, e Q_EPILOGUE_ARGUMENTS));
}
