// Purpose: what the kernels of attention share: which keys a query sees, and the parameters that say so.
//
// Parameters: CAUSAL, LENGTHS, MASK 0 or 1. The macros stand in parameter and argument lists behind a comma.
// A length outside [0, keys] hides nothing and makes every score NaN.

#if LENGTHS
#define LENGTHS_PARAMETER , Q_GLOBAL const int* Q_RESTRICT lengths
#define LENGTH(sequence) lengths[sequence]
#else
#define LENGTHS_PARAMETER
#define LENGTH(sequence) keys
#endif
#if MASK
#define MASK_PARAMETER , Q_GLOBAL const float* Q_RESTRICT mask
#define ADDED(query, key) mask[(size_t)(query) * keys + (key)]
#else
#define MASK_PARAMETER
#define ADDED(query, key) 0.0f
#endif
#define IS_LENGTH(length) ((length) >= 0 && (length) <= keys)

// The keys before this one are all that a sequence has.
Q_DEVICE int keys_of(int length, int keys) {
    return IS_LENGTH(length) ? length : keys;
}

Q_DEVICE float scale_of(int length, int keys, float scale) {
    return IS_LENGTH(length) ? scale : Q_NAN;
}

// The keys before this one are all that a query may see.
Q_DEVICE int keys_seen(int query, int end) {
    return CAUSAL ? Q_IMIN(query + 1, end) : end;
}
