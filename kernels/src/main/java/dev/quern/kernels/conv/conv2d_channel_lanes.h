// Purpose: what kernels share whose vector lanes are sixteen output channels: turning planes of channels into vectors of
// channels and back.

// u0 v0 u1 v1 ... of the lower or upper eight lanes.
#define Q_WEAVE_LO(u, v) __builtin_shufflevector(u, v, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define Q_WEAVE_HI(u, v) __builtin_shufflevector(u, v, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)

// Transposes a 16 x 16 block: four rounds, each weaving row i with row i + 8.
__attribute__((always_inline)) static inline void q_transpose16(float16* rows) {
    float16 woven[16];
    #pragma unroll
    for (int round = 0; round < 2; round++) {
        #pragma unroll
        for (int i = 0; i < 8; i++) {
            woven[2 * i] = Q_WEAVE_LO(rows[i], rows[i + 8]);
            woven[2 * i + 1] = Q_WEAVE_HI(rows[i], rows[i + 8]);
        }
        #pragma unroll
        for (int i = 0; i < 8; i++) {
            rows[2 * i] = Q_WEAVE_LO(woven[i], woven[i + 8]);
            rows[2 * i + 1] = Q_WEAVE_HI(woven[i], woven[i + 8]);
        }
    }
}

// Turns `count` elements of each of `channels` (at most 16) rows, `stride` apart, into vectors of channels:
// lanes[i].s<k> = from[first + k*stride + i]. Lanes past the channels are 0. Writes whole blocks of sixteen vectors, but reads
// nothing from position `total` on.
static inline void q_to_lanes(Q_GLOBAL const float* from, size_t first, size_t stride, int channels, int count, size_t total,
        float16* lanes) {
    for (int i = 0; i < count; i += 16) {
        float16 rows[16];
        if (channels == 16 && first + 15 * stride + i + 16 <= total) {
            #pragma unroll
            for (int k = 0; k < 16; k++) {
                rows[k] = vload16(0, from + first + k * stride + i);
            }
        } else {
            float block[256];
            for (int k = 0; k < 16; k++) {
                for (int j = 0; j < 16; j++) {
                    block[k * 16 + j] = k < channels && i + j < count ? from[first + k * stride + i + j] : 0.0f;
                }
            }
            #pragma unroll
            for (int k = 0; k < 16; k++) {
                rows[k] = vload16(k, block);
            }
        }
        q_transpose16(rows);
        #pragma unroll
        for (int k = 0; k < 16; k++) {
            lanes[i + k] = rows[k];
        }
    }
}
