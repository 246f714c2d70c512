// Purpose: any pass of a convolution as a tiled matrix product whose operands are gathered where they lie, so that no column
//   matrix is ever stored. One pass is compiled.
//
//   c[m][n] = sum over d of a[m][d] * b[d][n], a product for each channel group:
//
//     pass              m          n          d            a             b
//     FORWARD           k          (n,p,q)    (c,r,s)      filter        x at the tap's pixel
//     BACKWARD_DATA     c          (n,h,w)    (k,r,s)      filter        dy of the output that read the pixel by the tap
//     BACKWARD_WEIGHTS  k          (c,r,s)    (n,p,q)      dy            x at the tap's pixel
//
//   group id 0: tile of 16*PER_N columns · 1: tile of 16*PER_M rows · 2: channel group * SLICES + slice of d
//   A group of 16x16 work-items copies tiles of a and b, 16 deep, to local memory; each item keeps PER_M x PER_N sums, its
//   rows and columns 16 apart, so that neighbours read neighbouring words.
//
// Parameters: the geometry; FORWARD, BACKWARD_DATA or BACKWARD_WEIGHTS; PER_M, PER_N; SLICES, SLICE_DEPTH (a multiple of 16).
// Requirements: portable; groups of 16x16; local memory for (PER_M + PER_N) * 272 floats.
// Adds: each value fetched serves a whole tile; every stride, dilation, padding and group works.
// Determinism: each sum is one work-item's in the order of d; slices are added in their order by a second kernel.

#define GROUP_C (C / GROUPS)
#define GROUP_K (K / GROUPS)
#define TAPS (GROUP_C * R * S)
#if defined(FORWARD)
#define ROWS GROUP_K
#define COLUMNS (N * P * Q)
#define DEPTH TAPS
#elif defined(BACKWARD_DATA)
#define ROWS GROUP_C
#define COLUMNS (N * H * W)
#define DEPTH (GROUP_K * R * S)
#else
#define ROWS GROUP_K
#define COLUMNS TAPS
#define DEPTH (N * P * Q)
#endif

// The pixel of x that tap (r,s) of output (p,q) reads, 0 outside the image. plane: the first element of the channel's plane.
Q_DEVICE float q_pixel(Q_GLOBAL const float* x, size_t plane, int p, int q, int r, int s) {
    const int h = p * STRIDE_H - PAD_TOP + r * DILATION_H;
    const int w = q * STRIDE_W - PAD_LEFT + s * DILATION_W;
    return h >= 0 && h < H && w >= 0 && w < W ? x[plane + (size_t)h * W + w] : 0.0f;
}

Q_DEVICE float q_a(Q_GLOBAL const float* a, int group, int m, int d) {
    if (m >= ROWS || d >= DEPTH) {
        return 0.0f;
    }
#if defined(FORWARD)
    return a[(size_t)(group * GROUP_K + m) * TAPS + d];
#elif defined(BACKWARD_DATA)
    const int k = d / (R * S);
    return a[(size_t)(group * GROUP_K + k) * TAPS + m * (R * S) + d % (R * S)];
#else
    const int n = d / (P * Q);
    return a[((size_t)n * K + group * GROUP_K + m) * (P * Q) + d % (P * Q)];
#endif
}

Q_DEVICE float q_b(Q_GLOBAL const float* b, int group, int d, int n) {
    if (d >= DEPTH || n >= COLUMNS) {
        return 0.0f;
    }
#if defined(BACKWARD_DATA)
    const int s = d % S;
    const int r = d / S % R;
    const int k = d / (R * S);
    const int w = n % W;
    const int h = n / W % H;
    const int image = n / (H * W);
    const int rows = h + PAD_TOP - r * DILATION_H;
    const int columns = w + PAD_LEFT - s * DILATION_W;
    const int p = rows / STRIDE_H;
    const int q = columns / STRIDE_W;
    return rows >= 0 && columns >= 0 && rows % STRIDE_H == 0 && columns % STRIDE_W == 0 && p < P && q < Q
            ? b[(((size_t)image * K + group * GROUP_K + k) * P + p) * Q + q] : 0.0f;
#else
#if defined(FORWARD)
    const int tap = d;
    const int output = n;
#else
    const int tap = n;
    const int output = d;
#endif
    const size_t plane = ((size_t)(output / (P * Q)) * C + group * GROUP_C + tap / (R * S)) * H * W;
    return q_pixel(b, plane, output / Q % P, output % Q, tap / S % R, tap % S);
#endif
}

