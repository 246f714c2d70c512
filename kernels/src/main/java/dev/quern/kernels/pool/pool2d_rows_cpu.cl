// Purpose: maximum and average pooling on a CPU for any window, stride, padding and dilation, forward and backward. One kernel
//   of the four is compiled.
//
//   group id 0: planes_per_item consecutive planes
//   A window is taken apart into its rows and its columns. Forward, the rows of a window are joined first, whole rows at a
//   time, and then its columns, split by stride so that sixteen windows' columns lie side by side:
//
//     line[PAD_LEFT + w]         = join over r of x[p*STRIDE_H - PAD_TOP + r*DILATION_H][w]
//     phases[b][j]               = line[j*STRIDE_W + b]
//     y[p][q .. q+15]            = join over s of phases[s*DILATION_W % STRIDE_W][q + s*DILATION_W / STRIDE_W ..]
//
//   Average backward is the same turned round: columns first, then each row of the window. Maximum backward adds each dy to
//   its place; windows of a band of BAND_ROWS rows of dx are gone through in order.
//
// Parameters: H W P Q WINDOW_H WINDOW_W STRIDE_H STRIDE_W PAD_TOP PAD_LEFT DILATION_H DILATION_W (sizes); PADDED_H
//   PADDED_W (H + bottom padding, W + right padding); COUNT_INCLUDE_PAD, INDICES, PASS_CACHES (0, 1); TILE_ROWS output rows
//   closed at a time (forward); BAND_ROWS (backward); one of MAX_FORWARD, MAX_BACKWARD, AVG_FORWARD,
//   AVG_BACKWARD; X_T and its loads and stores are the storage type of values, PASS_CACHES only with F32.
//   Arguments: planes, planes_per_item.
// Requirements: group size (1,1,1); pool2d_cpu.cl before.
// Adds: sixteen pixels an operation whatever the window; each pixel is loaded once for each row of windows that sees it.
// Determinism: each element is one work-item's; sums run over a window's rows, then its columns (backward: window by window).

// Vectors of a row of outputs, and elements of a phase of a line: all that these vectors and every tap's shift reach, in
// whole vectors.
#define Q_VECTORS ((Q + 15) / 16)
#define PHASE ((Q_VECTORS * 16 + (WINDOW_W - 1) * DILATION_W / STRIDE_W + 15) / 16 * 16)
#define LINE (PHASE * STRIDE_W > PAD_LEFT + W + 16 ? PHASE * STRIDE_W : PAD_LEFT + W + 16)
#define PHASE_OF(s) ((s) * DILATION_W % STRIDE_W * PHASE + (s) * DILATION_W / STRIDE_W)

// One window that is the plane, and how many such planes are closed at a time.
#define ONE_WINDOW (P == 1 && Q == 1 && PAD_TOP == 0 && PAD_LEFT == 0 && WINDOW_H >= H && WINDOW_W >= W)
#define BATCH (4096 / (H * W) + 1)
// Places that are read from at once.
#if H * W <= 1024
#define PLACES_READ 8
#define SHORT_UNROLLED UNROLLED
#else
#define PLACES_READ 1
#define SHORT_UNROLLED
#endif

