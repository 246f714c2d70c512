// Purpose: maximum and average pooling, forward and backward, the bottom rung. One kernel of the four is compiled.
//
//   y, flat:  i = (plane*P + p)*Q + q    one work-item each (forward)
//   dx, flat: i = (plane*H + h)*W + w    one work-item each (backward: a gather over the windows that see the pixel)
//   window (p,q) sees rows p*STRIDE_H - PAD_TOP + r*DILATION_H for r in [0,WINDOW_H), skipped outside [0,H); columns alike
//
// Parameters: H W P Q WINDOW_H WINDOW_W STRIDE_H STRIDE_W PAD_TOP PAD_LEFT DILATION_H DILATION_W (sizes);
//   PADDED_H PADDED_W (H + bottom padding, W + right padding); COUNT_INCLUDE_PAD (0, 1); INDICES (0, 1);
//   MAX_FORWARD, MAX_BACKWARD, AVG_FORWARD or AVG_BACKWARD is defined. planes is an argument.
//   X_T and its loads and stores are the storage type of values.
// Requirements: portable; any group size.
// Adds: correctness on every device and every attribute, without atomics.
// Determinism: each element is one work-item's; sums run over windows row by row.

#if defined(MAX_FORWARD)
// Of equal values the first in window order wins; a NaN wins whenever it is met.
Q_KERNEL void max_pool2d_forward(Q_GLOBAL const X_T* x, Q_GLOBAL X_T* y
#if INDICES
        , Q_GLOBAL int* indices
#endif
        , const int planes Q_EPILOGUE_PARAMETERS) {
    const size_t i = Q_GLOBAL_ID(0);
    if (i >= (size_t)planes * P * Q) {
        return;
    }
    const int q = (int)(i % Q);
    const int p = (int)(i / Q % P);
    Q_GLOBAL const X_T* plane = x + i / ((size_t)P * Q) * ((size_t)H * W);
    float best = -Q_INFINITY;
    int place = -1;
    for (int r = 0; r < WINDOW_H; r++) {
        const int h = p * STRIDE_H - PAD_TOP + r * DILATION_H;
        if (h < 0 || h >= H) {
            continue;
        }
        for (int s = 0; s < WINDOW_W; s++) {
            const int w = q * STRIDE_W - PAD_LEFT + s * DILATION_W;
            if (w >= 0 && w < W) {
                const float value = X_LOAD(plane, (size_t)h * W + w);
                if (place < 0 || value > best || value != value) {
                    best = value;
                    place = h * W + w;
                }
            }
        }
    }
#if INDICES
    indices[i] = place;
#endif
    X_STORE(y, i, q_epilogue(best, i Q_EPILOGUE_ARGUMENTS));
}
#endif

#if defined(AVG_FORWARD) || defined(AVG_BACKWARD)
// How many pixels the window (p,q) is divided by.
Q_DEVICE float q_window_pixels(int p, int q) {
    const int firstH = p * STRIDE_H - PAD_TOP;
    const int firstW = q * STRIDE_W - PAD_LEFT;
#if COUNT_INCLUDE_PAD
    return (float)((Q_IMIN(firstH + WINDOW_H, PADDED_H) - firstH) * (Q_IMIN(firstW + WINDOW_W, PADDED_W) - firstW));
#else
    return (float)((Q_IMIN(firstH + WINDOW_H, H) - Q_IMAX(firstH, 0)) * (Q_IMIN(firstW + WINDOW_W, W) - Q_IMAX(firstW, 0)));
#endif
}
#endif

