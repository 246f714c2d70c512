// Purpose: average pooling of small planes on a CPU, forward and backward. One kernel of the two is compiled.
//
//   group id 0: planes_per_item consecutive planes, sixteen at a time, one a lane
//
//     x   plane 0  | h w … |                pixels[h * W + w] = { plane 0, plane 1 … plane 15 }
//         …        | 16 by 16 turned |  ->      a window is joined tap by tap, whole vectors at whole addresses
//         plane 15 | h w … |                                  results are turned back and stored as they lie
//
//   Backward is a gather: a pixel sums over the windows that hold it, columns first.
//
// Parameters: H W P Q WINDOW_H WINDOW_W STRIDE_H STRIDE_W PAD_TOP PAD_LEFT (sizes); PADDED_H PADDED_W (H + bottom padding, W +
//   right padding); COUNT_INCLUDE_PAD, PASS_CACHES (0, 1); AVG_FORWARD or AVG_BACKWARD; X_T and its loads and stores are the storage
//   type of values. Arguments: planes, planes_per_item, a multiple of 16.
// Requirements: group size (1,1,1); pool2d_cpu.cl before; DILATION_H and DILATION_W of 1.
// Adds over taps_cpu: no lane is idle at the end of a row, and no row is split by stride.
// Determinism: each element is one work-item's; sums run over a window's rows and their columns (backward: over columns, then rows).

// Four times, vectors i and i + 8 are interleaved into 2 i and 2 i + 1: each time the bits of (row, column) turn by one.
#define STAGE(to, from)                                      \
    UNROLLED for (int i = 0; i < 8; i++) {                   \
        to[2 * i] = WEAVE_LO(from[i], from[i + 8]);          \
        to[2 * i + 1] = WEAVE_HI(from[i], from[i + 8]);      \
    }
#define TURN(a)          \
    {                    \
        float16 b[16];   \
        STAGE(b, a)      \
        STAGE(a, b)      \
        STAGE(b, a)      \
        STAGE(a, b)      \
    }

// Pixel i of planes first … first + 15 becomes vector to[i]; past the last live one planes repeat.
static inline void take(Q_GLOBAL const X_T* from, size_t first, int live, const int count, float16* to) {
    ROLLED for (int i = 0; count >= 16 && i < count; i += 16) {
        // The last block begins early enough to be whole, and takes some pixels again.
        const int at = min(i, count - 16);
        float16 a[16];
        UNROLLED for (int k = 0; k < 16; k++) {
            Q_GLOBAL const X_T* own = from + (first + min(k, live - 1)) * count + at;
            // The same pixels of the sixteen planes that come next.
            FETCH(own + 16 * count);
            a[k] = TAKE16(own, 0);
        }
        TURN(a)
        UNROLLED for (int k = 0; k < 16; k++) {
            to[at + k] = a[k];
        }
    }
    ROLLED for (int i = 0; count < 16 && i < count; i++) {
        for (int k = 0; k < 16; k++) {
            ((float*)to)[16 * i + k] = X_LOAD(from, (first + min(k, live - 1)) * count + i);
        }
    }
}

// The other way round: planes one behind the other.
static inline void give(const float16* from, const int count, float* to) {
    ROLLED for (int i = 0; count >= 16 && i < count; i += 16) {
        const int at = min(i, count - 16);
        float16 a[16];
        UNROLLED for (int k = 0; k < 16; k++) {
            a[k] = from[at + k];
        }
        TURN(a)
        UNROLLED for (int k = 0; k < 16; k++) {
            STORE16(to + k * count + at, a[k]);
        }
    }
    ROLLED for (int i = 0; count < 16 && i < count; i++) {
        for (int k = 0; k < 16; k++) {
            to[k * count + i] = ((const float*)from)[16 * i + k];
        }
    }
}

