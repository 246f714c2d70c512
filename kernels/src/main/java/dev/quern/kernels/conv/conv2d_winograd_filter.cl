// Purpose: the filter transformed for Winograd's convolution, sixteen output channels as lanes.
//
//   filter[k][c][3][3]  ->  transformed[block of LANES output channels][component ALPHA*ALPHA][c][lane] = G g G'
//
//   group id 0: sixteen input channels; group id 1: sixteen output channels
//
// Parameters: definitions TILE, LANES (16 or 32). Arguments: k, c. Lanes past the last output channel are zeros.
// Requirements: group size (1,1,1); conv2d_vectors.h and conv2d_winograd_transforms.h in front.
// Determinism: each element is one work-item's.

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void conv2d_winograd_filter(Q_GLOBAL const float* filter, Q_GLOBAL float* transformed, int k, int c) {
    __attribute__((aligned(64))) float taps[16 * 9 * 16];
    const int first_c = (int)Q_GROUP_ID(0) * 16;
    const int first_k = (int)Q_GROUP_ID(1) * 16;
    const int channels = min(16, c - first_c);
    const int lines = min(16, k - first_k);
    Q_GLOBAL const float* in = filter + ((size_t)first_k * c + first_c) * 9;
    if (channels == 16 && lines == 16) {
        #pragma unroll 1
        for (int t = 0; t < 16 * 9; t += 16) {
            float16 square[16];
            #pragma unroll
            for (int i = 0; i < 16; i++) {
                square[i] = vload16(0, in + (size_t)i * c * 9 + t);
            }
            q_transpose16(square);
            #pragma unroll
            for (int i = 0; i < 16; i++) {
                Q_STORE16(taps + (t + i) * 16, square[i]);
            }
        }
    } else {
        #pragma unroll 1
        for (int t = 0; t < channels * 9; t++) {
            #pragma unroll 1
            for (int i = 0; i < 16; i++) {
                taps[t * 16 + i] = i < lines ? in[(size_t)i * c * 9 + t] : 0.0f;
            }
        }
    }
    Q_GLOBAL float* out = transformed + (size_t)(first_k / LANES) * (ALPHA * ALPHA) * c * LANES + first_k % LANES;
    #pragma unroll 1
    for (int i = 0; i < channels; i++) {
        float16 rows[3][ALPHA];
        #pragma unroll
        for (int r = 0; r < 3; r++) {
            float16 weights[3];
            #pragma unroll
            for (int s = 0; s < 3; s++) {
                weights[s] = vload16(i * 9 + r * 3 + s, taps);
            }
            q_transform_weights(weights, rows[r]);
        }
        #pragma unroll
        for (int b = 0; b < ALPHA; b++) {
            const float16 column[3] = {rows[0][b], rows[1][b], rows[2][b]};
            float16 done[ALPHA];
            q_transform_weights(column, done);
            #pragma unroll
            for (int a = 0; a < ALPHA; a++) {
                Q_STORE16_GLOBAL(out + ((size_t)(a * ALPHA + b) * c + first_c + i) * LANES, done[a]);
            }
        }
    }
}
