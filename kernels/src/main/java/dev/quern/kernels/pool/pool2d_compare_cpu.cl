// Purpose: maximum pooling backward on a CPU: each row of windows compares what it took with the pixels that it sees.
//
//   group id 0: STRANDS runs of run_planes consecutive planes, a row of windows of each in turns
//
//     dx[top + r][w's phase, sixteen of them] += over columns q of windows that see them
//                                                  dy[p][q .. q+15] where indices[p][q .. q+15] are these pixels
//     rows that no later window sees are woven of their phases, and wait in local memory, one behind the other, until they are whole
//     lines; the other sums are kept for the next row of windows
//
//   Vectors of dy that begin or end in a neighbouring row of windows do no harm: the places that those took are far from these pixels.
//
// Parameters: H W P Q WINDOW_H WINDOW_W STRIDE_H STRIDE_W PAD_TOP PAD_LEFT (sizes); STRANDS; PASS_CACHES, WITH_EPILOGUE (0, 1).
//   Arguments: planes, run_planes.
// Requirements: group size (1,1,1); pool2d_cpu.cl before; F32; STRIDE_W 1 or 2; no dilation; Q at least twice WINDOW_W. With
//   PASS_CACHES, operands that begin at whole lines, and run_planes * H * W a multiple of 16.
// Adds over taps_cpu: dy and indices are read once, where they lie, and reading, comparing and writing go on side by side.
// Determinism: each pixel is one work-item's; its windows are added up row by row, from the last column on.

// Vectors of a phase of a row of pixels, how far their windows lie before and behind, and what a row's vectors may touch.
#define STRIPS (((W + STRIDE_W - 1) / STRIDE_W + 15) / 16)
#define BEFORE ((WINDOW_W - 1) / STRIDE_W)
#define BEHIND ((STRIDE_W - 1 + PAD_LEFT) / STRIDE_W)
#define REACH (STRIPS * 16 + BEHIND + 16)
#define KEPT (WINDOW_H > STRIDE_H ? WINDOW_H - STRIDE_H : 0)
#define ROWS (WINDOW_H > STRIDE_H ? WINDOW_H : STRIDE_H)
// Rows of windows, and of as many that do not exist as it takes to come to the last pixel.
#define STEPS ((H + PAD_TOP + STRIDE_H - 1) / STRIDE_H > P ? (H + PAD_TOP + STRIDE_H - 1) / STRIDE_H : P)
// Results that wait at least, since what was stored just now is not there to be loaded yet, and with how many they move to the front.
#define DELAY (STRANDS > 1 ? 0 : W + 32)
#define WAITING (512 + DELAY + STRIDE_H * W)
#define WAITING_ROOM ((WAITING + STRIDE_H * W + 16 * STRIDE_W + 31) / 16 * 16)
#define AHEAD 1024

// Adds to the sums of sixteen pixels of each phase, from j on, what a row of windows whose first row of pixels is `top` gives them.
static inline __attribute__((always_inline)) void add_windows(Q_GLOBAL const float* dy, Q_GLOBAL const int* indices, const int top, const int j,
        float16* sums) {
    UNROLLED for (int phase = 0; phase < STRIDE_W; phase++) {
        UNROLLED for (int s = (phase + PAD_LEFT) % STRIDE_W; s < WINDOW_W; s += STRIDE_W) {
            const int q = j + (phase + PAD_LEFT) / STRIDE_W - s / STRIDE_W;
            const float16 gradient = LOAD16_GLOBAL(dy + q);
            const int16 taken = LOAD16_GLOBAL_INT(indices + q) - (top * W + j * STRIDE_W);
            UNROLLED for (int r = 0; r < WINDOW_H; r++) {
                float16* sum = sums + r * STRIDE_W + phase;
                *sum = taken == LANES * STRIDE_W + (r * W + phase) ? *sum + gradient : *sum;
            }
        }
    }
}

