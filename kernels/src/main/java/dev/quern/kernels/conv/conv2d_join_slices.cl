// Purpose: adds the filter gradients of the batch's slices.
//
//   dfilter[i] = epilogue(slices[0][i] + slices[1][i] + ...)      i in [0, ELEMENTS); a work-item takes CHUNK of them
//
// Parameters: ELEMENTS, SLICES, CHUNK.
// Requirements: group size (1,1,1).
// Determinism: slices are added in their order.

__attribute__((reqd_work_group_size(1, 1, 1)))
__kernel void conv2d_join_slices(Q_GLOBAL const float* slices, Q_GLOBAL float* dfilter Q_EPILOGUE_PARAMETERS) {
    const size_t first = get_group_id(0) * CHUNK;
    const size_t end = min(first + CHUNK, (size_t)ELEMENTS);
    float sums[CHUNK];
    for (size_t i = first; i < end; i++) {
        sums[i - first] = slices[i];
    }
    for (int slice = 1; slice < SLICES; slice++) {
        for (size_t i = first; i < end; i++) {
            sums[i - first] += slices[(size_t)slice * ELEMENTS + i];
        }
    }
    for (size_t i = first; i < end; i++) {
        dfilter[i] = q_epilogue(sums[i - first], i Q_EPILOGUE_ARGUMENTS);
    }
}
