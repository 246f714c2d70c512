// Purpose: average pooling on a CPU of planes whose rows are a vector or less, forward and backward. One kernel of the two is compiled.
//
//   group id 0: STRANDS runs of run_planes consecutive planes, as many of each in turns as are whole lines of results
//
//     forward    | row 0 | + | row 1 | + …                 the rows of a row of windows, a vector each
//                sum of the columns 0, 1, 2 …              the same vector moved by lanes
//                lanes 0, STRIDE_W, 2 STRIDE_W …           a row of y
//     backward   a row of dy, its lanes STRIDE_W apart, added up as often as a window has columns: what each pixel row of the windows gets
//
//   Lanes behind a row's end are the next row's, and are left out. Results lie one row behind the other in local memory until they are
//   whole lines.
//
// Parameters: H W P Q WINDOW_H WINDOW_W STRIDE_H STRIDE_W PAD_TOP PAD_LEFT (sizes); PADDED_H PADDED_W (H + bottom padding, W + right
//   padding); COUNT_INCLUDE_PAD, PASS_CACHES, WITH_EPILOGUE (0, 1); STRANDS; WHOLE, how many planes of results are whole lines; AVG_FORWARD or
//   AVG_BACKWARD. Arguments: planes, run_planes, a multiple of WHOLE.
// Requirements: group size (1,1,1); pool2d_cpu.cl before; F32; W, WINDOW_W and (Q - 1) * STRIDE_W + 1 at most 16; no dilation.
// Adds over lanes_cpu: planes are not turned, 4 permutations a vector there and back; reading, adding and writing go on side by side.
// Determinism: each element is one work-item's; sums run over rows, then columns (backward: over columns, then rows).

#if defined(AVG_FORWARD)
#define TAKEN (H * W)
#define GIVEN (P * Q)
#else
#define TAKEN (P * Q)
#define GIVEN (H * W)
#endif
#define ZEROS ((float16)(0.0f))
// Lanes q * STRIDE_W as lanes q, and back with zeros between.
#define NEAR(n) ((n) * STRIDE_W < 16 ? (n) * STRIDE_W : 0)
#define FAR(n) ((n) % STRIDE_W == 0 ? (n) / STRIDE_W : 16)
#define GATHERED(v) __builtin_shufflevector(v, ZEROS, NEAR(0), NEAR(1), NEAR(2), NEAR(3), NEAR(4), NEAR(5), NEAR(6), NEAR(7), NEAR(8), \
        NEAR(9), NEAR(10), NEAR(11), NEAR(12), NEAR(13), NEAR(14), NEAR(15))
#define SCATTERED(v) __builtin_shufflevector(v, ZEROS, FAR(0), FAR(1), FAR(2), FAR(3), FAR(4), FAR(5), FAR(6), FAR(7), FAR(8), FAR(9), FAR(10), \
        FAR(11), FAR(12), FAR(13), FAR(14), FAR(15))

// A row of `length` elements from `first` on in the plane that begins at `at`, zeros behind. Only the last may end too early for a vector.
static inline __attribute__((always_inline)) float16 take_row(Q_GLOBAL const float* x, const size_t at, const size_t total, const int first,
        const int length) {
    const float16 row = first + 16 > TAKEN && at + first + 16 > total ? load_within(x, at + first, total) : LOAD16_GLOBAL(x + at + first);
    return length < 16 ? as_float16(as_int16(row) & (LANES < (int16)(length))) : row;
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
#if defined(AVG_FORWARD)
void avg_pool2d_forward(
#else
void avg_pool2d_backward(
#endif
        Q_GLOBAL const float* Q_RESTRICT x, Q_GLOBAL float* Q_RESTRICT y, const int planes, const int run_planes Q_EPILOGUE_PARAMETERS) {
    const size_t begin = get_group_id(0) * STRANDS * run_planes;
    const size_t total = (size_t)planes * TAKEN;
    __attribute__((aligned(64))) float values[WHOLE * GIVEN + 16];
    __attribute__((aligned(64))) float column_shares[16];
    q_column_shares(column_shares);
    const float16 shares = LOAD16(column_shares);
    ROLLED for (int n = 0; n < run_planes; n += WHOLE) {
        ROLLED for (int strand = 0; strand < STRANDS; strand++) {
            const size_t first = begin + (size_t)strand * run_planes + n;
            if (first >= (size_t)planes) {
                break;
            }
            const int count = (int)min((size_t)WHOLE, planes - first);
            ROLLED for (int i = 0; i < count; i++) {
                const size_t at = (first + i) * TAKEN;
                float* to = values + i * GIVEN;
                UNROLLED for (int j = 0; j < TAKEN; j += 16) {
                    FETCH(x + at + WHOLE * TAKEN + j);
                }
#if defined(AVG_FORWARD)
                float16 rows[H];
                UNROLLED for (int h = 0; h < H; h++) {
                    rows[h] = take_row(x, at, total, h * W, 16);
                }
                UNROLLED for (int p = 0; p < P; p++) {
                    float16 sum = 0.0f;
                    UNROLLED for (int r = 0; r < WINDOW_H; r++) {
                        const int h = p * STRIDE_H - PAD_TOP + r;
                        if (h >= 0 && h < H) {
                            sum += rows[h];
                        }
                    }
                    if ((Q - 1) * STRIDE_W - PAD_LEFT + WINDOW_W > W) {
                        sum = as_float16(as_int16(sum) & (LANES < (int16)(W)));
                    }
                    float16 joined = moved(ZEROS, sum, ZEROS, PAD_LEFT);
                    UNROLLED for (int s = 1; s < WINDOW_W; s++) {
                        joined += moved(ZEROS, sum, ZEROS, PAD_LEFT - s);
                    }
                    STORE16(to + p * Q, GATHERED(joined) * (shares * q_row_share(p)));
                }
#else
                float16 spread[P];
                UNROLLED for (int p = 0; p < P; p++) {
                    const float16 gradients = SCATTERED(take_row(x, at, total, p * Q, Q) * (shares * q_row_share(p)));
                    spread[p] = moved(ZEROS, gradients, ZEROS, -PAD_LEFT);
                    UNROLLED for (int s = 1; s < WINDOW_W; s++) {
                        spread[p] += moved(ZEROS, gradients, ZEROS, s - PAD_LEFT);
                    }
                }
                UNROLLED for (int h = 0; h < H; h++) {
                    float16 sum = 0.0f;
                    UNROLLED for (int p = 0; p < P; p++) {
                        const int r = h + PAD_TOP - p * STRIDE_H;
                        if (r >= 0 && r < WINDOW_H) {
                            sum += spread[p];
                        }
                    }
                    STORE16(to + h * W, sum);
                }
#endif
            }
            q_finish_planes(values, y, first * GIVEN, count, GIVEN Q_EPILOGUE_ARGUMENTS);
        }
    }
}
