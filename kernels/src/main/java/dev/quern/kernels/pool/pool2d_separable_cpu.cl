// Purpose: maximum and average pooling on a CPU past the caches, forward, and average pooling backward with a stride of 1, which is
//   forward pooling of dy. One kernel of the three is compiled.
//
//   group id 0: STRANDS runs of run_planes consecutive planes, a row of windows of each in turns
//
//     a row of pixels, sixteen windows   | columns 0 | columns 1 | columns 2 |  split by stride in registers, joined: one vector
//     its vector                         | kept until the last window that sees the row |
//     y[p][q .. q+15]                  = join of the vectors of the window's rows
//
//   Vectors of results wait in local memory, one row behind the other, until they are whole lines of the output.
//
// Parameters: H W P Q WINDOW_H WINDOW_W STRIDE_H STRIDE_W PAD_TOP PAD_LEFT (sizes; of AVG_BACKWARD those of pooling dy); WINDOW_PIXELS, by
//   which sums are divided, if that is the same of all windows, else PADDED_H, PADDED_W, COUNT_INCLUDE_PAD; INDICES (0, 1); STRANDS;
//   PASS_CACHES, WITH_EPILOGUE (0, 1); one of MAX_FORWARD, AVG_FORWARD, AVG_BACKWARD. Arguments: planes, run_planes.
// Requirements: group size (1,1,1); pool2d_cpu.cl before; F32; STRIDE_W 1 or 2; no dilation; W at least WINDOW_W. With PASS_CACHES,
//   operands that begin at whole lines, and run_planes * P * Q a multiple of 16.
// Adds over taps_cpu: a row's columns are joined once for all windows that see the row, nothing is laid into memory first, and
//   reading, joining and writing go on side by side. A core that reads from one place reads a quarter less than it could.
// Determinism: each element is one work-item's; sums run over a row's columns, then over rows.

#define STRIPS ((Q + 15) / 16)
#define KEPT (WINDOW_H > STRIDE_H ? WINDOW_H - STRIDE_H : 0)
// Pixels from a row's first on that its vectors may touch.
#define REACH (STRIPS * 16 * STRIDE_W + 16 + WINDOW_W)
// Results that wait at least, since what was stored just now is not there to be loaded yet, and with how many they move to the front.
#define DELAY (STRANDS > 1 ? 0 : Q + 16)
#define WAITING (512 + DELAY + Q)
#define WAITING_ROOM ((WAITING + Q + 47) / 16 * 16)
// Rows of windows before the first, of which only what is kept counts.
#define FILLING ((KEPT + STRIDE_H - 1) / STRIDE_H)
// How far ahead pixels are asked for.
#define AHEAD 1024
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

// The columns s of sixteen windows from q on, and which of them are inside the image; lanes behind the last window count for nothing.
#define COLUMNS(q, s) ((LANES + (q)) * STRIDE_W + (s) - PAD_LEFT)
#define IS_INSIDE(q, s) (((COLUMNS(q, s) >= 0) & (COLUMNS(q, s) < W)) | (LANES + (q) >= Q))
// Their pixels, those outside replaced. q and s, and thus the mask, are constants; LLVM 15 makes of a choice by a constant a permutation.
#define INSIDE(v, q, s) as_float16((as_int16(v) & IS_INSIDE(q, s)) | (as_int16((float16)(OUTSIDE)) & ~IS_INSIDE(q, s)))

static inline __attribute__((always_inline)) Joined join_columns(Q_GLOBAL const float* row, const int h, const int q) {
    Joined joined;
    float16 taps[WINDOW_W + 1];
    Q_GLOBAL const float* first = row + q * STRIDE_W - PAD_LEFT;
#if STRIDE_W == 1
    FETCH(row + q + AHEAD);
    UNROLLED for (int s = 0; s < WINDOW_W; s++) {
        taps[s] = LOAD16_GLOBAL(first + s);
    }
#else
    FETCH(row + 2 * q + AHEAD);
    FETCH(row + 2 * q + 16 + AHEAD);
    UNROLLED for (int s = 0; s < WINDOW_W; s += 2) {
        const float16 u = LOAD16_GLOBAL(first + s);
        const float16 v = LOAD16_GLOBAL(first + s + 16);
        taps[s] = EVENS(u, v);
        taps[s + 1] = ODDS(u, v);
    }
#endif
    joined.value = INSIDE(taps[0], q, 0);
#if INDICES
    joined.place = max(COLUMNS(q, 0), (int16)(0));
#endif
    UNROLLED for (int s = 1; s < WINDOW_W; s++) {
        JOIN(joined, INSIDE(taps[s], q, s), COLUMNS(q, s))
    }
#if INDICES
    joined.place += h * W;
#endif
    return joined;
}