// The same window by window, for rows whose vectors would leave the tensor.
static void add_windows_slowly(Q_GLOBAL const float* dy, Q_GLOBAL const int* indices, const int top, const int j, float16* sums) {
    float added[16];
    for (int r = 0; r < WINDOW_H; r++) {
        for (int phase = 0; phase < STRIDE_W; phase++) {
            for (int lane = 0; lane < 16; lane++) {
                added[lane] = 0.0f;
                for (int s = (phase + PAD_LEFT) % STRIDE_W; s < WINDOW_W; s += STRIDE_W) {
                    const int q = j + lane + (phase + PAD_LEFT) / STRIDE_W - s / STRIDE_W;
                    if (q >= 0 && q < Q && indices[q] == (top + r) * W + (j + lane) * STRIDE_W + phase) {
                        added[lane] += dy[q];
                    }
                }
            }
            sums[r * STRIDE_W + phase] += LOAD16(added);
        }
    }
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void max_pool2d_backward(Q_GLOBAL const float* Q_RESTRICT dy, Q_GLOBAL const int* Q_RESTRICT indices, Q_GLOBAL float* Q_RESTRICT dx,
        const int planes, const int run_planes Q_EPILOGUE_PARAMETERS) {
    const size_t begin = get_group_id(0) * STRANDS * run_planes;
    __attribute__((aligned(64))) float values[STRANDS * WAITING_ROOM];
    float16 kept[STRANDS * STRIPS * KEPT * STRIDE_W + 1];
    // The same in all strands: `written` results wait, of which the first `given` are in dx; the first is that of element `origin`.
    int written = 0;
    int given = 0;
    size_t origin = 0;
    ROLLED for (int n = 0; n < run_planes; n++) {
#if WITH_EPILOGUE
        // Vectors for the epilogue are of one plane.
        written = PASS_CACHES ? (int)((size_t)n * (H * W) % 16) : 0;
        given = written;
        origin = (size_t)n * (H * W) - written;
#endif
        ROLLED for (int i = 0; i < STRANDS * STRIPS * KEPT * STRIDE_W; i++) {
            kept[i] = 0.0f;
        }
        ROLLED for (int p = 0; p < STEPS; p++) {
            const int ready = (written - DELAY) / 16 * 16;
            const int top = p * STRIDE_H - PAD_TOP;
            // The rows that are done.
            const int from = max(top, 0);
            const int to = min(top + STRIDE_H, H);
            ROLLED for (int strand = 0; strand < STRANDS; strand++) {
                const size_t run = begin + (size_t)strand * run_planes;
                const size_t plane = run + n;
                if (plane >= (size_t)planes) {
                    break;
                }
                Q_GLOBAL const float* gradients = dy + (plane * P + p) * Q;
                Q_GLOBAL const int* places = indices + (plane * P + p) * Q;
                const int from_row = plane == 0 ? min(BEFORE, 1) : 0;
                const int to_row = plane + (REACH + P * Q - 1) / (P * Q) < (size_t)planes ? P : max(0, P - (REACH + Q - 1) / Q);
                float* waiting = values + strand * WAITING_ROOM;
                float16* own = kept + strand * (STRIPS * KEPT * STRIDE_W);
                give_lines(waiting, dx, run * (H * W) + origin, given, ready Q_EPILOGUE_ARGUMENTS);
                // From the last on: what a row's last vectors have too much is overwritten by the next row's first.
                UNROLLED for (int k = STRIPS - 1; k >= 0; k--) {
                    float16 sums[ROWS * STRIDE_W];
                    UNROLLED for (int i = 0; i < ROWS * STRIDE_W; i++) {
                        sums[i] = i < KEPT * STRIDE_W ? own[k * (KEPT * STRIDE_W) + i] : (float16)(0.0f);
                    }
                    if (p >= from_row && p < to_row) {
                        FETCH(gradients + 16 * k + AHEAD);
                        FETCH(places + 16 * k + AHEAD);
                        add_windows(gradients, places, top, 16 * k, sums);
                    } else if (p < P) {
                        add_windows_slowly(gradients, places, top, 16 * k, sums);
                    }
                    UNROLLED for (int i = 0; i < KEPT * STRIDE_W; i++) {
                        own[k * (KEPT * STRIDE_W) + i] = sums[i + STRIDE_H * STRIDE_W];
                    }
                    UNROLLED for (int b = 0; b < STRIDE_H; b++) {
                        if (top + b >= from && top + b < to) {
                            float* row = waiting + written + (top + b - from) * W + k * (16 * STRIDE_W);
#if STRIDE_W == 1
                            STORE16(row, sums[b]);
#else
                            STORE16(row, WEAVE_LO(sums[2 * b], sums[2 * b + 1]));
                            STORE16(row + 16, WEAVE_HI(sums[2 * b], sums[2 * b + 1]));
#endif
                        }
                    }
                }
            }
            given = max(given, ready);
            written += max(to - from, 0) * W;
            if (written > WAITING) {
                // What is not given away yet moves to the front.
                ROLLED for (int strand = 0; strand < STRANDS && begin + (size_t)strand * run_planes + n < (size_t)planes; strand++) {
                    float* waiting = values + strand * WAITING_ROOM;
                    ROLLED for (int i = given; i < written; i += 16) {
                        *(float16*)(waiting + i - given) = *(float16*)(waiting + i);
                    }
                }
                origin += given;
                written -= given;
                given = 0;
            }
        }
        ROLLED for (int strand = 0; strand < STRANDS; strand++) {
            const size_t run = begin + (size_t)strand * run_planes;
            const int last = n == run_planes - 1 || run + n + 1 == (size_t)planes;
            if ((WITH_EPILOGUE || last) && run + n < (size_t)planes) {
                give_rest(values + strand * WAITING_ROOM, dx, run * (H * W) + origin, given, written Q_EPILOGUE_ARGUMENTS);
            }
        }
    }
}
