// Purpose: maximum pooling backward on a CPU: each row of windows compares what it took with the pixels that it sees.
//
//   group id 0: STRANDS runs of run_planes consecutive planes, a row of windows of each in turns
//
//     given[r][s][q .. q+15]           = dy[p][q .. q+15] where indices[p][q .. q+15] is the pixel in row r and column s of the window
//     dx[top + r][w's phase, sixteen]  += given[r][s], moved by the lanes that a window lies beside its pixel, for each column s
//     rows that no later window sees are woven of their phases; the other sums are kept for the next row of windows
//
//   Rows of whole lines are written at once. Others wait in local memory, one behind the other, until they are whole lines.
//   Lanes behind the last window of a row are windows of the next one, and never took pixels of this row that they are compared with.
//
// Parameters: H W P Q WINDOW_H WINDOW_W STRIDE_H STRIDE_W PAD_TOP PAD_LEFT (sizes); STRANDS; PASS_CACHES, WITH_EPILOGUE (0, 1).
//   Arguments: planes, run_planes.
// Requirements: group size (1,1,1); pool2d_cpu.cl before; F32; STRIDE_W 1 or 2; no column of a window more than 15 elements of its phase
//   from the window's own; no dilation; Q at least twice WINDOW_W. With PASS_CACHES, operands that begin at whole lines, and
//   run_planes * H * W a multiple of 16.
// Adds over taps_cpu: dy and indices are loaded once, in whole rows and in order, and reading, comparing and writing go on side by side.
//   Loading them anew for each column of a window took twice as long: a load across two lines counts for more than two.
// Determinism: each pixel is one work-item's; its windows are added up row by row, from the first column on.

// Vectors of a phase of a row of pixels, and vectors of windows that they see.
#define STRIPS (((W + STRIDE_W - 1) / STRIDE_W + 15) / 16)
#define WINDOW_STRIPS ((Q + 15) / 16 < STRIPS + 1 ? (Q + 15) / 16 : STRIPS + 1)
#define KEPT (WINDOW_H > STRIDE_H ? WINDOW_H - STRIDE_H : 0)
#define ROWS (WINDOW_H > STRIDE_H ? WINDOW_H : STRIDE_H)
// Rows of windows, and of as many that do not exist as it takes to come to the last pixel.
#define STEPS ((H + PAD_TOP + STRIDE_H - 1) / STRIDE_H > P ? (H + PAD_TOP + STRIDE_H - 1) / STRIDE_H : P)
// Column s of window q is element q + AWAY(s) of phase PHASE(s).
#define PHASE(s) (((s) + STRIDE_W * PAD_LEFT - PAD_LEFT) % STRIDE_W)
#define AWAY(s) (((s) + STRIDE_W * PAD_LEFT - PAD_LEFT) / STRIDE_W - PAD_LEFT)
// Rows that are whole lines are written where they are made.
#define WHOLE_LINES (PASS_CACHES && W % 16 == 0)
// Results that wait at least, since what was stored just now is not there to be loaded yet, and with how many they move to the front.
#define DELAY (STRANDS > 1 ? 0 : W + 32)
#define WAITING (512 + DELAY + STRIDE_H * W)
#define WAITING_ROOM ((WAITING + STRIDE_H * W + 16 * STRIDE_W + 31) / 16 * 16)
#define AHEAD 1024

// What a vector of windows gives to each of the pixels that they see.
typedef struct {
    float16 given[WINDOW_H * WINDOW_W];
} Windows;

// What windows give, of which the first one's first pixel, if nothing were padded, is at `corner`.
static inline __attribute__((always_inline)) Windows compare(const float16 gradient, const int16 taken, const int corner) {
    Windows windows;
    const int16 place = taken - corner;
    UNROLLED for (int r = 0; r < WINDOW_H; r++) {
        UNROLLED for (int s = 0; s < WINDOW_W; s++) {
            windows.given[r * WINDOW_W + s] = place == LANES * STRIDE_W + (r * W + s) ? gradient : (float16)(0.0f);
        }
    }
    return windows;
}

static inline __attribute__((always_inline)) Windows nothing(void) {
    Windows windows;
    UNROLLED for (int i = 0; i < WINDOW_H * WINDOW_W; i++) {
        windows.given[i] = 0.0f;
    }
    return windows;
}

