// Purpose: what kernels share whose vector lanes are sixteen output channels: turning planes of channels into vectors of
// channels and back. Behind conv2d_vectors.h.

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