// Where c[m][n] of a channel group lies in the output.
Q_DEVICE size_t q_element(int group, int m, int n) {
#if defined(FORWARD)
    return ((size_t)(n / (P * Q)) * K + group * GROUP_K + m) * (P * Q) + n % (P * Q);
#elif defined(BACKWARD_DATA)
    return ((size_t)(n / (H * W)) * C + group * GROUP_C + m) * (H * W) + n % (H * W);
#else
    return (size_t)(group * GROUP_K + m) * TAPS + n;
#endif
}

Q_KERNEL Q_REQD_GROUP(16, 16, 1) void conv2d_implicit_gemm(Q_GLOBAL const float* a, Q_GLOBAL const float* b,
        Q_GLOBAL float* c Q_EPILOGUE_PARAMETERS) {
    // One word more a row, so that items that write a column hit different banks.
    Q_LOCAL float tileA[16][PER_M * 16 + 1];
    Q_LOCAL float tileB[16][PER_N * 16 + 1];
    const int x = (int)Q_LOCAL_ID(0);
    const int y = (int)Q_LOCAL_ID(1);
    const int firstN = (int)Q_GROUP_ID(0) * (PER_N * 16);
    const int firstM = (int)Q_GROUP_ID(1) * (PER_M * 16);
    const int group = (int)Q_GROUP_ID(2) / SLICES;
    const int slice = (int)Q_GROUP_ID(2) % SLICES;
    float sums[PER_M][PER_N];
    for (int i = 0; i < PER_M; i++) {
        for (int j = 0; j < PER_N; j++) {
            sums[i][j] = 0.0f;
        }
    }
    const int end = Q_IMIN((slice + 1) * SLICE_DEPTH, DEPTH);
    for (int d = slice * SLICE_DEPTH; d < end; d += 16) {
        for (int i = 0; i < PER_M; i++) {
            tileA[x][i * 16 + y] = q_a(a, group, firstM + i * 16 + y, d + x);
        }
        for (int j = 0; j < PER_N; j++) {
            // Neighbouring items take neighbouring pixels: along n, or along d where n are taps.
#if defined(BACKWARD_WEIGHTS)
            tileB[x][j * 16 + y] = q_b(b, group, d + x, firstN + j * 16 + y);
#else
            tileB[y][j * 16 + x] = q_b(b, group, d + y, firstN + j * 16 + x);
#endif
        }
        Q_LOCAL_BARRIER();
        for (int e = 0; e < 16; e++) {
            float column[PER_N];
            for (int j = 0; j < PER_N; j++) {
                column[j] = tileB[e][j * 16 + x];
            }
            for (int i = 0; i < PER_M; i++) {
                const float value = tileA[e][i * 16 + y];
                for (int j = 0; j < PER_N; j++) {
                    sums[i][j] = Q_FMA(value, column[j], sums[i][j]);
                }
            }
        }
        Q_LOCAL_BARRIER();
    }
    for (int i = 0; i < PER_M; i++) {
        for (int j = 0; j < PER_N; j++) {
            const int m = firstM + i * 16 + y;
            const int n = firstN + j * 16 + x;
            if (m < ROWS && n < COLUMNS) {
                const size_t element = q_element(group, m, n);
#if SLICES == 1
                c[element] = q_epilogue(sums[i][j], element Q_EPILOGUE_ARGUMENTS);
#else
                c[(size_t)slice * GROUPS * ROWS * COLUMNS + element] = sums[i][j];
#endif
            }
        }
    }
}
