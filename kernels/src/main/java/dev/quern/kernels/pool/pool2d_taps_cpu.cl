// Purpose: maximum and average pooling on a CPU with small windows without dilation, forward and backward. One kernel of the
//   four is compiled.
//
//   group id 0: planes_per_item consecutive planes; TILE_ROWS rows of the output at a time, of BATCH planes where these are small
//   Rows of the input are first laid side by side in private memory, with their padding and split by stride, so that a tap of
//   sixteen neighbouring windows is one vector:
//
//     forward    rows[h][w's phase][w / STRIDE_W] = x[h][w]        y[p][q .. q+15] = join over taps (r, s) of
//                                                                    rows[p*STRIDE_H + r][s % STRIDE_W][q + s/STRIDE_W ..]
//     backward   rows[p][q] = dy[p][q], 0 around                   dx of phase b = sum over the s that fall on b, and the r that
//                                                                    fall on the row, of rows[p][q .. q+15]; phases are woven
//
//   Backward is a gather: maximum takes dy of the windows whose place is the pixel's.
//
// Parameters: H W P Q WINDOW_H WINDOW_W STRIDE_H STRIDE_W PAD_TOP PAD_LEFT (sizes); PADDED_H PADDED_W (H + bottom padding, W +
//   right padding); COUNT_INCLUDE_PAD, INDICES, PASS_CACHES (0, 1); TILE_ROWS; BATCH, more than 1 only if a tile is a plane; one
//   of MAX_FORWARD, MAX_BACKWARD, AVG_FORWARD, AVG_BACKWARD; X_T and its loads and stores are the storage type of values.
//   Arguments: planes, planes_per_item.
// Requirements: group size (1,1,1); pool2d_cpu.cl before; DILATION_H and DILATION_W of 1.
// Adds over rows_cpu: a window is joined in registers, so that no intermediate rows are stored, borders cost nothing, and maximum
//   backward compares vectors instead of adding element by element.
// Determinism: each element is one work-item's; sums run over a window's rows, then its columns.

// Sixteen elements of each of three phases, out of 48 and back.
#define THIRDS_0(u, v, w) __builtin_shufflevector(__builtin_shufflevector(u, v, 0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 0, 0, 0, 0, 0), w, \
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 17, 20, 23, 26, 29)
#define THIRDS_1(u, v, w) \
        __builtin_shufflevector(__builtin_shufflevector(u, v, 1, 4, 7, 10, 13, 16, 19, 22, 25, 28, 31, 0, 0, 0, 0, 0), w, \
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 18, 21, 24, 27, 30)
#define THIRDS_2(u, v, w) __builtin_shufflevector(__builtin_shufflevector(u, v, 2, 5, 8, 11, 14, 17, 20, 23, 26, 29, 0, 0, 0, 0, 0, 0), w, \
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 19, 22, 25, 28, 31)
#define WEAVE3_0(u, v, w) __builtin_shufflevector(__builtin_shufflevector(u, v, 0, 16, 0, 1, 17, 0, 2, 18, 0, 3, 19, 0, 4, 20, 0, 5), w, \
        0, 1, 16, 3, 4, 17, 6, 7, 18, 9, 10, 19, 12, 13, 20, 15)
#define WEAVE3_1(u, v, w) __builtin_shufflevector(__builtin_shufflevector(u, v, 21, 0, 6, 22, 0, 7, 23, 0, 8, 24, 0, 9, 25, 0, 10, 26), w, \
        0, 21, 2, 3, 22, 5, 6, 23, 8, 9, 24, 11, 12, 25, 14, 15)
#define WEAVE3_2(u, v, w) \
        __builtin_shufflevector(__builtin_shufflevector(u, v, 0, 11, 27, 0, 12, 28, 0, 13, 29, 0, 14, 30, 0, 15, 31, 0), w, \
        26, 1, 2, 27, 4, 5, 28, 7, 8, 29, 10, 11, 30, 13, 14, 31)

#if defined(MAX_FORWARD) || defined(AVG_FORWARD)

