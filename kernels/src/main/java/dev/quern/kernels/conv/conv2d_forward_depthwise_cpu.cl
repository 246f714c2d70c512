// Purpose: convolution forward on a CPU where each filter sees one input channel (depthwise): lanes are pixels of a row.
//
//   group id 0: band of output rows; group id 1: some planes of the output, (image * K + k)
//
//   The rows of x that the band sees are copied once with their padding (conv2d_depthwise.h). Then, for sixteen outputs of a
//   row at a time, weights in registers:
//
//     sum = sum over r, s of filter[k][r][s] (broadcast) * copy[tap's row and column .. + 15]
//
//   Rows are stored one after the other, each over what the one before left past its end, and the epilogue runs over the band.
//
// Parameters: definitions of conv2d_depthwise.h, COPY_FLOATS, BAND_FLOATS, PASS_CACHES. Arguments: sizes; k, output channels;
//   multiplier, of them for each input channel; band, output rows; count, planes; each, planes of a work-item.
// Requirements: group size (1,1,1); C/GROUPS = 1; R*S weights that the registers hold, or that are broadcast from memory.
// Adds: nothing is computed that is not stored but the last lanes of a row; one program serves every size.
// Determinism: each sum is one work-item's, in the order r, s.

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void conv2d_forward_depthwise_cpu(Q_GLOBAL const float* x, Q_GLOBAL const float* filter, Q_GLOBAL float* y, int h, int w, int k,
        int multiplier, int p, int q, int pad_top, int pad_left, int band, int count, int each Q_EPILOGUE_PARAMETERS) {
    __attribute__((aligned(64))) float copy[COPY_FLOATS];
    __attribute__((aligned(64))) float outputs[BAND_FLOATS];
    const int first = (int)Q_GROUP_ID(0) * band;
    const int rows = min(band, p - first);
    const int copied = Q_ROWS(rows);
    const int columns = q + REACH_W;
    const int end = min(((int)Q_GROUP_ID(1) + 1) * each, count);
    ROLLED for (int plane = (int)Q_GROUP_ID(1) * each; plane < end; plane++) {
        q_copy_phases(x + (size_t)(plane / multiplier) * h * w, h, w, first * STRIDE_H - pad_top, pad_left, copied, columns, copy);
        Q_GLOBAL const float* weight = filter + (size_t)(plane % k) * TAPS;
        float16 weights[TAPS];
        #pragma unroll
        for (int t = 0; t < TAPS; t++) {
            weights[t] = (float16)(weight[t]);
        }
        ROLLED for (int i = 0; i < rows; i++) {
            const float* row = copy + i * STRIDE_H * columns;
            ROLLED for (int j = 0; j < q; j += 16) {
                float16 sum = (float16)(0.0f);
                #pragma unroll
                for (int r = 0; r < R; r++) {
                    #pragma unroll
                    for (int s = 0; s < S; s++) {
                        sum = fma(weights[r * S + s],
                                vload16(0, row + (Q_PHASE(s) * copied + r * DILATION_H) * columns + Q_COLUMN(s) + j), sum);
                    }
                }
                Q_STORE16(outputs + i * q + j, sum);
            }
        }
        q_finish(outputs, y, ((size_t)plane * p + first) * q, rows * q Q_EPILOGUE_ARGUMENTS);
    }
}
