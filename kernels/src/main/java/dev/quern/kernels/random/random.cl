// Purpose: random numbers as a function of a position: Philox 4x32-10 of (counter = block, stream; key = seed).
//
//   element i of a draw = word i % 4 of block i / 4
//
// Parameters: key, four ints: seed (lower, upper half), step (lower, upper half); purpose, a constant of the draw.
// Requirements: none; 64-bit integers.
// Determinism: integer arithmetic, and the same roundings everywhere for uniform numbers; normal ones agree up to the rounding of
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

// Words pair and pair + 1 of a block, for pair 0 or 2.
Q_DEVICE void q_draw_words(Q_GLOBAL const int* key, Q_ULONG stream, Q_ULONG block, int pair, Q_UINT* first, Q_UINT* second) {
    Q_UINT c0 = (Q_UINT)block;
    Q_UINT c1 = (Q_UINT)(block >> 32);
    Q_UINT c2 = (Q_UINT)stream;
    Q_UINT c3 = (Q_UINT)(stream >> 32);
    Q_UINT k0 = (Q_UINT)key[0];
    Q_UINT k1 = (Q_UINT)key[1];
    for (int round = 0; round < 10; round++) {
        Q_PHILOX_ROUND(c0, c1, c2, c3, k0, k1)
    }
    *first = pair == 0 ? c0 : c2;
    *second = pair == 0 ? c1 : c3;
}

Q_DEVICE float q_draw_uniform(Q_GLOBAL const int* key, Q_ULONG stream, Q_ULONG i) {
    Q_UINT first;
    Q_UINT second;
    q_draw_words(key, stream, i >> 2, (int)(i & 2), &first, &second);
    return (float)(((i & 1) == 0 ? first : second) >> 8) * 5.9604644775390625e-8f;
}

Q_DEVICE float q_draw_normal(Q_GLOBAL const int* key, Q_ULONG stream, Q_ULONG i) {
    Q_UINT first;
    Q_UINT second;
    q_draw_words(key, stream, i >> 2, (int)(i & 2), &first, &second);
    // The logarithm of (first + 1) / 2^32: near 1 through what is missing to it, which F32 holds to its last bit.
    const Q_UINT missing = 0xffffffffu - first;
    const float logarithm = missing < 0x80000000u ? Q_LOG1P(-(float)missing * 2.3283064365386963e-10f)
                                                  : Q_LOG(((float)first + 1.0f) * 2.3283064365386963e-10f);
    const float radius = Q_SQRT(-2.0f * logarithm);
    // Half turns in [-1, 1): the angle keeps its precision near whole turns.
    const float angle = (float)(int)second * 4.6566128730773926e-10f * 3.14159265358979f;
    return radius * ((i & 1) == 0 ? Q_COS(angle) : Q_SIN(angle));
}
