// Purpose: maximum and average pooling on a CPU past the caches, forward, and average pooling backward with a stride of 1, which is
//   forward pooling of dy. One kernel of the three is compiled.
//
//   group id 0: STRANDS runs of run_planes consecutive planes, a row of windows of each in turns
//
//     a row of pixels               | phase 0 | phase 1 |          loaded once, in order, split by stride in registers
//     sixteen windows of it         joined: columns 0, 1, 2 …      each a phase moved by the lanes that it lies beside the window
//     joined vectors                kept until the last window that sees the row
//     y[p][q .. q+15]               = join of the vectors of the window's rows
//
//   Rows that are whole lines are written at once. Others wait in local memory, one behind the other, until they are whole lines.
//
// Parameters: H W P Q WINDOW_H WINDOW_W STRIDE_H STRIDE_W PAD_TOP PAD_LEFT (sizes; of AVG_BACKWARD those of pooling dy); WINDOW_PIXELS, by
//   which sums are divided, if that is the same of all windows, else PADDED_H, PADDED_W, COUNT_INCLUDE_PAD; INDICES (0, 1); STRANDS;
//   PASS_CACHES, WITH_EPILOGUE (0, 1); one of MAX_FORWARD, AVG_FORWARD, AVG_BACKWARD. Arguments: planes, run_planes.
// Requirements: group size (1,1,1); pool2d_cpu.cl before; F32; STRIDE_W 1 or 2; no column of a window more than 15 elements of its phase
//   from the window's own; no dilation; W at least WINDOW_W. With PASS_CACHES, operands that begin at whole lines, and run_planes * P * Q a
//   multiple of 16.
// Adds over taps_cpu: a row is loaded once and its columns are joined once for all windows that see the row, and reading, joining and
//   writing go on side by side. A load across two lines counts for more than two: one for each column took up to twice as long.
// Determinism: each element is one work-item's; sums run over a row's columns, then over rows.

#define STRIPS ((Q + 15) / 16)
#define KEPT (WINDOW_H > STRIDE_H ? WINDOW_H - STRIDE_H : 0)
// Column s of window q is element q + AWAY(s) of phase PHASE(s) of a row of pixels.
#define PHASE(s) (((s) + STRIDE_W * PAD_LEFT - PAD_LEFT) % STRIDE_W)
#define AWAY(s) (((s) + STRIDE_W * PAD_LEFT - PAD_LEFT) / STRIDE_W - PAD_LEFT)
// Vectors of each phase that the windows of a row see; whether windows see pixels behind the row.
#define PIXEL_STRIPS (((W + STRIDE_W - 1) / STRIDE_W + 15) / 16)
#define SEEN_STRIPS ((Q + AWAY(WINDOW_W - 1) + 15) / 16)
#define TAKEN_STRIPS (SEEN_STRIPS < PIXEL_STRIPS ? SEEN_STRIPS : PIXEL_STRIPS)
#define PASSES_END ((Q - 1) * STRIDE_W + WINDOW_W - 1 - PAD_LEFT >= W)
// Rows that are whole lines are written where they are made.
#define WHOLE_LINES (PASS_CACHES && Q % 16 == 0)
// Results that wait at least, since what was stored just now is not there to be loaded yet, and with how many they move to the front.
#define DELAY (STRANDS > 1 ? 0 : Q + 16)
#define WAITING (512 + DELAY + Q)
#define WAITING_ROOM ((WAITING + Q + 47) / 16 * 16)
// Rows of windows before the first, of which only what is kept counts.
#define FILLING ((KEPT + STRIDE_H - 1) / STRIDE_H)
// How far ahead pixels are asked for: in a turn or two, where there are strands.
#define AHEAD (STRANDS > 1 ? 2 * STRIDE_H * W : 1024)
#if defined(MAX_FORWARD)
#define OUTSIDE (-INFINITY)
#else
#define OUTSIDE 0.0f
#endif

// What columns or rows have been joined to.
typedef struct {
    float16 value;
#if INDICES
    int16 place;
#endif
} Joined;

// Of equal values the first wins; a NaN, which is unequal to itself, wins whenever it is met.
#if defined(MAX_FORWARD) && INDICES
#define JOIN(joined, v, at) \
    { \
        const float16 met = (v); \
        const int16 take = (met > joined.value) | (met != met); \
        joined.value = take ? met : joined.value; \
        joined.place = take ? (at) : joined.place; \
    }
#elif defined(MAX_FORWARD)
#define JOIN(joined, v, at) \
    { \
        const float16 met = (v); \
        joined.value = ((met > joined.value) | (met != met)) ? met : joined.value; \
    }
#else
#define JOIN(joined, v, at) joined.value += (v);
#endif

// Sixteen elements of each phase of a row.
typedef struct {
    float16 phase[STRIDE_W];
} Pixels;

