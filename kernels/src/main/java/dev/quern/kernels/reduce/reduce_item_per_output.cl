// Purpose: a reduction over axes; one work-item an output.
//
//   item (o, tensor)      y[o] = FINISH(x[OUTPUT_AT(o) + TERM_AT(0)], x[OUTPUT_AT(o) + TERM_AT(1)], …)
//
// Parameters: X_PARAMETERS, X_OF, Y_PARAMETERS, Y_OF and BEFORE with what it takes, of the tensors; OUTPUT_AT and TERM_AT, macros that turn an output's and a term's number into places in x; COMBINE, NEUTRAL,
//   TERM, FINISH, macros of the operation; arguments outputs, terms.
// Requirements: none.
// Adds: the bottom of the ladder.
// Determinism: terms are joined in order, in one work-item, in blocks of BLOCK, which keeps the rounding of long sums small.

#define BLOCK 128

Q_KERNEL void reduce(X_PARAMETERS, Y_PARAMETERS(X_T), int outputs, int terms Q_EPILOGUE_PARAMETERS BEFORE_PARAMETERS) {
    const int o = (int)Q_GLOBAL_ID(0);
    if (o >= outputs) {
        return;
    }
    const int m = (int)Q_GROUP_ID(2);
    Q_GLOBAL const X_T* x = X_OF(m);
    Q_GLOBAL X_T* y = Y_OF(m);
    const size_t at = OUTPUT_AT(o);
    float total = NEUTRAL;
    for (int first = 0; first < terms; first += BLOCK) {
        float block = NEUTRAL;
        for (int s = first; s < Q_IMIN(first + BLOCK, terms); s++) {
            const float element = BEFORE(m, X_LOAD(x, at + TERM_AT(s)), at + TERM_AT(s));
            const float next = TERM(element);
            block = COMBINE(block, next);
        }
        total = COMBINE(total, block);
    }
    X_STORE(y, o, FINISH(total, o));
}
