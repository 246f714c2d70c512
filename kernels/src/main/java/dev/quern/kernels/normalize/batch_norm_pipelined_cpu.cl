// Purpose: batch norm in training and its gradients of [BATCH, CHANNELS, INNER], on CPUs: one block of channels is read while another is
// written.
//
//   group g: blocks g * PER_ITEM …; a pass more than blocks, of which the first only looks and the last only writes
//
// Parameters, all of them definitions: those of batch_norm_pipeline.cl and of what is in front; PARTS = 1; PER_ITEM, blocks of a work-item;
//   ENTRY, the kernel's name; OPERANDS, the problem's operands as parameters.
// Requirements: batch_norm_pipeline.cl, batch_norm_runs.cl or batch_norm_backward_runs.cl, and batch_norm_samples.cl in front.
// Adds over vector_cpu: memory is read and written all the time; whole lines of results where a channel's pixels are none.
// Determinism: lanes and their joining have fixed orders.

Q_KERNEL Q_REQD_GROUP(1, 1, 1) void ENTRY(OPERANDS Q_EPILOGUE_PARAMETERS) {
    const int first = (int)Q_GROUP_ID(0) * PER_ITEM;
    const int end = min(first + PER_ITEM, BLOCKS);
    Looked looked;
    Known known;
    for (int b = first; b <= end; b++) {
        if (b < end) {
            begin(OPERAND_NAMES, b * TOGETHER, &looked);
        }
        PASS(b < end, b > first, (size_t)b * RUN, (size_t)(b - 1) * RUN);
        for (int k = 0; b < end && k < TOGETHER; k++) {
            learn(OPERAND_NAMES, b * TOGETHER, k, came_to(&looked, k), 1, &known);
        }
    }
}