#if defined(MAX_FORWARD) || defined(AVG_FORWARD)
// Splits a line by stride. With stride 1 the line is its only phase.
#if STRIDE_W == 1
#define SPLIT(line, phases, vector)
#elif STRIDE_W == 2
#define SPLIT(line, phases, vector) \
    ROLLED for (int j = 0; j < PHASE; j += 16) { \
        const vector u = vload16(0, (line) + 2 * j); \
        const vector v = vload16(0, (line) + 2 * j + 16); \
        *(q_##vector##_anywhere*)((phases) + j) = EVENS(u, v); \
        *(q_##vector##_anywhere*)((phases) + PHASE + j) = ODDS(u, v); \
    }
#else
#define SPLIT(line, phases, vector) \
    for (int j = 0; j < PHASE; j++) { \
        for (int b = 0; b < STRIDE_W; b++) { \
            (phases)[b * PHASE + j] = (line)[j * STRIDE_W + b]; \
        } \
    }
#endif

// The first and one past the last row of a window that lie inside the image.
static inline int q_first_row(int top) {
    return top < 0 ? (-top + DILATION_H - 1) / DILATION_H : 0;
}

static inline int q_end_row(int top) {
    return min(WINDOW_H, (H - top + DILATION_H - 1) / DILATION_H);
}
#endif

#if defined(MAX_FORWARD)
__attribute__((reqd_work_group_size(1, 1, 1)))
__kernel void max_pool2d_forward(Q_GLOBAL const X_T* x, Q_GLOBAL X_T* y
#if INDICES
        , Q_GLOBAL int* indices
#endif
        , const int planes, const int planes_per_item Q_EPILOGUE_PARAMETERS) {
    const size_t total = (size_t)planes * H * W;
    const size_t end = min((get_group_id(0) + 1) * planes_per_item, (size_t)planes);
    // Room behind for the split's last vectors.
    __attribute__((aligned(64))) float line[LINE + 32];
    __attribute__((aligned(64))) float values[TILE_ROWS * Q + 16];
#if STRIDE_W > 1
    __attribute__((aligned(64))) float phases[STRIDE_W * PHASE + 16];
#else
    float* phases = line;
#endif
#if INDICES
    __attribute__((aligned(64))) int line_places[LINE + 32];
    __attribute__((aligned(64))) int places[TILE_ROWS * Q + 16];
#if STRIDE_W > 1
    __attribute__((aligned(64))) int phase_places[STRIDE_W * PHASE + 16];
#else
    int* phase_places = line_places;
#endif
    for (int i = 0; i < LINE + 32; i++) {
        line_places[i] = INT_MAX;
    }
#endif
    ROLLED for (size_t plane = get_group_id(0) * planes_per_item; plane < end; plane++) {
        ROLLED for (int firstP = 0; firstP < P; firstP += TILE_ROWS) {
            const int rows = min(TILE_ROWS, P - firstP);
            ROLLED for (int row = 0; row < rows; row++) {
                const int top = (firstP + row) * STRIDE_H - PAD_TOP;
                const int first = q_first_row(top);
                const int last = q_end_row(top);
                ROLLED for (int w = 0; w < W; w += 16) {
                    size_t at = (plane * H + top + first * DILATION_H) * W + w;
                    float16 best = q_load(x, at, total);
#if INDICES
                    int16 place = (top + first * DILATION_H) * W + w + LANES;
                    int16 taken = place;
#endif
                    for (int r = first + 1; r < last; r++) {
                        at += DILATION_H * W;
                        const float16 value = q_load(x, at, total);
                        // Of equal values the first wins; a NaN, which is unequal to itself, wins whenever it is met.
                        const int16 take = (value > best) | (value != value);
                        best = select(best, value, take);
#if INDICES
                        place += DILATION_H * W;
                        taken = select(taken, place, take);
#endif
                    }
                    STORE16(line + PAD_LEFT + w, best);
#if INDICES
                    STORE16_INT(line_places + PAD_LEFT + w, taken);
#endif
                }
                // What the last vector has too much counts as padding.
                for (int i = 0; i < PAD_LEFT; i++) {
                    line[i] = -INFINITY;
                }
                for (int i = PAD_LEFT + W; i < LINE + 32; i++) {
                    line[i] = -INFINITY;
                }
#if INDICES
                for (int i = PAD_LEFT + W; i < LINE + 32; i++) {
                    line_places[i] = INT_MAX;
                }
#endif
                SPLIT(line, phases, float16)
#if INDICES
                SPLIT(line_places, phase_places, int16)
#endif
                ROLLED for (int q = 0; q < Q; q += 16) {
                    float16 best = vload16(0, phases + q);
#if INDICES
                    int16 taken = vload16(0, phase_places + q);
#endif
                    for (int s = 1; s < WINDOW_W; s++) {
                        const float16 value = vload16(0, phases + PHASE_OF(s) + q);
#if INDICES
                        // Columns are joined after rows: the earlier place of equal values, the later one of two NaNs.
                        const int16 place = vload16(0, phase_places + PHASE_OF(s) + q);
                        const int16 nan = value != value;
                        const int16 take = (value > best) | ((value == best) & (place < taken))
                                | (nan & ((best == best) | (place > taken)));
                        taken = select(taken, place, take);
#else
                        const int16 take = (value > best) | (value != value);
#endif
                        best = select(best, value, take);
                    }
                    STORE16(values + row * Q + q, best);
#if INDICES
                    STORE16_INT(places + row * Q + q, taken);
#endif
                }
            }
            const size_t output = (plane * P + firstP) * Q;
            q_finish(values, y, output, rows * Q Q_EPILOGUE_ARGUMENTS);
#if INDICES
            q_finish_places(places, indices, output, rows * Q);
#endif
        }
    }
}
#endif

#if defined(AVG_FORWARD)
__attribute__((reqd_work_group_size(1, 1, 1)))
__kernel void avg_pool2d_forward(Q_GLOBAL const X_T* x, Q_GLOBAL X_T* y, const int planes,
        const int planes_per_item Q_EPILOGUE_PARAMETERS) {
    const size_t total = (size_t)planes * H * W;
    const size_t end = min((get_group_id(0) + 1) * planes_per_item, (size_t)planes);
#if ONE_WINDOW
    // One window: the plane is one run. Several places are read from in turns, since the prefetcher follows each by itself.
    const float share = 1.0f / (float)(q_extent(0, WINDOW_H, H, PADDED_H) * q_extent(0, WINDOW_W, W, PADDED_W));
    const size_t begin = get_group_id(0) * planes_per_item;
    const size_t strand = (end - begin + PLACES_READ - 1) / PLACES_READ;
    ROLLED for (size_t n = 0; n < strand; n++) {
        UNROLLED for (int k = 0; k < PLACES_READ; k++) {
            const size_t plane = begin + k * strand + n;
            if (plane < end) {
                Q_GLOBAL const X_T* from = x + plane * (H * W);
                float16 sums = 0.0f;
                SHORT_UNROLLED for (int i = 0; i + 16 <= H * W; i += 16) {
                    sums += TAKE16(from, i);
                }
#if H * W < 16
                sums = select((float16)(0.0f), q_load(x, plane * (H * W), total), LANES < (int16)(H * W));
#elif H * W % 16 != 0
                // The last sixteen pixels, without those that are summed already.
                sums += LANES >= (int16)(16 - H * W % 16) ? TAKE16(from, H * W - 16) : (float16)(0.0f);
#endif
                const float8 sums8 = sums.lo + sums.hi;
                const float4 sums4 = sums8.lo + sums8.hi;
                X_STORE(y, plane, q_epilogue(((sums4.x + sums4.y) + (sums4.z + sums4.w)) * share, plane Q_EPILOGUE_ARGUMENTS));
            }
        }
    }
#else
    __attribute__((aligned(64))) float line[LINE + 32];
    __attribute__((aligned(64))) float values[TILE_ROWS * Q + 16];
    __attribute__((aligned(64))) float shares[Q_VECTORS * 16];
#if STRIDE_W > 1
    __attribute__((aligned(64))) float phases[STRIDE_W * PHASE + 16];
#else
    float* phases = line;
#endif
    q_column_shares(shares);
    ROLLED for (size_t plane = get_group_id(0) * planes_per_item; plane < end; plane++) {
        ROLLED for (int firstP = 0; firstP < P; firstP += TILE_ROWS) {
            const int rows = min(TILE_ROWS, P - firstP);
            ROLLED for (int row = 0; row < rows; row++) {
                const int top = (firstP + row) * STRIDE_H - PAD_TOP;
                const int first = q_first_row(top);
                const int last = q_end_row(top);
                ROLLED for (int w = 0; w < W; w += 16) {
                    size_t at = (plane * H + top + first) * W + w;
                    float16 sum = q_load(x, at, total);
                    for (int r = first + 1; r < last; r++) {
                        at += W;
                        sum += q_load(x, at, total);
                    }
                    STORE16(line + PAD_LEFT + w, sum);
                }
                for (int i = 0; i < PAD_LEFT; i++) {
                    line[i] = 0.0f;
                }
                for (int i = PAD_LEFT + W; i < LINE + 32; i++) {
                    line[i] = 0.0f;
                }
                SPLIT(line, phases, float16)
                const float share = q_row_share(firstP + row);
                ROLLED for (int q = 0; q < Q; q += 16) {
                    float16 sum = vload16(0, phases + q);
                    for (int s = 1; s < WINDOW_W; s++) {
                        sum += vload16(0, phases + PHASE_OF(s) + q);
                    }
                    STORE16(values + row * Q + q, sum * vload16(0, shares + q) * share);
                }
            }
            q_finish(values, y, (plane * P + firstP) * Q, rows * Q Q_EPILOGUE_ARGUMENTS);
        }
    }
#endif
}
#endif

#if defined(MAX_BACKWARD) || defined(AVG_BACKWARD)
// The windows that may see the rows [firstH, endH).
static inline int q_first_window(int firstH) {
    const int extent = (WINDOW_H - 1) * DILATION_H + 1;
    return firstH + PAD_TOP < extent ? 0 : (firstH + PAD_TOP - extent) / STRIDE_H + 1;
}

static inline int q_end_window(int endH) {
    return min((endH - 1 + PAD_TOP) / STRIDE_H + 1, P);
}
#endif

#if defined(MAX_BACKWARD)
__attribute__((reqd_work_group_size(1, 1, 1)))
__kernel void max_pool2d_backward(Q_GLOBAL const X_T* dy, Q_GLOBAL const int* indices,
        Q_GLOBAL X_T* dx, const int planes, const int planes_per_item Q_EPILOGUE_PARAMETERS) {
    const size_t end = min((get_group_id(0) + 1) * planes_per_item, (size_t)planes);
    __attribute__((aligned(64))) float band[BAND_ROWS * W + 16];
    ROLLED for (size_t plane = get_group_id(0) * planes_per_item; plane < end; plane++) {
        ROLLED for (int firstH = 0; firstH < H; firstH += BAND_ROWS) {
            const int count = min(BAND_ROWS, H - firstH) * W;
            ROLLED for (int i = 0; i < BAND_ROWS * W; i += 16) {
                STORE16(band + i, (float16)(0.0f));
            }
            const size_t from = (plane * P + q_first_window(firstH)) * Q;
            const size_t to = (plane * P + q_end_window(min(firstH + BAND_ROWS, H))) * Q;
            const uint base = (uint)(firstH * W);
            #pragma unroll 4
            for (size_t i = from; i < to; i++) {
                // Windows at the band's edges have their place in a neighbour.
                const uint place = (uint)indices[i] - base;
                if (place < (uint)count) {
                    band[place] += X_LOAD(dy, i);
                }
            }
            q_finish(band, dx, plane * (H * W) + firstH * W, count Q_EPILOGUE_ARGUMENTS);
        }
    }
}
#endif

#if defined(AVG_BACKWARD)
__attribute__((reqd_work_group_size(1, 1, 1)))
__kernel void avg_pool2d_backward(Q_GLOBAL const X_T* dy, Q_GLOBAL X_T* dx, const int planes,
        const int planes_per_item Q_EPILOGUE_PARAMETERS) {
    const size_t total = (size_t)planes * P * Q;
    const size_t end = min((get_group_id(0) + 1) * planes_per_item, (size_t)planes);
#if ONE_WINDOW && H * W <= 4096
    // Several planes are closed at a time, so that they are stored in whole vectors.
    const float share = 1.0f / (float)(q_extent(0, WINDOW_H, H, PADDED_H) * q_extent(0, WINDOW_W, W, PADDED_W));
    __attribute__((aligned(64))) float values[BATCH * H * W + 16];
    size_t plane = get_group_id(0) * planes_per_item;
#if PASS_CACHES && !WITH_EPILOGUE && H * W >= 16 && H * W <= 128
    // Sixteen planes are whole lines, each of one plane or two.
    if (plane * (H * W) % 16 == 0) {
        ROLLED for (; plane + 16 <= end; plane += 16) {
            Q_GLOBAL float16* to = (Q_GLOBAL float16*)(dx + plane * (H * W));
            UNROLLED for (int i = 0; i < H * W; i++) {
                const float16 first = dy[plane + 16 * i / (H * W)] * share;
                const float16 second = dy[plane + (16 * i + 15) / (H * W)] * share;
                __builtin_nontemporal_store(LANES + 16 * i < (16 * i + 15) / (H * W) * (H * W) ? first : second, to + i);
            }
        }
    }
#endif
    ROLLED for (; plane < end; plane += BATCH) {
        const int count = (int)min((size_t)BATCH, end - plane);
        ROLLED for (int i = 0; i < count; i++) {
            const float16 gradient = X_LOAD(dy, plane + i) * share;
            // What is too much belongs to the next plane.
            for (int at = 0; at < H * W; at += 16) {
                STORE16(values + i * (H * W) + at, gradient);
            }
        }
        q_finish_planes(values, dx, plane * (H * W), count, H * W Q_EPILOGUE_ARGUMENTS);
    }
#else
    __attribute__((aligned(64))) float band[BAND_ROWS * W + 16];
    __attribute__((aligned(64))) float line[LINE + 32];
    __attribute__((aligned(64))) float shares[Q_VECTORS * 16];
#if STRIDE_W > 1
    __attribute__((aligned(64))) float phases[STRIDE_W * PHASE + 16];
#else
    float* phases = line;
#endif
    q_column_shares(shares);
    ROLLED for (int i = 0; i < LINE + 32; i++) {
        line[i] = 0.0f;
    }
    ROLLED for (size_t plane = get_group_id(0) * planes_per_item; plane < end; plane++) {
        ROLLED for (int firstH = 0; firstH < H; firstH += BAND_ROWS) {
            const int endH = min(firstH + BAND_ROWS, H);
            ROLLED for (int i = 0; i < BAND_ROWS * W; i += 16) {
                STORE16(band + i, (float16)(0.0f));
            }
            const int endP = q_end_window(endH);
            ROLLED for (int p = q_first_window(firstH); p < endP; p++) {
                const float share = q_row_share(p);
                ROLLED for (int i = 0; i < STRIDE_W * PHASE; i += 16) {
                    STORE16(phases + i, (float16)(0.0f));
                }
                ROLLED for (int q = 0; q < Q; q += 16) {
                    // Lanes past the row have a share of 0, but might be infinite.
                    const float16 gradient = select((float16)(0.0f),
                            q_load(dy, (plane * P + p) * Q + q, total) * vload16(0, shares + q) * share, q + LANES < (int16)(Q));
                    for (int s = 0; s < WINDOW_W; s++) {
                        float* to = phases + PHASE_OF(s) + q;
                        STORE16(to, vload16(0, to) + gradient);
                    }
                }
#if STRIDE_W == 2
                ROLLED for (int j = 0; j < PHASE; j += 16) {
                    const float16 u = vload16(0, phases + j);
                    const float16 v = vload16(0, phases + PHASE + j);
                    STORE16(line + 2 * j, WEAVE_LO(u, v));
                    STORE16(line + 2 * j + 16, WEAVE_HI(u, v));
                }
#elif STRIDE_W > 2
                for (int j = 0; j < PHASE; j++) {
                    for (int b = 0; b < STRIDE_W; b++) {
                        line[j * STRIDE_W + b] = phases[b * PHASE + j];
                    }
                }
#endif
                const int top = p * STRIDE_H - PAD_TOP;
                ROLLED for (int h = max(top, firstH); h < min(top + WINDOW_H, endH); h++) {
                    float* row = band + (h - firstH) * W;
                    int w = 0;
                    ROLLED for (; w + 16 <= W; w += 16) {
                        STORE16(row + w, vload16(0, row + w) + vload16(0, line + PAD_LEFT + w));
                    }
                    for (; w < W; w++) {
                        row[w] += line[PAD_LEFT + w];
                    }
                }
            }
            q_finish(band, dx, plane * (H * W) + firstH * W, (endH - firstH) * W Q_EPILOGUE_ARGUMENTS);
        }
    }
#endif
}
#endif
