// Purpose: 3x3 pooling with a stride of 1 and a padding of 1 on a CPU: average forward and backward, maximum backward. One kernel of
//   the three is compiled.
//
//   group id 0: STRANDS runs of run_planes consecutive planes, a vector of each in turns
//
//     a run of planes is one line of pixels; sixteen of them from i on, whatever rows they are in, see
//
//       i - W - 1 ..   i - W ..   i - W + 1 ..
//       i - 1 ..       i ..       i + 1 ..
//       i + W - 1 ..   i + W ..   i + W + 1 ..
//
//   Averages add up rows first, without those outside the plane; the columns to the left and to the right are these sums shifted by a
//   lane, without those outside the row. Of maxima nothing need be left out: a window of another row or plane never took this pixel.
//
// Parameters: H W (sizes); STRANDS; LAG, how many vectors of results wait in registers, more than a row and a pixel are;
//   PASS_CACHES, WITH_EPILOGUE (0, 1); one of AVG_FORWARD, AVG_BACKWARD, MAX_BACKWARD. Arguments: planes, run_planes.
// Requirements: group size (1,1,1); pool2d_cpu.cl before; F32; H * W a multiple of 16, H at least 3; averages divided by 9. With
//   PASS_CACHES, operands that begin at whole lines.
// Adds over separable_cpu and compare_cpu: no lane is idle, and results are whole lines at once, so that nothing goes through memory on
//   its way. A core takes what it loads for what it stored just before to the same place of another page, and waits until that is
//   written: results wait until all pixels at their places have been loaded.
// Determinism: each element is one work-item's; sums run over rows, then columns (maxima: over columns, then rows).

#define PIXELS (H * W)
#define AHEAD 256
// Shifted by a lane, from the vector behind or before.
#define FROM_NEXT(u, v) __builtin_shufflevector(u, v, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)
#define FROM_LAST(u, v) __builtin_shufflevector(u, v, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30)

#define LOAD_ANY(from, at, total) LOAD16_GLOBAL((from) + (at))
#define LOAD_ANY_PLACES(from, at, total) LOAD16_GLOBAL_INT((from) + (at))
// What windows of three rows, at the columns of sixteen pixels, give to these pixels and to those beside them.
#define TAKE_ROW(level, left, right, windows, places) \
    { \
        const float16 given = (windows); \
        const int16 took = (places); \
        level = took == here ? level + given : level; \
        left = took == here - 1 ? left + given : left; \
        right = took == here + 1 ? right + given : right; \
    }
#define TAKE(level, left, right, load, load_places) \
    { \
        const float16 last = right; \
        level = left = right = 0.0f; \
        UNROLLED for (int r = -1; r <= 1; r++) { \
            TAKE_ROW(level, left, right, load(x, at + r * W, total), load_places(indices, at + r * W, total)) \
        } \
        level += FROM_LAST(last, right); \
    }

