// Purpose: the filter with which a convolution forward of stride 1 computes the gradient of another one's input: input and
// output channels change places, and the taps run backwards.
//
//   turned[group][c][k][t] = filter[group][k][c][TAPS - 1 - t],  t over the R*S taps
//
//   group id 0: block of sixteen c; group id 1: chunk of CHUNK k; group id 2: group
//
// Parameters: definition TAPS, R*S. Arguments: group_c, group_k, channels of a group.
// Requirements: group size (1,1,1); conv2d_vectors.h in front.
// Determinism: copies only.

#define CHUNK 128

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void conv2d_turn_filter(Q_GLOBAL const float* filter, Q_GLOBAL float* turned, int group_c, int group_k) {
    const int first_c = (int)Q_GROUP_ID(0) * 16;
    const int count_c = min(16, group_c - first_c);
    const int end_k = min(((int)Q_GROUP_ID(1) + 1) * CHUNK, group_k);
    Q_GLOBAL const float* from = filter + (Q_GROUP_ID(2) * group_k * group_c + first_c) * TAPS;
    Q_GLOBAL float* to = turned + (Q_GROUP_ID(2) * group_c + first_c) * group_k * TAPS;
    int k = (int)Q_GROUP_ID(1) * CHUNK;
#if TAPS == 1
    if (count_c == 16) {
        #pragma unroll 1
        for (; k + 16 <= end_k; k += 16) {
            float16 square[16];
            #pragma unroll
            for (int i = 0; i < 16; i++) {
                square[i] = vload16(0, from + (size_t)(k + i) * group_c);
            }
            q_transpose16(square);
            #pragma unroll
            for (int i = 0; i < 16; i++) {
                Q_STORE16_GLOBAL(to + (size_t)i * group_k + k, square[i]);
            }
        }
    }
#endif
    #pragma unroll 1
    for (; k < end_k; k++) {
        #pragma unroll 1
        for (int c = 0; c < count_c; c++) {
            Q_GLOBAL const float* in = from + ((size_t)k * group_c + c) * TAPS + TAPS - 1;
            Q_GLOBAL float* out = to + ((size_t)c * group_k + k) * TAPS;
            for (int t = 0; t < TAPS; t++) {
                out[t] = in[-t];
            }
        }
    }
}
