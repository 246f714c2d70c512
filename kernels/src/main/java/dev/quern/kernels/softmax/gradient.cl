// Purpose: the gradient of softmax, or of its logarithm, from its result y and the gradient dy of that: what is added up over a row, and
//   what is written when the sum is known.
//
// Parameters: LOG 0 or 1.
// Requirements: vectors.cl and online.cl in front.
// Determinism: no element depends on its neighbours but through the sum.

#if LOG
#define ADDED(sum, y, dy) ((sum) + (dy))
#define RESULT(y, dy, sum) fma(-exponential(y), (VECTOR)(sum), (dy))
#else
#define ADDED(sum, y, dy) fma((y), (dy), (sum))
#define RESULT(y, dy, sum) ((y) * ((dy) - (sum)))
#endif

// Makes CHAINS results of as many y, side by side.
static inline __attribute__((always_inline)) void make_results(VECTOR* y, const VECTOR* dy, VECTOR sum) {
#if LOG
    EACH { y[c] = y[c] > 89.0f ? (VECTOR)(89.0f) : y[c]; }
    falling_exponentials(y);
    EACH { y[c] = fma(-y[c], sum, dy[c]); }
#else
    EACH { y[c] = RESULT(y[c], dy[c], sum); }
#endif
}
