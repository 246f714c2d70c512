// Purpose: what the rungs of batch norm on CPUs that read one block of channels while they write another do with some samples of both: the
// passes that batch_norm_pipeline.cl calls.
//
// Parameters: those of batch_norm_pipeline.cl; PASSED_OPERANDS, the problem's operands as parameters.
// Requirements: batch_norm_pipeline.cl and batch_norm_runs.cl or batch_norm_backward_runs.cl in front.
// Determinism: segments go by in order.

ALWAYS void samples(int S, int look, int write, PASSED_OPERANDS, size_t next, size_t now, int sample, Looked* looked,
                    const Known* known Q_EPILOGUE_PARAMETERS) {
    for (int j = 0; j < SEGMENTS; j++) {
        segment(S, look, write, OPERAND_NAMES, next, now, sample, j, &looked->segment[j], &known->segment[j] Q_EPILOGUE_ARGUMENTS);
    }
}

#define BOTH(S, next, now, sample) samples(S, 1, 1, OPERAND_NAMES, next, now, sample, &looked, &known Q_EPILOGUE_ARGUMENTS)
#define LOOK_ONLY(S, next, now, sample) samples(S, 1, 0, OPERAND_NAMES, next, next, sample, &looked, &known Q_EPILOGUE_ARGUMENTS)
#define WRITE_ONLY(S, next, now, sample) samples(S, 0, 1, OPERAND_NAMES, now, now, sample, &looked, &known Q_EPILOGUE_ARGUMENTS)
