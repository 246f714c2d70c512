// Purpose: convolution forward on a CPU with output channels as lanes: one work-item owns a band of output rows for some blocks
// of output channels.
//
//   group id 0: band; group id 1: part of the group's blocks of LANES output channels; group id 2: image * groups + group
//
//   sums[BW*BH pixels][NV] float16, lanes = output channels, in registers
//     += x[c][pixel's row and column at the tap] (broadcast) * packed filter[c][r][s][NV*16]      over all c, r, s
//
//   BW pixels lie side by side, in BH rows of the output; a band's last block overlaps the one before it rather than being
//   smaller, and computes the same sums again. Finished blocks are turned on their side in registers and collected in planes
//   of the band, over which the epilogue runs in whole vectors.
//
// Parameters: definitions NV (1 or 2), LANES = 16*NV, BW, BH (BH > 1 only if BW is the output's width), STEP (stride between
//   a block's pixels), IN_PLACE (1: the input needs no padding and is read where it is; 0: the band is copied once into
//   private memory, padded), ONE_TAP (1: the filter is 1x1), FLAT (1: the image is given as one column, whose pixels lie
//   side by side; copied), COPY_FLOATS, STAGE_FLOATS. Arguments: sizes; band, output rows
//   of a band; part, blocks of a part; stage_pitch, floats from one channel's plane of the band to the next one's;
//   step_h, step_w: the subsampling of the copy, whose strides the other arguments then do not have.
// Requirements: group size (1,1,1); BW <= Q; 16 floats in front of and behind a stage plane.
// Adds: a weight vector is loaded once for a block of pixels, a pixel once for NV vectors, so that multiply-adds are what
//   limits; weights are read front to back; one program serves every size of a block shape.
// Determinism: each sum is one work-item's, in the order c, r, s.

#define PIXELS (BW * BH)
#define MARGIN 32
#if IN_PLACE
#define SOURCE Q_GLOBAL
#else
#define SOURCE
#endif

typedef struct {
    // Floats from one channel, filter row, filter column and output row to the next.
    size_t channel;
    int tap_row;
    int tap_column;
    int output_row;
    int r;
    int s;
} q_walk;

// One tap of one block: PIXELS * NV multiply-adds.
__attribute__((always_inline)) static inline void q_tap(SOURCE const float* p, const int output_row,
        Q_GLOBAL const float* weights, float16 sums[PIXELS][NV]) {
    float16 w[NV];
    #pragma unroll
    for (int v = 0; v < NV; v++) {
        w[v] = vload16(v, weights);
    }
    #pragma unroll
    for (int j = 0; j < PIXELS; j++) {
        const float16 pixel = (float16)(p[(j / BW) * output_row + (j % BW) * STEP]);
        #pragma unroll
        for (int v = 0; v < NV; v++) {
            sums[j][v] = fma(pixel, w[v], sums[j][v]);
        }
    }
}

