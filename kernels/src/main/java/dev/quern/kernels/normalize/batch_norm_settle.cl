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

// Stores what channel c came to: its mean is shift + centre, of its squares about it the sum is squares_sum. Defines inverse.
#define SETTLE(c, shift, centre, squares_sum)                          \
    const float inverse = 1.0f / sqrt((squares_sum) / COUNT + EPSILON); \
    mean[c] = (shift) + (centre);                                      \
    rstd[c] = inverse;                                                 \
    MOVE(c, (shift) + (centre), squares_sum)
