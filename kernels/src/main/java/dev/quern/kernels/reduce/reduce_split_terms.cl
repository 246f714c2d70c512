// Purpose: a reduction over axes whose innermost axis is kept; one work-item an output and a part of its terms.
//
//   item (o, part, tensor)      partial[tensor][part][o] = the terms part * per_part … of output o
//
// Parameters: X_PARAMETERS, X_OF and BEFORE with what it takes, of the tensors; OUTPUT_AT and TERM_AT, macros that turn an output's and a term's number into places in x; TERM, COMBINE, NEUTRAL,
//   macros of the operation; arguments outputs, terms, per_part.
// Requirements: reduce_combine.cl behind, whose kernel joins the parts.
// Adds over item_per_output: few outputs of many terms still fill the device, and neighbouring items read neighbouring
//   elements.
// Determinism: terms are joined in order, in one work-item, in blocks of BLOCK, which keeps the rounding of long sums small.

#define BLOCK 128

Q_KERNEL void reduce_part(X_PARAMETERS, Q_GLOBAL float* Q_RESTRICT partial, int outputs, int terms,
                          int per_part BEFORE_PARAMETERS) {
    const int o = (int)Q_GLOBAL_ID(0);
    const int part = (int)Q_GROUP_ID(1);
    if (o >= outputs) {
        return;
    }
    const int m = (int)Q_GROUP_ID(2);
    Q_GLOBAL const X_T* x = X_OF(m);
    const size_t at = OUTPUT_AT(o);
    const int end = Q_IMIN((part + 1) * per_part, terms);
    float total = NEUTRAL;
    for (int first = part * per_part; first < end; first += BLOCK) {
        float block = NEUTRAL;
        for (int s = first; s < Q_IMIN(first + BLOCK, end); s++) {
            const float element = BEFORE(m, X_LOAD(x, at + TERM_AT(s)), at + TERM_AT(s));
            const float next = TERM(element);
            block = COMBINE(block, next);
        }
        total = COMBINE(total, block);
    }
    partial[((size_t)m * Q_NUM_GROUPS(1) + part) * outputs + o] = total;
}
