// Purpose: adds the partial results of slices: output[i] = epilogue(slices[0][i] + slices[1][i] + ...).
//
//   i in [0, elements)      one work-item each
//
// Requirements: portable; any group size.
// Determinism: slices are added in their order.

Q_KERNEL void conv2d_join_slices(Q_GLOBAL const float* partial, Q_GLOBAL float* output, int elements,
        int slices Q_EPILOGUE_PARAMETERS) {
    const size_t i = Q_GLOBAL_ID(0);
    if (i >= (size_t)elements) {
        return;
    }
    float sum = partial[i];
    for (int slice = 1; slice < slices; slice++) {
        sum += partial[(size_t)slice * elements + i];
    }
    output[i] = q_epilogue(sum, i Q_EPILOGUE_ARGUMENTS);
}
