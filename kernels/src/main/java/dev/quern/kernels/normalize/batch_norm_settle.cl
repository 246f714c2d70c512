// Purpose: what batch norm in training on CPUs stores of a channel: mean, reciprocal deviation and how the running statistics move.
//
// Parameters: COUNT, elements of a channel; EPSILON, MOMENTUM; RUNNING 0 or 1; the problem's operands by their names.
// Determinism: one channel, one order.

#if RUNNING
#define MOVE(c, m, squares)                                                                                \
    new_running_mean[c] = fma(MOMENTUM, (m) - running_mean[c], running_mean[c]);                           \
    new_running_var[c] = fma(MOMENTUM, (squares) / (COUNT - 1.0f) - running_var[c], running_var[c])
#else
#define MOVE(c, m, squares)
#endif

// The reciprocal deviation of a channel of whose squares about its mean the sum is squares_sum.
#define INVERSE(squares_sum) (1.0f / sqrt((squares_sum) / COUNT + EPSILON))

#define STORE_CHANNEL(c, m, inverse, squares_sum) \
    mean[c] = (m);                                \
    rstd[c] = (inverse);                          \
    MOVE(c, m, squares_sum)

// Stores what channel c came to: its mean is shift + centre, of its squares about it the sum is squares_sum. Defines inverse.
#define SETTLE(c, shift, centre, squares_sum)          \
    const float inverse = INVERSE(squares_sum);        \
    STORE_CHANNEL(c, (shift) + (centre), inverse, squares_sum)
