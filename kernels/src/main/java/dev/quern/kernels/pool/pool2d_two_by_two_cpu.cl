// Purpose: 2x2 pooling with stride 2 and without padding on a CPU, maximum and average, forward and backward. One kernel of
//   the four is compiled.
//
//   group id 0: planes_per_item consecutive planes; a plane goes by in tiles of TILE_ROWS output rows
//   Sixteen windows at a time: the row pair's 32 + 32 pixels are two vectors each, split into even and odd columns:
//
//     row 2p    a b a b ...        a = evens, b = odds of the upper row
//     row 2p+1  c d c d ...        c = evens, d = odds of the lower row
//
//   Whole vectors are computed and written to a private tile; what a row's last vector has too much is overwritten by the
//   next row. The epilogue runs over the closed tile.
//
// Parameters: H W P Q (sizes), with 2P <= H and 2Q <= W; TILE_ROWS; INDICES (0, 1); MAX_FORWARD,
//   MAX_BACKWARD, AVG_FORWARD or AVG_BACKWARD is defined. Arguments: planes, planes_per_item.
// Requirements: pool2d_cpu.cl before; group size (1,1,1); private memory for a tile of inputs or outputs.
// Adds: sixteen windows an operation instead of one, without window loops or bounds tests.
// Determinism: each element is one work-item's; sums run in window order.

#if defined(MAX_FORWARD) || defined(AVG_FORWARD)
__attribute__((reqd_work_group_size(1, 1, 1)))
#if defined(MAX_FORWARD)
__kernel void max_pool2d_forward(Q_GLOBAL const float* x, Q_GLOBAL float* y
#if INDICES
        , Q_GLOBAL int* indices
#endif
        , const int planes, const int planes_per_item Q_EPILOGUE_PARAMETERS) {
#else
__kernel void avg_pool2d_forward(Q_GLOBAL const float* x, Q_GLOBAL float* y, const int planes,
        const int planes_per_item Q_EPILOGUE_PARAMETERS) {
#endif
    const size_t total = (size_t)planes * H * W;
    const size_t end = min((get_group_id(0) + 1) * planes_per_item, (size_t)planes);
    __attribute__((aligned(64))) float values[TILE_ROWS * Q + 16];
#if INDICES
    __attribute__((aligned(64))) int places[TILE_ROWS * Q + 16];
#endif
    for (size_t plane = get_group_id(0) * planes_per_item; plane < end; plane++) {
        for (int firstP = 0; firstP < P; firstP += TILE_ROWS) {
            const int rows = min(TILE_ROWS, P - firstP);
            for (int row = 0; row < rows; row++) {
                const int h = 2 * (firstP + row);
                for (int q = 0; q < Q; q += 16) {
                    const size_t upper = (plane * H + h) * W + 2 * q;
                    const float16 u0 = q_load(x, upper, total);
                    const float16 u1 = q_load(x, upper + 16, total);
                    const float16 l0 = q_load(x, upper + W, total);
                    const float16 l1 = q_load(x, upper + W + 16, total);
                    const float16 a = (float16)(u0.even, u1.even);
                    const float16 b = (float16)(u0.odd, u1.odd);
                    const float16 c = (float16)(l0.even, l1.even);
                    const float16 d = (float16)(l0.odd, l1.odd);
#if defined(MAX_FORWARD)
                    // Of equal values the first wins; a NaN, which is unequal to itself, wins whenever it is met.
                    const int16 takeB = (b > a) | (b != b);
                    float16 best = select(a, b, takeB);
                    const int16 takeC = (c > best) | (c != c);
                    best = select(best, c, takeC);
                    const int16 takeD = (d > best) | (d != d);
                    best = select(best, d, takeD);
#if INDICES
                    const int16 place = h * W + 2 * (q + LANES);
                    int16 taken = select(place, place + 1, takeB);
                    taken = select(taken, place + W, takeC);
                    taken = select(taken, place + W + 1, takeD);
                    *(q_int16_anywhere*)(places + row * Q + q) = taken;
#endif
                    *(q_float16_anywhere*)(values + row * Q + q) = best;
#else
                    *(q_float16_anywhere*)(values + row * Q + q) = (((a + b) + c) + d) * 0.25f;
#endif
                }
            }
            const size_t first = (plane * P + firstP) * Q;
            q_finish(values, y, first, rows * Q Q_EPILOGUE_ARGUMENTS);
#if INDICES
            q_finish_places(places, indices, first, rows * Q);
#endif
        }
    }
}
#endif

#if defined(MAX_BACKWARD) || defined(AVG_BACKWARD)
__attribute__((reqd_work_group_size(1, 1, 1)))
#if defined(MAX_BACKWARD)
__kernel void max_pool2d_backward(Q_GLOBAL const float* dy, Q_GLOBAL const int* indices,
        Q_GLOBAL float* dx, const int planes, const int planes_per_item Q_EPILOGUE_PARAMETERS) {
#else
__kernel void avg_pool2d_backward(Q_GLOBAL const float* dy, Q_GLOBAL float* dx, const int planes,
        const int planes_per_item Q_EPILOGUE_PARAMETERS) {
#endif
    const size_t total = (size_t)planes * P * Q;
    const size_t end = min((get_group_id(0) + 1) * planes_per_item, (size_t)planes);
    // Two input rows an output row, a last row without windows, and what the last vectors have too much.
    __attribute__((aligned(64))) float values[(2 * TILE_ROWS + 1) * W + 32];
    for (size_t plane = get_group_id(0) * planes_per_item; plane < end; plane++) {
        for (int firstP = 0; firstP < P; firstP += TILE_ROWS) {
            const int rows = min(TILE_ROWS, P - firstP);
            for (int row = 0; row < rows; row++) {
                const int h = 2 * (firstP + row);
                const size_t output = (plane * P + firstP + row) * Q;
                for (int lower = 0; lower < 2; lower++) {
                    float* to = values + (2 * row + lower) * W;
                    for (int q = 0; q < Q; q += 16) {
                        // Lanes past the row are 0: where W is odd, one of them is the last column.
                        float16 gradient = select((float16)(0.0f), q_load(dy, output + q, total), q + LANES < (int16)(Q));
#if defined(MAX_BACKWARD)
                        const int16 taken = q_load_int(indices, output + q, total);
                        const int16 place = (h + lower) * W + 2 * (q + LANES);
                        const float16 even = select((float16)(0.0f), gradient, taken == place);
                        const float16 odd = select((float16)(0.0f), gradient, taken == place + 1);
#else
                        const float16 even = gradient * 0.25f;
                        const float16 odd = even;
#endif
                        *(q_float16_anywhere*)(to + 2 * q) = WEAVE_LO(even, odd);
                        *(q_float16_anywhere*)(to + 2 * q + 16) = WEAVE_HI(even, odd);
                    }
                    for (int w = (Q + 15) / 16 * 32; w < W; w++) {
                        to[w] = 0.0f;
                    }
                }
            }
            int count = 2 * rows * W;
            if (firstP + rows == P) {
                for (; count < (H - 2 * firstP) * W; count++) {
                    values[count] = 0.0f;
                }
            }
            q_finish(values, dx, (plane * H + 2 * firstP) * W, count Q_EPILOGUE_ARGUMENTS);
        }
    }
}
#endif