// Pixels 16 i and on of the row that begins at element `at`.
static inline __attribute__((always_inline)) float16 take_block(Q_GLOBAL const float* x, const size_t at, const size_t total, const int i) {
    if (16 * i >= W) {
        return OUTSIDE;
    }
    FETCH(x + at + 16 * i + AHEAD);
    // Only the last of all rows may end too early for a vector.
    if (16 * i + 16 > W && at + 16 * i + 16 > total) {
        return load_within(x, at + 16 * i, total);
    }
    return LOAD16_GLOBAL(x + at + 16 * i);
}

// Vector k of each phase; what is outside the row counts for nothing. LLVM 15 makes of a choice by a constant a permutation.
static inline __attribute__((always_inline)) Pixels take_pixels(Q_GLOBAL const float* x, const size_t at, const size_t total, const int k) {
    Pixels pixels;
    if (k >= TAKEN_STRIPS) {
        UNROLLED for (int b = 0; b < STRIDE_W; b++) {
            pixels.phase[b] = OUTSIDE;
        }
        return pixels;
    }
#if STRIDE_W == 1
    pixels.phase[0] = take_block(x, at, total, k);
#else
    const float16 u = take_block(x, at, total, 2 * k);
    const float16 v = take_block(x, at, total, 2 * k + 1);
    pixels.phase[0] = EVENS(u, v);
    pixels.phase[1] = ODDS(u, v);
#endif
    UNROLLED for (int b = 0; b < STRIDE_W; b++) {
        if (PASSES_END && (16 * k + 15) * STRIDE_W + b >= W) {
            const int16 inside = (LANES + 16 * k) * STRIDE_W + b < W;
            pixels.phase[b] = as_float16((as_int16(pixels.phase[b]) & inside) | (as_int16((float16)(OUTSIDE)) & ~inside));
        }
    }
    return pixels;
}

// The columns of sixteen windows from q on, within row h.
static inline __attribute__((always_inline)) Joined join_columns(const Pixels before, const Pixels here, const Pixels behind, const int h,
        const int q) {
    Joined joined;
    joined.value = moved(before.phase[PHASE(0)], here.phase[PHASE(0)], behind.phase[PHASE(0)], -AWAY(0));
#if INDICES
    joined.place = max((LANES + q) * STRIDE_W - PAD_LEFT, (int16)(0));
#endif
    UNROLLED for (int s = 1; s < WINDOW_W; s++) {
        JOIN(joined, moved(before.phase[PHASE(s)], here.phase[PHASE(s)], behind.phase[PHASE(s)], -AWAY(s)),
                (LANES + q) * STRIDE_W + s - PAD_LEFT)
    }
#if INDICES
    joined.place += h * W;
#endif
    return joined;
}