#if defined(AVG_FORWARD)
Q_KERNEL void avg_pool2d_forward(Q_GLOBAL const X_T* x, Q_GLOBAL X_T* y, const int planes Q_EPILOGUE_PARAMETERS) {
    const size_t i = Q_GLOBAL_ID(0);
    if (i >= (size_t)planes * P * Q) {
        return;
    }
    const int q = (int)(i % Q);
    const int p = (int)(i / Q % P);
    Q_GLOBAL const X_T* plane = x + i / ((size_t)P * Q) * ((size_t)H * W);
    const int lastH = Q_IMIN(p * STRIDE_H - PAD_TOP + WINDOW_H, H);
    const int lastW = Q_IMIN(q * STRIDE_W - PAD_LEFT + WINDOW_W, W);
    float sum = 0.0f;
    for (int h = Q_IMAX(p * STRIDE_H - PAD_TOP, 0); h < lastH; h++) {
        for (int w = Q_IMAX(q * STRIDE_W - PAD_LEFT, 0); w < lastW; w++) {
            sum += X_LOAD(plane, (size_t)h * W + w);
        }
    }
    X_STORE(y, i, q_epilogue(sum / q_window_pixels(p, q), i Q_EPILOGUE_ARGUMENTS));
}
#endif

#if defined(MAX_BACKWARD) || defined(AVG_BACKWARD)
// The first and one past the last window along an axis that may see a position (already shifted by the padding).
Q_DEVICE int q_first_window(int position, int extent, int stride) {
    return position < extent ? 0 : (position - extent) / stride + 1;
}

Q_DEVICE int q_end_window(int position, int stride, int windows) {
    return Q_IMIN(position / stride + 1, windows);
}
#endif

#if defined(MAX_BACKWARD)
Q_KERNEL void max_pool2d_backward(Q_GLOBAL const X_T* dy, Q_GLOBAL const int* indices,
        Q_GLOBAL X_T* dx, const int planes Q_EPILOGUE_PARAMETERS) {
    const size_t i = Q_GLOBAL_ID(0);
    if (i >= (size_t)planes * H * W) {
        return;
    }
    const int w = (int)(i % W);
    const int h = (int)(i / W % H);
    const size_t plane = i / ((size_t)H * W);
    const int endP = q_end_window(h + PAD_TOP, STRIDE_H, P);
    const int endQ = q_end_window(w + PAD_LEFT, STRIDE_W, Q);
    float sum = 0.0f;
    for (int p = q_first_window(h + PAD_TOP, (WINDOW_H - 1) * DILATION_H + 1, STRIDE_H); p < endP; p++) {
        for (int q = q_first_window(w + PAD_LEFT, (WINDOW_W - 1) * DILATION_W + 1, STRIDE_W); q < endQ; q++) {
            const size_t output = (plane * P + p) * Q + q;
            if (indices[output] == h * W + w) {
                sum += X_LOAD(dy, output);
            }
        }
    }
    X_STORE(dx, i, q_epilogue(sum, i Q_EPILOGUE_ARGUMENTS));
}
#endif

#if defined(AVG_BACKWARD)
Q_KERNEL void avg_pool2d_backward(Q_GLOBAL const X_T* dy, Q_GLOBAL X_T* dx, const int planes Q_EPILOGUE_PARAMETERS) {
    const size_t i = Q_GLOBAL_ID(0);
    if (i >= (size_t)planes * H * W) {
        return;
    }
    const int w = (int)(i % W);
    const int h = (int)(i / W % H);
    const size_t plane = i / ((size_t)H * W);
    const int endP = q_end_window(h + PAD_TOP, STRIDE_H, P);
    const int endQ = q_end_window(w + PAD_LEFT, STRIDE_W, Q);
    float sum = 0.0f;
    for (int p = q_first_window(h + PAD_TOP, WINDOW_H, STRIDE_H); p < endP; p++) {
        for (int q = q_first_window(w + PAD_LEFT, WINDOW_W, STRIDE_W); q < endQ; q++) {
            sum += X_LOAD(dy, (plane * P + p) * Q + q) / q_window_pixels(p, q);
        }
    }
    X_STORE(dx, i, q_epilogue(sum, i Q_EPILOGUE_ARGUMENTS));
}
#endif
