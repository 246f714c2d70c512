// Purpose: the gradient of batch norm with respect to [batch, CHANNELS, INNER], once the sums of channels are known; one chunk a thread.
//
// Parameters: those of channel_sums.cu; argument batch.
// Requirements: blocks of 256 threads; channel_sums.cu in front.
// Adds: the last step of sliced_channels.
// Determinism: elements are independent.

Q_KERNEL __launch_bounds__(256)
void batch_norm_backward_apply(OPERANDS, const float* Q_RESTRICT totals, int batch Q_EPILOGUE_PARAMETERS
                               Q_PROLOGUE_DY_PARAMETERS) {
    const size_t at = ((size_t)blockIdx.x * 256 + threadIdx.x) * LANES;
    if (at >= (size_t)batch * CHANNELS * INNER) {
        return;
    }
    const int within = (int)(at % ((size_t)CHANNELS * INNER));
    float g[LANES];
    float v[LANES];
    float centres[LANES];
    float scales[LANES];
    float averages[LANES];
    float slopes[LANES];
    q_get<LANES>(X_TAG, dy + at, g);
    q_get<LANES>(X_TAG, x + at, v);
    of_channels(centres, mean, 0, within);
    of_channels(scales, rstd, 0, within);
    of_channels(averages, totals, 0, within);
    of_channels(slopes, totals + CHANNELS, 0, within);
#if HAS_WEIGHT
    float weights[LANES];
    of_channels(weights, weight, 0, within);
#pragma unroll
    for (int i = 0; i < LANES; i++) {
        scales[i] *= weights[i];
    }
#endif
#pragma unroll
    for (int i = 0; i < LANES; i++) {
        g[i] = q_prologue_dy(g[i], at + i Q_PROLOGUE_DY_ARGUMENTS);
        g[i] = q_epilogue((g[i] - averages[i] + (v[i] - centres[i]) * slopes[i]) * scales[i], at + i Q_EPILOGUE_ARGUMENTS);
    }
    q_put<LANES>(X_TAG, dx + at, g);
}