// The same pixel by pixel, for rows whose vectors would leave the tensor.
static Joined join_columns_slowly(Q_GLOBAL const float* row, const int h, const int q) {
    float values[16];
    int places[16];
    for (int lane = 0; lane < 16; lane++) {
        values[lane] = OUTSIDE;
        places[lane] = -1;
        for (int s = 0; s < WINDOW_W; s++) {
            const int w = (q + lane) * STRIDE_W + s - PAD_LEFT;
            if (w >= 0 && w < W) {
                const float value = row[w];
#if defined(MAX_FORWARD)
                if (places[lane] < 0 || value > values[lane] || value != value) {
                    values[lane] = value;
                    places[lane] = h * W + w;
                }
#else
                values[lane] += value;
#endif
            }
        }
    }
    Joined joined;
    joined.value = LOAD16(values);
#if INDICES
    joined.place = LOAD16_INT(places);
#endif
    return joined;
}

// Row h of a plane, of which rows from_row to to_row - 1 may be taken in whole vectors.
static inline __attribute__((always_inline)) Joined take_row(Q_GLOBAL const float* plane, const int h, const int q, const int from_row,
        const int to_row) {
    if (h >= from_row && h < to_row) {
        return join_columns(plane + h * W, h, q);
    }
    if (h >= 0 && h < H) {
        return join_columns_slowly(plane + h * W, h, q);
    }
    Joined joined;
    joined.value = OUTSIDE;
#if INDICES
    // If all is minus infinity, the first pixel inside the image.
    joined.place = max(COLUMNS(q, 0), (int16)(0));
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
    __attribute__((aligned(64))) float values[STRANDS * WAITING_ROOM];
    Joined kept[STRANDS * STRIPS * KEPT + 1];
#if INDICES
    __attribute__((aligned(64))) int places[STRANDS * WAITING_ROOM];
#endif
#if !defined(MAX_FORWARD) && !defined(WINDOW_PIXELS)
    __attribute__((aligned(64))) float shares[STRIPS * 16];
    q_column_shares(shares);
#endif
    // The same in all strands: `written` results wait, of which the first `given` are in the output; the first is that of element `origin`.
    int written = 0;
    int given = 0;
    size_t origin = 0;
    ROLLED for (int n = 0; n < run_planes; n++) {
#if WITH_EPILOGUE
        // Vectors for the epilogue are of one plane.
        written = PASS_CACHES ? (int)((size_t)n * (P * Q) % 16) : 0;
        given = written;
        origin = (size_t)n * (P * Q) - written;
#endif
        ROLLED for (int p = -FILLING; p < P; p++) {
            const int ready = (written - DELAY) / 16 * 16;
            ROLLED for (int strand = 0; strand < STRANDS; strand++) {
                const size_t run = begin + (size_t)strand * run_planes;
                const size_t plane = run + n;
                if (plane >= (size_t)planes) {
                    break;
                }
                Q_GLOBAL const float* pixels = x + plane * (H * W);
                const int from_row = plane == 0 ? min(PAD_LEFT, 1) : 0;
                const int to_row = plane + (REACH + H * W - 1) / (H * W) < (size_t)planes ? H : max(0, H - (REACH + W - 1) / W);
                float* waiting = values + strand * WAITING_ROOM;
                Joined* own = kept + strand * (STRIPS * KEPT);
                const int top = p * STRIDE_H - PAD_TOP;
#if INDICES
                int* waiting_places = places + strand * WAITING_ROOM;
#endif
                const size_t first = run * (P * Q) + origin;
                give_lines(waiting, y PLACES(waiting_places, indices), first, given, ready Q_EPILOGUE_ARGUMENTS);
#if !defined(MAX_FORWARD) && !defined(WINDOW_PIXELS)
                const float row_share = q_row_share(p);
#endif
                UNROLLED for (int k = 0; k < STRIPS; k++) {
                    Joined rows[WINDOW_H];
                    UNROLLED for (int r = 0; r < KEPT; r++) {
                        rows[r] = own[k * KEPT + r];
                    }
                    UNROLLED for (int r = KEPT; r < WINDOW_H; r++) {
                        rows[r] = take_row(pixels, top + r, 16 * k, from_row, to_row);
                    }
                    UNROLLED for (int r = 0; r < KEPT; r++) {
                        own[k * KEPT + r] = rows[r + STRIDE_H];
                    }
                    if (p < 0) {
                        continue;
                    }
                    Joined joined = rows[0];
                    UNROLLED for (int r = 1; r < WINDOW_H; r++) {
                        JOIN(joined, rows[r].value, rows[r].place)
                    }
#if !defined(MAX_FORWARD) && defined(WINDOW_PIXELS)
                    joined.value *= 1.0f / WINDOW_PIXELS;
#elif !defined(MAX_FORWARD)
                    joined.value *= LOAD16(shares + 16 * k) * row_share;
#endif
                    // What a row's last vector has too much is overwritten by the next row.
                    STORE16(waiting + written + 16 * k, joined.value);
#if INDICES
                    STORE16_INT(waiting_places + written + 16 * k, joined.place);
#endif
                }
            }
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
        }
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
    }
}