#define Q_VECTORS ((Q + 15) / 16)
#define PHASE ((Q_VECTORS * 16 + (WINDOW_W - 1) / STRIDE_W + 15) / 16 * 16)
#define LINE (PHASE * STRIDE_W > PAD_LEFT + W + 32 ? PHASE * STRIDE_W : (PAD_LEFT + W + 47) / 16 * 16)
#if STRIDE_W == 1
#define PITCH LINE
#else
#define PITCH (PHASE * STRIDE_W)
#endif
#define TAP(r, s) ((r) * PITCH + (s) % STRIDE_W * PHASE + (s) / STRIDE_W)
#define IN_ROWS ((TILE_ROWS - 1) * STRIDE_H + WINDOW_H)
#if defined(MAX_FORWARD)
#define OUTSIDE (-INFINITY)
#else
#define OUTSIDE 0.0f
#endif

static inline void q_take_row(Q_GLOBAL const X_T* x, size_t from, size_t total, float* line, float* row) {
#if STRIDE_W == 1
    line = row;
#endif
    ROLLED for (int w = 0; w < W; w += 16) {
        STORE16(line + PAD_LEFT + w, q_load(x, from + w, total));
    }
    // What the last vector had too much.
    STORE16(line + PAD_LEFT + W, (float16)(OUTSIDE));
#if STRIDE_W == 2
    ROLLED for (int j = 0; j < PHASE; j += 16) {
        const float16 u = vload16(0, line + 2 * j);
        const float16 v = vload16(0, line + 2 * j + 16);
        STORE16(row + j, EVENS(u, v));
        STORE16(row + PHASE + j, ODDS(u, v));
    }
#elif STRIDE_W == 3
    ROLLED for (int j = 0; j < PHASE; j += 16) {
        const float16 u = vload16(0, line + 3 * j);
        const float16 v = vload16(0, line + 3 * j + 16);
        const float16 w = vload16(0, line + 3 * j + 32);
        STORE16(row + j, THIRDS_0(u, v, w));
        STORE16(row + PHASE + j, THIRDS_1(u, v, w));
        STORE16(row + 2 * PHASE + j, THIRDS_2(u, v, w));
    }
#elif STRIDE_W > 3
    for (int j = 0; j < PHASE; j++) {
        for (int b = 0; b < STRIDE_W; b++) {
            row[b * PHASE + j] = line[j * STRIDE_W + b];
        }
    }
#endif
}