// Nothing yet: if all is minus infinity, the first pixel inside the image is taken.
static inline __attribute__((always_inline)) Joined nothing(const int q) {
    Joined joined;
    joined.value = OUTSIDE;
#if INDICES
    joined.place = max((LANES + q) * STRIDE_W - PAD_LEFT, (int16)(0));
#endif
    return joined;
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
#if defined(MAX_FORWARD)
void max_pool2d_forward(
#elif defined(AVG_FORWARD)
void avg_pool2d_forward(
#else
void avg_pool2d_backward(
#endif
        Q_GLOBAL const float* Q_RESTRICT x, Q_GLOBAL float* Q_RESTRICT y
#if INDICES
        , Q_GLOBAL int* Q_RESTRICT indices
#endif
        , const int planes, const int run_planes Q_EPILOGUE_PARAMETERS) {
    const size_t begin = get_group_id(0) * STRANDS * run_planes;
    const size_t total = (size_t)planes * (H * W);
    Joined kept[STRANDS * STRIPS * KEPT + 1];
#if !defined(MAX_FORWARD) && !defined(WINDOW_PIXELS)
    __attribute__((aligned(64))) float shares[STRIPS * 16];
    q_column_shares(shares);
#endif
#if !WHOLE_LINES
    __attribute__((aligned(64))) float values[STRANDS * WAITING_ROOM];
#if INDICES
    __attribute__((aligned(64))) int places[STRANDS * WAITING_ROOM];
#endif
    // The same in all strands: `written` results wait, of which the first `given` are in the output; the first is that of element `origin`.
    int written = 0;
    int given = 0;
    size_t origin = 0;
#endif
    ROLLED for (int n = 0; n < run_planes; n++) {
#if WITH_EPILOGUE && !WHOLE_LINES
        // Vectors for the epilogue are of one plane.
        written = PASS_CACHES ? (int)((size_t)n * (P * Q) % 16) : 0;
        given = written;
        origin = (size_t)n * (P * Q) - written;
#endif
        ROLLED for (int p = -FILLING; p < P; p++) {
            const int top = p * STRIDE_H - PAD_TOP;
#if !WHOLE_LINES
            const int ready = (written - DELAY) / 16 * 16;
#endif
            ROLLED for (int strand = 0; strand < STRANDS; strand++) {
                const size_t run = begin + (size_t)strand * run_planes;
                const size_t plane = run + n;
                if (plane >= (size_t)planes) {
                    break;
                }
                Joined* own = kept + strand * (STRIPS * KEPT);
#if !WHOLE_LINES
                float* waiting = values + strand * WAITING_ROOM;
#if INDICES
                int* waiting_places = places + strand * WAITING_ROOM;
#endif
                const size_t first = run * (P * Q) + origin;
                give_lines(waiting, y PLACES(waiting_places, indices), first, given, ready Q_EPILOGUE_ARGUMENTS);
#endif
                Joined joined[STRIPS];
                UNROLLED for (int k = 0; k < STRIPS; k++) {
                    joined[k] = KEPT > 0 ? own[k * KEPT] : nothing(16 * k);
                    UNROLLED for (int r = 1; r < KEPT; r++) {
                        JOIN(joined[k], own[k * KEPT + r].value, own[k * KEPT + r].place)
                    }
                    UNROLLED for (int r = 0; r + STRIDE_H < KEPT; r++) {
                        own[k * KEPT + r] = own[k * KEPT + r + STRIDE_H];
                    }
                }
                UNROLLED for (int r = KEPT; r < WINDOW_H; r++) {
                    const int h = top + r;
                    if (h >= 0 && h < H) {
                        const size_t at = (plane * H + h) * W;
                        Pixels before = take_pixels(x, at, total, TAKEN_STRIPS);
                        Pixels here = take_pixels(x, at, total, 0);
                        UNROLLED for (int k = 0; k < STRIPS; k++) {
                            const Pixels behind = take_pixels(x, at, total, k + 1);
                            const Joined row = join_columns(before, here, behind, h, 16 * k);
                            if (r == 0) {
                                joined[k] = row;
                            } else {
                                JOIN(joined[k], row.value, row.place)
                            }
                            if (r >= STRIDE_H) {
                                own[k * KEPT + r - STRIDE_H] = row;
                            }
                            before = here;
                            here = behind;
                        }
                    } else if (r >= STRIDE_H) {
                        UNROLLED for (int k = 0; k < STRIPS; k++) {
                            own[k * KEPT + r - STRIDE_H] = nothing(16 * k);
                        }
                    }
                }
                if (p < 0) {
                    continue;
                }
#if !defined(MAX_FORWARD) && !defined(WINDOW_PIXELS)
                const float row_share = q_row_share(p);
#endif
                UNROLLED for (int k = 0; k < STRIPS; k++) {
#if !defined(MAX_FORWARD) && defined(WINDOW_PIXELS)
                    joined[k].value *= 1.0f / WINDOW_PIXELS;
#elif !defined(MAX_FORWARD)
                    joined[k].value *= LOAD16(shares + 16 * k) * row_share;
#endif
#if WHOLE_LINES
                    const size_t window = (plane * P + p) * Q + 16 * k;
                    __builtin_nontemporal_store(q_epilogue16(joined[k].value, window Q_EPILOGUE_ARGUMENTS), (Q_GLOBAL float16*)(y + window));
#if INDICES
                    __builtin_nontemporal_store(joined[k].place, (Q_GLOBAL int16*)(indices + window));
#endif
#else
                    // What a row's last vector has too much is overwritten by the next row.
                    STORE16(waiting + written + 16 * k, joined[k].value);
#if INDICES
                    STORE16_INT(waiting_places + written + 16 * k, joined[k].place);
#endif
#endif
                }
            }
#if !WHOLE_LINES
            given = max(given, ready);
            written += p < 0 ? 0 : Q;
            if (written > WAITING) {
                // Behind what is given away next, nothing waits.
                ROLLED for (int strand = 0; strand < STRANDS && begin + (size_t)strand * run_planes + n < (size_t)planes; strand++) {
                    float* waiting = values + strand * WAITING_ROOM;
                    ROLLED for (int i = given; i < written; i += 16) {
                        *(float16*)(waiting + i - given) = *(float16*)(waiting + i);
#if INDICES
                        int* waiting_places = places + strand * WAITING_ROOM;
                        *(int16*)(waiting_places + i - given) = *(int16*)(waiting_places + i);
#endif
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
                const float* waiting = values + strand * WAITING_ROOM;
#if INDICES
                const int* waiting_places = places + strand * WAITING_ROOM;
#endif
                const size_t first = run * (P * Q) + origin;
                give_rest(waiting, y PLACES(waiting_places, indices), first, given, written Q_EPILOGUE_ARGUMENTS);
            }
        }
#endif
    }
}
