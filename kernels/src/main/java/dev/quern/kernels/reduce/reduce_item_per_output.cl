// Purpose: a reduction over axes; one work-item an output.
//
//   item o      y[o] = FINISH(x[OUTPUT_AT(o) + TERM_AT(0)], x[OUTPUT_AT(o) + TERM_AT(1)], …)
//
// Parameters: OUTPUT_AT and TERM_AT, macros that turn an output's and a term's number into places in x; COMBINE, NEUTRAL,
//   TERM, FINISH, macros of the operation; arguments outputs, terms.
// Requirements: none.
// Adds: the bottom of the ladder.
// Determinism: terms are joined in order, in one work-item, in blocks of BLOCK, which keeps the rounding of long sums small.

#define BLOCK 128

Q_KERNEL void reduce(Q_GLOBAL const X_T* Q_RESTRICT x, Q_GLOBAL X_T* Q_RESTRICT y, int outputs,
                     int terms Q_EPILOGUE_PARAMETERS) {
    const int o = (int)Q_GLOBAL_ID(0);
    if (o >= outputs) {
        return;
    }
    Q_GLOBAL const X_T* p = x + OUTPUT_AT(o);
    float total = NEUTRAL;
    for (int first = 0; first < terms; first += BLOCK) {
        float block = NEUTRAL;
        for (int s = first; s < Q_IMIN(first + BLOCK, terms); s++) {
            const float element = X_LOAD(p, TERM_AT(s));
            const float next = TERM(element);
            block = COMBINE(block, next);
        }
        total = COMBINE(total, block);
    }
    X_STORE(y, o, FINISH(total, o));
}
