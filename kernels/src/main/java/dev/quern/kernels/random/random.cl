// Purpose: random numbers as a function of a position: Philox 4x32-10 of (counter = block, stream; key = seed).
//
//   element i of a draw = word i % 4 of block i / 4
//   of zeros and ones   = whether 32 bits are below a threshold: 16 of word i % 4 of block i / 8, which decide but for one time in
//                         65,536 (the lower half of the word where i % 8 is below 4), then the same 16 of block i / 8 + 2^63
//
// Parameters: key, four ints: seed (lower, upper half), step (lower, upper half); purpose, a constant of the draw; threshold, 2^32
//   times the probability of a one.
// Requirements: none; 64-bit integers.
// Determinism: integer arithmetic, and the same roundings everywhere for uniform numbers, zeros and ones; normal ones agree up to the rounding of
//   log1p, log, cos and sin.

#define Q_PHILOX_ROUND(c0, c1, c2, c3, k0, k1)                    \
    {                                                            \
        const Q_UINT h0 = Q_MUL_HI(0xD2511F53u, c0);             \
        const Q_UINT h1 = Q_MUL_HI(0xCD9E8D57u, c2);             \
        const Q_UINT l0 = 0xD2511F53u * c0;                      \
        const Q_UINT l1 = 0xCD9E8D57u * c2;                      \
        c0 = h1 ^ c1 ^ k0;                                       \
        c1 = l1;                                                 \
        c2 = h0 ^ c3 ^ k1;                                       \
        c3 = l0;                                                 \
        k0 += 0x9E3779B9u;                                       \
        k1 += 0xBB67AE85u;                                       \
    }

Q_DEVICE Q_ULONG q_draw_stream(Q_GLOBAL const int* key, Q_ULONG purpose) {
    const Q_ULONG step = (Q_ULONG)(Q_UINT)key[2] | (Q_ULONG)(Q_UINT)key[3] << 32;
    Q_ULONG z = purpose + step * 0x9E3779B97F4A7C15ul;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ul;
    z = (z ^ z >> 27) * 0x94D049BB133111EBul;
    return z ^ z >> 31;
}

// Words pair and pair + 1 of a block, for pair 0 or 2. The seed by its halves.
Q_DEVICE void q_draw_words(Q_UINT k0, Q_UINT k1, Q_ULONG stream, Q_ULONG block, int pair, Q_UINT* first, Q_UINT* second) {
    Q_UINT c0 = (Q_UINT)block;
    Q_UINT c1 = (Q_UINT)(block >> 32);
    Q_UINT c2 = (Q_UINT)stream;
    Q_UINT c3 = (Q_UINT)(stream >> 32);
    for (int round = 0; round < 10; round++) {
        Q_PHILOX_ROUND(c0, c1, c2, c3, k0, k1)
    }
    *first = pair == 0 ? c0 : c2;
    *second = pair == 0 ? c1 : c3;
}

Q_DEVICE float q_draw_uniform(Q_GLOBAL const int* key, Q_ULONG stream, Q_ULONG i) {
    Q_UINT first;
    Q_UINT second;
    q_draw_words((Q_UINT)key[0], (Q_UINT)key[1], stream, i >> 2, (int)(i & 2), &first, &second);
    return (float)(((i & 1) == 0 ? first : second) >> 8) * 5.9604644775390625e-8f;
}

Q_DEVICE float q_draw_normal(Q_GLOBAL const int* key, Q_ULONG stream, Q_ULONG i) {
    Q_UINT first;
    Q_UINT second;
    q_draw_words((Q_UINT)key[0], (Q_UINT)key[1], stream, i >> 2, (int)(i & 2), &first, &second);
    // The logarithm of (first + 1) / 2^32: near 1 through what is missing to it, which F32 holds to its last bit.
    const Q_UINT missing = 0xffffffffu - first;
    const float logarithm = missing < 0x80000000u ? Q_LOG1P(-(float)missing * 2.3283064365386963e-10f)
                                                  : Q_LOG(((float)first + 1.0f) * 2.3283064365386963e-10f);
    const float radius = Q_SQRT(-2.0f * logarithm);
    // Half turns in [-1, 1): the angle keeps its precision near whole turns.
    const float angle = (float)(int)second * 4.6566128730773926e-10f * 3.14159265358979f;
    return radius * ((i & 1) == 0 ? Q_COS(angle) : Q_SIN(angle));
}

// The 16 bits of a block that are element i's.
Q_DEVICE Q_UINT q_draw_half(Q_UINT k0, Q_UINT k1, Q_ULONG stream, Q_ULONG block, Q_ULONG i) {
    Q_UINT first;
    Q_UINT second;
    q_draw_words(k0, k1, stream, block, (int)(i & 2), &first, &second);
    return ((i & 1) == 0 ? first : second) >> ((i & 4) << 2) & 0xffffu;
}

// Whether element i is a one, if its first 16 bits are those of the threshold.
Q_DEVICE int q_draw_tie(Q_UINT k0, Q_UINT k1, Q_ULONG stream, Q_ULONG i, Q_UINT threshold) {
    return (threshold & 0xffffu) != 0 && q_draw_half(k0, k1, stream, i >> 3 | 0x8000000000000000ul, i) < (threshold & 0xffffu);
}

Q_DEVICE float q_draw_bernoulli(Q_GLOBAL const int* key, Q_ULONG stream, Q_ULONG i, Q_UINT threshold) {
    const Q_UINT k0 = (Q_UINT)key[0];
    const Q_UINT k1 = (Q_UINT)key[1];
    const Q_UINT bits = q_draw_half(k0, k1, stream, i >> 3, i);
    const int one = bits == threshold >> 16 ? q_draw_tie(k0, k1, stream, i, threshold) : bits < threshold >> 16;
    return one ? 1.0f : 0.0f;
}
