// Purpose: a reduction over axes; one work-group an output and a part of its terms.
//
//   group (o, part, tensor)      item l joins terms l, l + GROUP, l + 2 GROUP, … of the part; a tree joins the items
//                        partial[tensor][part][o] = the result
//
// Parameters: GROUP, a power of two; OUTPUT_AT and TERM_AT, macros that turn an output's and a term's number into places in
//   x; X_PARAMETERS, X_OF and BEFORE with what it takes, of the tensors; TERM, COMBINE, NEUTRAL, macros of the operation; arguments outputs, terms, per_part.
// Requirements: groups of GROUP work-items; GROUP floats of local memory; reduce_combine.cl behind, whose kernel joins the
//   parts.
// Adds over item_per_output: the terms of one output are shared by a group, and where the innermost axis is reduced,
//   neighbouring items read neighbouring elements.
// Determinism: each item joins its terms in order, and the tree over the items is fixed.

Q_KERNEL Q_REQD_GROUP(GROUP, 1, 1)
void reduce_part(X_PARAMETERS, Q_GLOBAL float* Q_RESTRICT partial, int outputs, int terms, int per_part BEFORE_PARAMETERS) {
    Q_LOCAL float tree[GROUP];
    const int o = (int)Q_GROUP_ID(0);
    const int part = (int)Q_GROUP_ID(1);
    const int item = (int)Q_LOCAL_ID(0);
    const int m = (int)Q_GROUP_ID(2);
    Q_GLOBAL const X_T* x = X_OF(m);
    const size_t at = OUTPUT_AT(o);
    const int end = Q_IMIN((part + 1) * per_part, terms);
    float value = NEUTRAL;
    for (int s = part * per_part + item; s < end; s += GROUP) {
        const float element = BEFORE(m, X_LOAD(x, at + TERM_AT(s)), at + TERM_AT(s));
        const float next = TERM(element);
        value = COMBINE(value, next);
    }
    tree[item] = value;
    Q_LOCAL_BARRIER();
    for (int width = GROUP / 2; width > 0; width /= 2) {
        if (item < width) {
            const float other = tree[item + width];
            value = COMBINE(value, other);
            tree[item] = value;
        }
        Q_LOCAL_BARRIER();
    }
    if (item == 0) {
        partial[((size_t)m * Q_NUM_GROUPS(1) + part) * outputs + o] = value;
    }
}
