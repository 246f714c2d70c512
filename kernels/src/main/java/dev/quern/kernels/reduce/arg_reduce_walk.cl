// Purpose: where along the axis of [outer, axis, inner] the extreme lies; a work-group, or with GROUP = 1 a work-item, an output.
//
//   output o = outer index * inner + inner index      item l looks at elements l, l + GROUP, … of the axis
//
// Parameters: GROUP, a power of two, or 1 for work-items; PAST(a, b), whether a is the greater extreme; arguments outputs, axis,
//   inner.
// Requirements: with GROUP > 1 groups of that many, and twice as many words of local memory.
// Adds: with GROUP = 1 the bottom of the ladder; with GROUP > 1 a tree through local memory.
// Determinism: NaN is the greatest extreme and the first of equals wins, so the order of comparing does not matter.

#define IS_NAN(a) ((a) != (a))
// Whether element a at i goes before element b at j.
#define WINS(a, i, b, j)                                                                          \
    (IS_NAN(a) ? !IS_NAN(b) || (i) < (j) : !IS_NAN(b) && (PAST(a, b) || ((a) == (b) && (i) < (j))))

#if GROUP > 1
Q_KERNEL Q_REQD_GROUP(GROUP, 1, 1)
#else
Q_KERNEL
#endif
void arg_reduce(Q_GLOBAL const X_T* Q_RESTRICT x, Q_GLOBAL int* Q_RESTRICT y, int outputs, int axis, int inner) {
#if GROUP > 1
    Q_LOCAL float values[GROUP];
    Q_LOCAL int places[GROUP];
    const int o = (int)Q_GROUP_ID(0);
    const int item = (int)Q_LOCAL_ID(0);
#else
    const int o = (int)Q_GLOBAL_ID(0);
    const int item = 0;
    if (o >= outputs) {
        return;
    }
#endif
    const size_t first = (size_t)(o / inner) * axis * inner + o % inner;
    // Items without an element of their own look at the last one.
    int place = Q_IMIN(item, axis - 1);
    float best = X_LOAD(x, first + (size_t)place * inner);
    for (int i = item + GROUP; i < axis; i += GROUP) {
        const float next = X_LOAD(x, first + (size_t)i * inner);
        if (!IS_NAN(best) && (IS_NAN(next) || PAST(next, best))) {
            best = next;
            place = i;
        }
    }
#if GROUP > 1
    values[item] = best;
    places[item] = place;
    Q_LOCAL_BARRIER();
    for (int width = GROUP / 2; width > 0; width /= 2) {
        if (item < width) {
            const float other = values[item + width];
            const int there = places[item + width];
            if (WINS(other, there, best, place)) {
                best = other;
                place = there;
                values[item] = best;
                places[item] = place;
            }
        }
        Q_LOCAL_BARRIER();
    }
#endif
    if (item == 0) {
        y[o] = place;
    }
}