#if defined(AVG_FORWARD)
#define TAKEN (H * W)
#define GIVEN (P * Q)
#define TAP(h, w) sum += taken[(h) * W + (w)];
#else
#define TAKEN (P * Q)
#define GIVEN (H * W)
#endif

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
#if defined(AVG_FORWARD)
void avg_pool2d_forward(
#else
void avg_pool2d_backward(
#endif
        Q_GLOBAL const X_T* x, Q_GLOBAL X_T* y, const int planes, const int planes_per_item Q_EPILOGUE_PARAMETERS) {
    const size_t end = min((get_group_id(0) + 1) * planes_per_item, (size_t)planes);
    float16 taken[TAKEN];
    float16 given[GIVEN];
    __attribute__((aligned(64))) float values[16 * GIVEN + 16];
    float shares[(Q + 15) / 16 * 16];
    q_column_shares(shares);
#if defined(AVG_BACKWARD)
    float16 spread[P * W];
    // The windows that see a column.
    int first_q[W];
    int end_q[W];
    ROLLED for (int w = 0; w < W; w++) {
        first_q[w] = w + PAD_LEFT < WINDOW_W ? 0 : (w + PAD_LEFT - WINDOW_W) / STRIDE_W + 1;
        end_q[w] = min((w + PAD_LEFT) / STRIDE_W, Q - 1) + 1;
    }
#endif
    ROLLED for (size_t first = get_group_id(0) * planes_per_item; first < end; first += 16) {
        const int live = (int)min((size_t)16, end - first);
        take(x, first, live, TAKEN, taken);
#if defined(AVG_FORWARD)
        ROLLED for (int p = 0; p < P; p++) {
            const int top = p * STRIDE_H - PAD_TOP;
            const int h0 = max(top, 0);
            const int h1 = min(top + WINDOW_H, H);
            ROLLED for (int q = 0; q < Q; q++) {
                const int left = q * STRIDE_W - PAD_LEFT;
                const int w0 = max(left, 0);
                const int w1 = min(left + WINDOW_W, W);
                float16 sum = 0.0f;
                if (h1 - h0 == WINDOW_H && w1 - w0 == WINDOW_W) {
                    UNROLLED for (int r = 0; r < WINDOW_H; r++) {
                        UNROLLED for (int s = 0; s < WINDOW_W; s++) {
                            TAP(h0 + r, w0 + s)
                        }
                    }
                } else {
                    ROLLED for (int h = h0; h < h1; h++) {
                        ROLLED for (int w = w0; w < w1; w++) {
                            TAP(h, w)
                        }
                    }
                }
                given[p * Q + q] = sum * (shares[q] * q_row_share(p));
            }
        }
#else
        ROLLED for (int p = 0; p < P; p++) {
            const float share = q_row_share(p);
            ROLLED for (int q = 0; q < Q; q++) {
                taken[p * Q + q] *= shares[q] * share;
            }
        }
        // Columns first: what a row of windows gives each pixel of the rows that it sees.
        ROLLED for (int p = 0; p < P; p++) {
            ROLLED for (int w = 0; w < W; w++) {
                float16 sum = 0.0f;
                ROLLED for (int q = first_q[w]; q < end_q[w]; q++) {
                    sum += taken[p * Q + q];
                }
                spread[p * W + w] = sum;
            }
        }
        ROLLED for (int h = 0; h < H; h++) {
            const int p0 = h + PAD_TOP < WINDOW_H ? 0 : (h + PAD_TOP - WINDOW_H) / STRIDE_H + 1;
            const int p1 = min((h + PAD_TOP) / STRIDE_H, P - 1);
            ROLLED for (int w = 0; w < W; w++) {
                float16 sum = 0.0f;
                ROLLED for (int p = p0; p <= p1; p++) {
                    sum += spread[p * W + w];
                }
                given[h * W + w] = sum;
            }
        }
#endif
        give(given, GIVEN, values);
        q_finish_planes(values, y, first * GIVEN, live, GIVEN Q_EPILOGUE_ARGUMENTS);
    }
}