__attribute__((noinline)) static void q_block(SOURCE const float* from, const q_walk walk,
        Q_GLOBAL const float* weights, const int channels, const bool begin, const bool end, float* aside, float* stage,
        size_t stage_pitch) {
    float16 sums[PIXELS][NV];
    if (begin) {
        #pragma unroll
        for (int j = 0; j < PIXELS; j++) {
            #pragma unroll
            for (int v = 0; v < NV; v++) {
                sums[j][v] = (float16)(0.0f);
            }
        }
    } else {
        #pragma unroll
        for (int j = 0; j < PIXELS; j++) {
            #pragma unroll
            for (int v = 0; v < NV; v++) {
                sums[j][v] = vload16(j * NV + v, aside);
            }
        }
    }
    #pragma unroll 1
    for (int c = 0; c < channels; c++) {
#if ONE_TAP
        q_tap(from, walk.output_row, weights, sums);
        weights += LANES;
#else
        SOURCE const float* row = from;
        #pragma unroll 1
        for (int r = 0; r < walk.r; r++) {
            SOURCE const float* p = row;
            #pragma unroll 1
            for (int s = 0; s < walk.s; s++) {
                q_tap(p, walk.output_row, weights, sums);
                p += walk.tap_column;
                weights += LANES;
            }
            row += walk.tap_row;
        }
#endif
        from += walk.channel;
    }
    if (!end) {
        #pragma unroll
        for (int j = 0; j < PIXELS; j++) {
            #pragma unroll
            for (int v = 0; v < NV; v++) {
                Q_STORE16(aside + (j * NV + v) * 16, sums[j][v]);
            }
        }
        return;
    }
    #pragma unroll
    for (int v = 0; v < NV; v++) {
        #pragma unroll
        for (int first = 0; first < PIXELS; first += 16) {
            float16 square[16];
            #pragma unroll
            for (int i = 0; i < 16; i++) {
                square[i] = first + i < PIXELS ? sums[min(first + i, PIXELS - 1)][v] : (float16)(0.0f);
            }
            q_transpose16(square);
            #pragma unroll
            for (int i = 0; i < 16; i++) {
                // Lanes past the last pixel are garbage that the next block overwrites.
                Q_STORE16(stage + (v * 16 + i) * stage_pitch + first, square[i]);
            }
        }
    }
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void conv2d_forward_direct_blocked(Q_GLOBAL const float* x, Q_GLOBAL const float* packed, Q_GLOBAL float* y, int h, int w,
        int group_c, int group_k, int groups, int p, int q, int r, int s, int stride_h, int step_h, int step_w, int pad_top,
        int pad_left, int dilation_h, int dilation_w, int band, int blocks, int part, int stage_pitch,
        int chunk Q_EPILOGUE_PARAMETERS) {
    __attribute__((aligned(64))) float stage[STAGE_FLOATS];
    __attribute__((aligned(64))) float aside[ASIDE_FLOATS];
    const int first_row = (int)Q_GROUP_ID(0) * band;
    const int rows = min(band, p - first_row);
    const size_t image = Q_GROUP_ID(2) / groups;
    const size_t group = Q_GROUP_ID(2) % groups;
    const size_t first_channel = (image * groups + group) * group_c;
    // A band with fewer rows than a block takes in rows of the band before.
    const int extra = max(0, BH - rows);
    q_walk walk;
    walk.r = r;
    walk.s = s;
    walk.tap_column = dilation_w;
#if IN_PLACE
    const int pitch = w;
    walk.channel = (size_t)h * w;
    SOURCE const float* source = x + first_channel * h * w + (size_t)first_row * stride_h * w;
#else
    __attribute__((aligned(64))) float copy[COPY_FLOATS];
    const int pitch = FLAT ? 1 : (q - 1) * STEP + (s - 1) * dilation_w + 1;
    const int copied = (rows + extra - 1) * stride_h + (r - 1) * dilation_h + 1;
    walk.channel = (size_t)pitch * copied;
    for (int c = 0; c < group_c; c++) {
        Q_GLOBAL const float* plane = x + (first_channel + c) * h * w;
#if FLAT
        q_copy_run(plane + first_row - extra, copy + c * walk.channel, copied);
#else
        q_copy_band(plane, h, w, (first_row - extra) * stride_h * step_h - pad_top, -pad_left, step_h, step_w, copied, pitch,
                copy + c * walk.channel);
#endif
    }
    SOURCE const float* source = copy + extra * (FLAT ? 1 : stride_h * pitch);
#endif
    walk.tap_row = dilation_h * pitch;
    walk.output_row = FLAT ? 1 : stride_h * pitch;
    const int first_block = (int)Q_GROUP_ID(1) * part;
    const int end_block = min(first_block + part, blocks);
    for (int block = first_block; block < end_block; block++) {
        Q_GLOBAL const float* weights = packed + (group * blocks + block) * ((size_t)group_c * r * s * LANES);
        for (int c = 0; c < group_c; c += chunk) {
            SOURCE const float* from = source + c * walk.channel;
            float* sums = aside;
            for (int i = 0; i < rows; i += BH) {
                const int row = min(i, rows - BH);
                for (int j = 0; j < q; j += BW) {
                    const int column = min(j, q - BW);
                    q_block(from + row * walk.output_row + column * STEP, walk, weights, min(chunk, group_c - c), c == 0,
                            c + chunk >= group_c, sums, stage + MARGIN + row * q + column, stage_pitch);
                    sums += PIXELS * LANES;
                }
            }
            weights += (size_t)chunk * r * s * LANES;
        }
        const int channels = min(LANES, group_k - block * LANES);
        const size_t first_k = (image * groups + group) * group_k + block * LANES;
        for (int k = 0; k < channels; k++) {
            q_finish(stage + MARGIN + k * (size_t)stage_pitch, y, (first_k + k) * p * q + (size_t)first_row * q, rows * q
                    Q_EPILOGUE_ARGUMENTS);
        }
    }
}
