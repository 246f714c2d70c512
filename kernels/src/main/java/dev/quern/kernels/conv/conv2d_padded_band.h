// Purpose: the padded copy of a band of input rows, channel by channel, in which every tap of every output of the band lies.
//
//   copy[c][i][j] = x[n][c][top + i][left + j*step], or 0 outside the image;  i < rows, j < pitch
//
// Requirements: what is copied lies in one image; conv2d_vectors.h in front.

// Copies `count` consecutive floats without touching anything past them.
static inline void q_copy_run(Q_GLOBAL const float* from, float* to, int count) {
    int i = 0;
    #pragma unroll 1
    for (; i + 16 <= count; i += 16) {
        Q_STORE16(to + i, vload16(0, from + i));
    }
    if (count & 8) {
        vstore8(vload8(0, from + i), 0, to + i);
        i += 8;
    }
    if (count & 4) {
        vstore4(vload4(0, from + i), 0, to + i);
        i += 4;
    }
    #pragma unroll 1
    for (; i < count; i++) {
        to[i] = from[i];
    }
}

static inline void q_zero_run(float* to, int count) {
    #pragma unroll 1
    for (int i = 0; i < count; i++) {
        to[i] = 0.0f;
    }
}

// Fills the copy of one channel's rows. Image is the channel's plane [h][w].
static inline void q_copy_band(Q_GLOBAL const float* image, int h, int w, int top, int left, int step_h, int step_w, int rows,
        int pitch, float* copy) {
    // Columns [first, end) of the copy lie inside the image.
    const int first = min(max((-left + step_w - 1) / step_w, 0), pitch);
    const int end = max(min((w - left + step_w - 1) / step_w, pitch), first);
    #pragma unroll 1
    for (int i = 0; i < rows; i++) {
        const int line = top + i * step_h;
        float* to = copy + i * pitch;
        if (line < 0 || line >= h) {
            q_zero_run(to, pitch);
            continue;
        }
        Q_GLOBAL const float* from = image + (size_t)line * w;
        q_zero_run(to, first);
        if (step_w == 1) {
            q_copy_run(from + left + first, to + first, end - first);
        } else {
            int j = first;
            if (step_w == 2) {
                // The last of the 32 floats read is skipped over; it lies in the line if another pixel follows.
                #pragma unroll 1
                for (; j + 16 < end; j += 16) {
                    const float16 low = vload16(0, from + left + 2 * j);
                    const float16 high = vload16(1, from + left + 2 * j);
                    Q_STORE16(to + j, (float16)(low.even, high.even));
                }
            }
            #pragma unroll 1
            for (; j < end; j++) {
                to[j] = from[left + j * step_w];
            }
        }
        q_zero_run(to + end, pitch - end);
    }
}