__attribute__((reqd_work_group_size(1, 1, 1)))
#if defined(MAX_FORWARD)
__kernel void max_pool2d_forward(Q_GLOBAL const X_T* x, Q_GLOBAL X_T* y
#if INDICES
        , Q_GLOBAL int* indices
#endif
        , const int planes, const int planes_per_item Q_EPILOGUE_PARAMETERS) {
#else
__kernel void avg_pool2d_forward(Q_GLOBAL const X_T* x, Q_GLOBAL X_T* y, const int planes,
        const int planes_per_item Q_EPILOGUE_PARAMETERS) {
#endif
    const size_t total = (size_t)planes * H * W;
    const size_t end = min((get_group_id(0) + 1) * planes_per_item, (size_t)planes);
    __attribute__((aligned(64))) float line[LINE + 32];
    __attribute__((aligned(64))) float taken_rows[IN_ROWS * PITCH + 64];
    __attribute__((aligned(64))) float values[BATCH * TILE_ROWS * Q + 16];
#if INDICES
    __attribute__((aligned(64))) int places[BATCH * TILE_ROWS * Q + 16];
#endif
#if defined(AVG_FORWARD)
    __attribute__((aligned(64))) float shares[Q_VECTORS * 16];
    q_column_shares(shares);
#endif
    ROLLED for (int i = 0; i < LINE + 32; i += 16) {
        STORE16(line + i, (float16)(OUTSIDE));
    }
    ROLLED for (int i = 0; i < IN_ROWS * PITCH; i += 16) {
        STORE16(taken_rows + i, (float16)(OUTSIDE));
    }
    ROLLED for (size_t first = get_group_id(0) * planes_per_item; first < end; first += BATCH) {
        const int batch = (int)min((size_t)BATCH, end - first);
        ROLLED for (int firstP = 0; firstP < P; firstP += TILE_ROWS) {
            const int rows = min(TILE_ROWS, P - firstP);
            ROLLED for (int b = 0; b < batch; b++) {
                const size_t plane = first + b;
                const int firstH = firstP * STRIDE_H - PAD_TOP;
                ROLLED for (int i = 0; i < (rows - 1) * STRIDE_H + WINDOW_H; i++) {
                    float* row = taken_rows + i * PITCH;
                    if (firstH + i >= 0 && firstH + i < H) {
                        q_take_row(x, (plane * H + firstH + i) * W, total, line, row);
                    } else {
                        ROLLED for (int j = 0; j < PITCH; j += 16) {
                            STORE16(row + j, (float16)(OUTSIDE));
                        }
                    }
                }
                ROLLED for (int row = 0; row < rows; row++) {
                    const int to = (b * rows + row) * Q;
#if defined(AVG_FORWARD)
                    const float share = q_row_share(firstP + row);
#endif
                    ROLLED for (int q = 0; q < Q; q += 16) {
                        const float* taps = taken_rows + row * STRIDE_H * PITCH + q;
#if defined(MAX_FORWARD)
                        float16 best = -INFINITY;
#if INDICES
                        // The first pixel inside the image, if nothing is more than minus infinity; from the window's corner on.
                        const int top = firstH + row * STRIDE_H;
                        const int16 left = (q + LANES) * STRIDE_W - PAD_LEFT;
                        int16 taken = max(-left, 0) + max(-top, 0) * W;
#endif
                        UNROLLED for (int r = 0; r < WINDOW_H; r++) {
                            UNROLLED for (int s = 0; s < WINDOW_W; s++) {
                                const float16 value = vload16(0, taps + TAP(r, s));
                                // Of equal values the first wins; a NaN, which is unequal to itself, wins whenever it is met.
                                const int16 take = (value > best) | (value != value);
                                best = select(best, value, take);
#if INDICES
                                taken = select(taken, (int16)(r * W + s), take);
#endif
                            }
                        }
                        STORE16(values + to + q, best);
#if INDICES
                        STORE16_INT(places + to + q, taken + left + top * W);
#endif
#else
                        float16 sum = 0.0f;
                        UNROLLED for (int r = 0; r < WINDOW_H; r++) {
                            float16 part = vload16(0, taps + TAP(r, 0));
                            UNROLLED for (int s = 1; s < WINDOW_W; s++) {
                                part += vload16(0, taps + TAP(r, s));
                            }
                            sum += part;
                        }
                        STORE16(values + to + q, sum * vload16(0, shares + q) * share);
#endif
                    }
                }
            }
            const size_t output = (first * P + firstP) * Q;
            q_finish_planes(values, y, output, batch, rows * Q Q_EPILOGUE_ARGUMENTS);
#if INDICES
            q_finish_places(places, indices, output, batch * rows * Q);
#endif
        }
    }
}

#else

// Vectors of a row of a phase of pixels; how far their windows lie before and behind.
#define J_VECTORS (((W + STRIDE_W - 1) / STRIDE_W + 15) / 16)
#define BEFORE ((WINDOW_W - 1) / STRIDE_W)
#define BEHIND ((STRIDE_W - 1 + PAD_LEFT) / STRIDE_W)
#define PITCH ((BEFORE + (Q + 32 > J_VECTORS * 16 + BEHIND + 16 ? Q + 32 : J_VECTORS * 16 + BEHIND + 16) + 15) / 16 * 16)
#define ROWS_BEFORE ((WINDOW_H - 1) / STRIDE_H)
#define OUT_ROWS ((TILE_ROWS + STRIDE_H - 2) / STRIDE_H + 1 + ROWS_BEFORE)

__attribute__((reqd_work_group_size(1, 1, 1)))
#if defined(MAX_BACKWARD)
__kernel void max_pool2d_backward(Q_GLOBAL const X_T* dy, Q_GLOBAL const int* indices,
        Q_GLOBAL X_T* dx, const int planes, const int planes_per_item Q_EPILOGUE_PARAMETERS) {
#else
__kernel void avg_pool2d_backward(Q_GLOBAL const X_T* dy, Q_GLOBAL X_T* dx, const int planes,
        const int planes_per_item Q_EPILOGUE_PARAMETERS) {
#endif
    const size_t total = (size_t)planes * P * Q;
    const size_t end = min((get_group_id(0) + 1) * planes_per_item, (size_t)planes);
    __attribute__((aligned(64))) float gradients[OUT_ROWS * PITCH];
    __attribute__((aligned(64))) float values[BATCH * TILE_ROWS * W + J_VECTORS * 16 * STRIDE_W];
#if defined(MAX_BACKWARD)
    __attribute__((aligned(64))) int places[OUT_ROWS * PITCH];
#else
    __attribute__((aligned(64))) float shares[(Q + 15) / 16 * 16];
    q_column_shares(shares);
#endif
    ROLLED for (int i = 0; i < OUT_ROWS * PITCH; i += 16) {
        STORE16(gradients + i, (float16)(0.0f));
#if defined(MAX_BACKWARD)
        STORE16_INT(places + i, (int16)(-1));
#endif
    }
    ROLLED for (size_t first = get_group_id(0) * planes_per_item; first < end; first += BATCH) {
        const int batch = (int)min((size_t)BATCH, end - first);
        ROLLED for (int firstH = 0; firstH < H; firstH += TILE_ROWS) {
            const int rows = min(TILE_ROWS, H - firstH);
            const int firstP = (firstH + PAD_TOP) / STRIDE_H - ROWS_BEFORE;
            const int endP = (firstH + rows - 1 + PAD_TOP) / STRIDE_H + 1;
            ROLLED for (int b = 0; b < batch; b++) {
                const size_t plane = first + b;
                ROLLED for (int p = firstP; p < endP; p++) {
                    float* row = gradients + (p - firstP) * PITCH + BEFORE;
                    const size_t from = (plane * P + p) * Q;
                    if (p < 0 || p >= P) {
                        ROLLED for (int q = 0; q < Q; q += 16) {
                            STORE16(row + q, (float16)(0.0f));
                        }
                        continue;
                    }
#if defined(MAX_BACKWARD)
                    ROLLED for (int q = 0; q < Q; q += 16) {
                        STORE16(row + q, q_load(dy, from + q, total));
                        STORE16_INT(places + (row - gradients) + q, q_load_int(indices, from + q, total));
                    }
#else
                    const float share = q_row_share(p);
                    ROLLED for (int q = 0; q < Q; q += 16) {
                        STORE16(row + q, q_load(dy, from + q, total) * vload16(0, shares + q) * share);
                    }
#endif
                    // What the last vector had too much.
                    STORE16(row + Q, (float16)(0.0f));
                }
                ROLLED for (int h = firstH; h < firstH + rows; h++) {
                    float* to = values + (b * rows + h - firstH) * W;
                    const int top = (h + PAD_TOP) / STRIDE_H - firstP;
                    ROLLED for (int j = 0; j < J_VECTORS * 16; j += 16) {
                        float16 sums[STRIDE_W];
                        UNROLLED for (int phase = 0; phase < STRIDE_W; phase++) {
                            sums[phase] = 0.0f;
                        }
                        int row = top * PITCH + BEFORE + j;
                        for (int r = (h + PAD_TOP) % STRIDE_H; r < WINDOW_H; r += STRIDE_H) {
                            UNROLLED for (int phase = 0; phase < STRIDE_W; phase++) {
#if defined(MAX_BACKWARD)
                                const int16 place = h * W + (j + LANES) * STRIDE_W + phase;
#endif
                                UNROLLED for (int s = (phase + PAD_LEFT) % STRIDE_W; s < WINDOW_W; s += STRIDE_W) {
                                    const int at = row + (phase + PAD_LEFT) / STRIDE_W - s / STRIDE_W;
#if defined(MAX_BACKWARD)
                                    sums[phase] += select((float16)(0.0f), vload16(0, gradients + at), vload16(0, places + at) == place);
#else
                                    sums[phase] += vload16(0, gradients + at);
#endif
                                }
                            }
                            row -= PITCH;
                        }
                        // What is too much belongs to the next row.
#if STRIDE_W == 1
                        STORE16(to + j, sums[0]);
#elif STRIDE_W == 2
                        STORE16(to + 2 * j, WEAVE_LO(sums[0], sums[1]));
                        STORE16(to + 2 * j + 16, WEAVE_HI(sums[0], sums[1]));
#elif STRIDE_W == 3
                        STORE16(to + 3 * j, WEAVE3_0(sums[0], sums[1], sums[2]));
                        STORE16(to + 3 * j + 16, WEAVE3_1(sums[0], sums[1], sums[2]));
                        STORE16(to + 3 * j + 32, WEAVE3_2(sums[0], sums[1], sums[2]));
#else
                        const float* lanes = (const float*)sums;
                        for (int lane = 0; lane < 16; lane++) {
                            for (int phase = 0; phase < STRIDE_W; phase++) {
                                to[(j + lane) * STRIDE_W + phase] = lanes[phase * 16 + lane];
                            }
                        }
#endif
                    }
                }
            }
            q_finish_planes(values, dx, (first * H + firstH) * W, batch, rows * W Q_EPILOGUE_ARGUMENTS);
        }
    }
}
#endif