// A vector of windows: element i of those that are loaded.
#define WINDOWS(i) \
        ((i) >= 0 && (i) < WINDOW_STRIPS && p < P ? compare(gradient[i], taken[i], top * W - PAD_LEFT + (i) * (16 * STRIDE_W)) : nothing())

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void max_pool2d_backward(Q_GLOBAL const float* Q_RESTRICT dy, Q_GLOBAL const int* Q_RESTRICT indices, Q_GLOBAL float* Q_RESTRICT dx,
        const int planes, const int run_planes Q_EPILOGUE_PARAMETERS) {
    const size_t begin = get_group_id(0) * STRANDS * run_planes;
    const size_t total = (size_t)planes * (P * Q);
#if !WHOLE_LINES
    __attribute__((aligned(64))) float values[STRANDS * WAITING_ROOM];
    // The same in all strands: `written` results wait, of which the first `given` are in dx; the first is that of element `origin`.
    int written = 0;
    int given = 0;
    size_t origin = 0;
#endif
    float16 kept[STRANDS * STRIPS * KEPT * STRIDE_W + 1];
    ROLLED for (int n = 0; n < run_planes; n++) {
#if WITH_EPILOGUE && !WHOLE_LINES
        // Vectors for the epilogue are of one plane.
        written = PASS_CACHES ? (int)((size_t)n * (H * W) % 16) : 0;
        given = written;
        origin = (size_t)n * (H * W) - written;
#endif
        ROLLED for (int i = 0; i < STRANDS * STRIPS * KEPT * STRIDE_W; i++) {
            kept[i] = 0.0f;
        }
        ROLLED for (int p = 0; p < STEPS; p++) {
            const int top = p * STRIDE_H - PAD_TOP;
            // The rows that are done.
            const int from = max(top, 0);
            const int to = min(top + STRIDE_H, H);
#if !WHOLE_LINES
            const int ready = (written - DELAY) / 16 * 16;
#endif
            ROLLED for (int strand = 0; strand < STRANDS; strand++) {
                const size_t run = begin + (size_t)strand * run_planes;
                const size_t plane = run + n;
                if (plane >= (size_t)planes) {
                    break;
                }
                const size_t at = (plane * P + min(p, P - 1)) * Q;
                float16 gradient[WINDOW_STRIPS];
                int16 taken[WINDOW_STRIPS];
                UNROLLED for (int k = 0; k < WINDOW_STRIPS; k++) {
                    const size_t first = at + 16 * k;
                    FETCH(dy + first + AHEAD);
                    FETCH(indices + first + AHEAD);
                    // Only the last of all rows may end too early for a vector.
                    if (16 * k + 16 <= Q || first + 16 <= total) {
                        gradient[k] = LOAD16_GLOBAL(dy + first);
                        taken[k] = LOAD16_GLOBAL_INT(indices + first);
                    } else {
                        gradient[k] = load_within(dy, first, total);
                        taken[k] = load_places_within(indices, first, total);
                    }
                }
                float16* own = kept + strand * (STRIPS * KEPT * STRIDE_W);
#if !WHOLE_LINES
                float* waiting = values + strand * WAITING_ROOM;
                give_lines(waiting, dx, run * (H * W) + origin, given, ready Q_EPILOGUE_ARGUMENTS);
#endif
                // From the last on: what a row's last vectors have too much is overwritten by the next row's first.
                Windows behind = WINDOWS(STRIPS);
                Windows here = WINDOWS(STRIPS - 1);
                UNROLLED for (int k = STRIPS - 1; k >= 0; k--) {
                    const Windows before = WINDOWS(k - 1);
                    float16 sums[ROWS * STRIDE_W];
                    UNROLLED for (int i = 0; i < ROWS * STRIDE_W; i++) {
                        sums[i] = i < KEPT * STRIDE_W ? own[k * (KEPT * STRIDE_W) + i] : (float16)(0.0f);
                    }
                    UNROLLED for (int r = 0; r < WINDOW_H; r++) {
                        UNROLLED for (int s = 0; s < WINDOW_W; s++) {
                            const int i = r * WINDOW_W + s;
                            sums[r * STRIDE_W + PHASE(s)] += moved(before.given[i], here.given[i], behind.given[i], AWAY(s));
                        }
                    }
                    behind = here;
                    here = before;
                    UNROLLED for (int i = 0; i < KEPT * STRIDE_W; i++) {
                        own[k * (KEPT * STRIDE_W) + i] = sums[i + STRIDE_H * STRIDE_W];
                    }
                    UNROLLED for (int b = 0; b < STRIDE_H; b++) {
                        if (top + b >= from && top + b < to) {
#if STRIDE_W == 1
                            const float16 first = sums[b];
                            const float16 second = sums[b];
#else
                            const float16 first = WEAVE_LO(sums[2 * b], sums[2 * b + 1]);
                            const float16 second = WEAVE_HI(sums[2 * b], sums[2 * b + 1]);
#endif
#if WHOLE_LINES
                            const size_t pixel = (plane * H + top + b) * W + k * (16 * STRIDE_W);
                            __builtin_nontemporal_store(q_epilogue16(first, pixel Q_EPILOGUE_ARGUMENTS), (Q_GLOBAL float16*)(dx + pixel));
                            if (STRIDE_W > 1 && k * (16 * STRIDE_W) + 16 < W) {
                                __builtin_nontemporal_store(q_epilogue16(second, pixel + 16 Q_EPILOGUE_ARGUMENTS),
                                        (Q_GLOBAL float16*)(dx + pixel + 16));
                            }
#else
                            float* row = waiting + written + (top + b - from) * W + k * (16 * STRIDE_W);
                            STORE16(row, first);
                            if (STRIDE_W > 1) {
                                STORE16(row + 16, second);
                            }
#endif
                        }
                    }
                }
            }
#if !WHOLE_LINES
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
#endif
        }
#if !WHOLE_LINES
        ROLLED for (int strand = 0; strand < STRANDS; strand++) {
            const size_t run = begin + (size_t)strand * run_planes;
            const int last = n == run_planes - 1 || run + n + 1 == (size_t)planes;
            if ((WITH_EPILOGUE || last) && run + n < (size_t)planes) {
                give_rest(values + strand * WAITING_ROOM, dx, run * (H * W) + origin, given, written Q_EPILOGUE_ARGUMENTS);
            }
        }
#endif
    }
}
