// Purpose: the filter in panels that a kernel with output channels as lanes reads front to back.
//
//   filter[k][t], t over the taps c, r, s  ->  packed[group][block of LANES output channels][t][lane], zeros past the last
//   channel of a group. A work-item packs TAPS_AT_ONCE taps of one block, squares of 16 by 16 in registers.
//
//   group id 0: chunk of taps; group id 1: block of output channels, of all groups
//
// Parameters: definition LANES, a multiple of 16. Arguments: group_k, output channels of a group; blocks, of a group; taps.
// Requirements: group size (1,1,1); conv2d_vectors.h in front.
// Determinism: copies only.

#define TAPS_AT_ONCE 256

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void conv2d_pack_filter(Q_GLOBAL const float* filter, Q_GLOBAL float* packed, int group_k, int blocks, int taps) {
    const int first = (int)Q_GROUP_ID(0) * TAPS_AT_ONCE;
    const int end = min(first + TAPS_AT_ONCE, taps);
    const size_t group = Q_GROUP_ID(1) / blocks;
    const int block = (int)(Q_GROUP_ID(1) % blocks);
    for (int lane = 0; lane < LANES; lane += 16) {
        const int lines = min(16, group_k - block * LANES - lane);
        Q_GLOBAL const float* in = filter + (group * group_k + block * LANES + lane) * taps;
        Q_GLOBAL float* out = packed + Q_GROUP_ID(1) * taps * LANES + lane;
        int t = first;
        if (lines == 16) {
            for (; t + 16 <= end; t += 16) {
                float16 square[16];
                #pragma unroll
                for (int i = 0; i < 16; i++) {
                    square[i] = vload16(0, in + (size_t)i * taps + t);
                }
                q_transpose16(square);
                #pragma unroll
                for (int i = 0; i < 16; i++) {
                    Q_STORE16_GLOBAL(out + (size_t)(t + i) * LANES, square[i]);
                }
            }
        }
        #pragma unroll 1
        for (; t < end; t++) {
            #pragma unroll 1
            for (int i = 0; i < 16; i++) {
                out[(size_t)t * LANES + i] = i < lines ? in[(size_t)i * taps + t] : 0.0f;
            }
        }
    }
}