static inline __attribute__((always_inline)) void give(Q_GLOBAL float* y, size_t at, const float16 value Q_EPILOGUE_PARAMETERS) {
    const float16 result = q_epilogue16(value, at Q_EPILOGUE_ARGUMENTS);
#if PASS_CACHES
    __builtin_nontemporal_store(result, (Q_GLOBAL float16*)(y + at));
#else
    STORE16_GLOBAL(y + at, result);
#endif
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
#if defined(MAX_BACKWARD)
void max_pool2d_backward(Q_GLOBAL const float* Q_RESTRICT x, Q_GLOBAL const int* Q_RESTRICT indices,
#elif defined(AVG_FORWARD)
void avg_pool2d_forward(Q_GLOBAL const float* Q_RESTRICT x,
#else
void avg_pool2d_backward(Q_GLOBAL const float* Q_RESTRICT x,
#endif
        Q_GLOBAL float* Q_RESTRICT y, const int planes, const int run_planes Q_EPILOGUE_PARAMETERS) {
    const size_t total = (size_t)planes * PIXELS;
    const size_t run = (size_t)run_planes * PIXELS;
    const size_t begin = get_group_id(0) * STRANDS * run;
    const size_t length = min(run, total - begin);
    float16 waiting[STRANDS * LAG];
    // The places of sixteen pixels in their plane.
    int16 here = LANES;
#if defined(MAX_BACKWARD)
    // Of each strand what pixels get from windows of their column and of the one before, what windows give pixels of the column before,
    // and what the last vector of windows gave pixels of the column behind.
    float16 own[STRANDS];
    float16 to_left[STRANDS];
    float16 to_right[STRANDS];
    UNROLLED for (int k = 0; k < STRANDS; k++) {
        const size_t at = begin + k * run;
        to_right[k] = 0.0f;
        TAKE(own[k], to_left[k], to_right[k], load_within, load_places_within)
    }
#else
    // Whether pixels are not the first, or the last, of their row.
    __attribute__((aligned(64))) int has_left[16 * W];
    __attribute__((aligned(64))) int has_right[16 * W];
    ROLLED for (int i = 0; i < 16 * W; i++) {
        has_left[i] = i % W == 0 ? 0 : -1;
        has_right[i] = i % W == W - 1 ? 0 : -1;
    }
    int column = 0;
    // Of each strand the sums of three rows before and here.
    float16 before[STRANDS];
    float16 now[STRANDS];
    UNROLLED for (int k = 0; k < STRANDS; k++) {
        const size_t at = begin + k * run;
        const float16 above = load_within(x, at - W, total);
        before[k] = 0.0f;
        now[k] = (here >= (int16)(W) ? above : (float16)(0.0f)) + load_within(x, at, total) + load_within(x, at + W, total);
    }
#endif
    ROLLED for (size_t i = 0; i < length; i += 16) {
        float16 found[STRANDS];
#if defined(MAX_BACKWARD)
        here = i % PIXELS == PIXELS - 16 ? LANES : here + 16;
        UNROLLED for (int k = 0; k < STRANDS; k++) {
            const size_t at = begin + k * run + i + 16;
            FETCH(x + at + AHEAD);
            FETCH(indices + at + AHEAD);
            float16 next, next_left, next_right = to_right[k];
            if (at >= W && at + (W + 16) <= total) {
                TAKE(next, next_left, next_right, LOAD_ANY, LOAD_ANY_PLACES)
            } else {
                TAKE(next, next_left, next_right, load_within, load_places_within)
            }
            found[k] = own[k] + FROM_NEXT(to_left[k], next_left);
            own[k] = next;
            to_left[k] = next_left;
            to_right[k] = next_right;
        }
#else
        here = i % PIXELS == PIXELS - 16 ? LANES : here + 16;
        const int16 has_above = here >= (int16)(W);
        const int16 has_below = here < (int16)(PIXELS - W);
        float16 next[STRANDS];
        UNROLLED for (int k = 0; k < STRANDS; k++) {
            const size_t at = begin + k * run + i + 16;
            FETCH(x + at + AHEAD);
            float16 above, below;
            if (at >= W && at + (W + 16) <= total) {
                above = has_above ? LOAD16_GLOBAL(x + at - W) : (float16)(0.0f);
                next[k] = LOAD16_GLOBAL(x + at);
                below = has_below ? LOAD16_GLOBAL(x + at + W) : (float16)(0.0f);
            } else {
                above = has_above ? load_within(x, at - W, total) : (float16)(0.0f);
                next[k] = load_within(x, at, total);
                below = has_below ? load_within(x, at + W, total) : (float16)(0.0f);
            }
            next[k] = above + next[k] + below;
        }
        const int16 left = *(const int16*)(has_left + column);
        const int16 right = *(const int16*)(has_right + column);
        column = column == 16 * W - 16 ? 0 : column + 16;
        UNROLLED for (int k = 0; k < STRANDS; k++) {
            const float16 a = as_float16(as_int16(FROM_LAST(before[k], now[k])) & left);
            const float16 b = as_float16(as_int16(FROM_NEXT(now[k], next[k])) & right);
            found[k] = (a + now[k] + b) * (1.0f / 9.0f);
            before[k] = now[k];
            now[k] = next[k];
        }
#endif
        UNROLLED for (int k = 0; k < STRANDS; k++) {
            const size_t at = begin + k * run + i - 16 * LAG;
            if (i >= 16 * LAG && at < total) {
                give(y, at, waiting[k * LAG] Q_EPILOGUE_ARGUMENTS);
            }
            UNROLLED for (int j = 0; j + 1 < LAG; j++) {
                waiting[k * LAG + j] = waiting[k * LAG + j + 1];
            }
            waiting[k * LAG + LAG - 1] = found[k];
        }
    }
    UNROLLED for (int k = 0; k < STRANDS; k++) {
        UNROLLED for (int j = 0; j < LAG; j++) {
            const size_t at = begin + k * run + length - 16 * (LAG - j);
            if (at < total) {
                give(y, at, waiting[k * LAG + j] Q_EPILOGUE_ARGUMENTS);
            }
        }
    }
}
