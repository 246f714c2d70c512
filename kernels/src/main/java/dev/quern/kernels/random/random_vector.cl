// Purpose: 4 W consecutive elements of a draw at once, for CPUs: W blocks side by side, one a lane, then their words in order.
//
//   lane b of c0 c1 c2 c3 = words 0 1 2 3 of block first + b      p0 p1 p2 p3 = elements 4 first … 4 first + 4 W - 1
//
// Parameters: Q_DRAW_W, the number of lanes: 4, 8 or 16.
// Requirements: the first element is a multiple of 4; random.cl before.
// Adds over random.cl: one evaluation of the generator serves four elements, and each instruction serves W.
// Determinism: as random.cl, to the bit.

#define Q_DRAW_JOIN_(a, b) a##b
#define Q_DRAW_JOIN(a, b) Q_DRAW_JOIN_(a, b)
#define Q_DRAW_UINT Q_DRAW_JOIN(uint, Q_DRAW_W)
#define Q_DRAW_ULONG Q_DRAW_JOIN(ulong, Q_DRAW_W)
#define Q_DRAW_FLOAT Q_DRAW_JOIN(float, Q_DRAW_W)
#define Q_DRAW_TO_UINT Q_DRAW_JOIN(convert_uint, Q_DRAW_W)
#define Q_DRAW_TO_ULONG Q_DRAW_JOIN(convert_ulong, Q_DRAW_W)
#define Q_DRAW_TO_FLOAT Q_DRAW_JOIN(convert_float, Q_DRAW_W)

#if Q_DRAW_W == 16
#define Q_DRAW_PAIRS ulong8
#define Q_DRAW_AS_PAIRS(v) as_ulong8(v)
#define Q_DRAW_LANES ((uint16)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15))
#define Q_DRAW_LOW ((uint16)(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23))
#elif Q_DRAW_W == 8
#define Q_DRAW_PAIRS ulong4
#define Q_DRAW_AS_PAIRS(v) as_ulong4(v)
#define Q_DRAW_LANES ((uint8)(0, 1, 2, 3, 4, 5, 6, 7))
#define Q_DRAW_LOW ((uint8)(0, 8, 1, 9, 2, 10, 3, 11))
#else
#define Q_DRAW_PAIRS ulong2
#define Q_DRAW_AS_PAIRS(v) as_ulong2(v)
#define Q_DRAW_LANES ((uint4)(0, 1, 2, 3))
#define Q_DRAW_LOW ((uint4)(0, 4, 1, 5))
#endif
// The halves of products at even and odd places, back in their places.
#define Q_DRAW_AS_UINT Q_DRAW_JOIN(as_uint, Q_DRAW_W)
#define Q_DRAW_LOWER(even, odd) Q_DRAW_AS_UINT(((even) & 0xfffffffful) | ((odd) << 32))
#define Q_DRAW_UPPER(even, odd) Q_DRAW_AS_UINT(((even) >> 32) | ((odd) & 0xffffffff00000000ul))
#define Q_DRAW_HIGH (Q_DRAW_LOW + (Q_DRAW_UINT)(Q_DRAW_W / 2))

typedef struct {
    Q_DRAW_FLOAT p0, p1, p2, p3;
} q_draw_four;

static inline q_draw_four q_draw_uniform_vectors(Q_GLOBAL const int* key, ulong stream, ulong first) {
    const Q_DRAW_ULONG block = (Q_DRAW_ULONG)(first >> 2) + Q_DRAW_TO_ULONG(Q_DRAW_LANES);
    Q_DRAW_UINT c0 = Q_DRAW_TO_UINT(block);
    Q_DRAW_UINT c1 = Q_DRAW_TO_UINT(block >> 32);
    Q_DRAW_UINT c2 = (Q_DRAW_UINT)((uint)stream);
    Q_DRAW_UINT c3 = (Q_DRAW_UINT)((uint)(stream >> 32));
    uint k0 = (uint)key[0];
    uint k1 = (uint)key[1];
#pragma unroll
    for (int round = 0; round < 10; round++) {
        // Words at even and at odd places are multiplied where they lie, by the processor's product of every other word.
        const Q_DRAW_PAIRS a0 = (Q_DRAW_AS_PAIRS(c0) & 0xfffffffful) * 0xD2511F53ul;
        const Q_DRAW_PAIRS a1 = (Q_DRAW_AS_PAIRS(c0) >> 32) * 0xD2511F53ul;
        const Q_DRAW_PAIRS b0 = (Q_DRAW_AS_PAIRS(c2) & 0xfffffffful) * 0xCD9E8D57ul;
        const Q_DRAW_PAIRS b1 = (Q_DRAW_AS_PAIRS(c2) >> 32) * 0xCD9E8D57ul;
        c0 = Q_DRAW_UPPER(b0, b1) ^ c1 ^ k0;
        c1 = Q_DRAW_LOWER(b0, b1);
        c2 = Q_DRAW_UPPER(a0, a1) ^ c3 ^ k1;
        c3 = Q_DRAW_LOWER(a0, a1);
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    // Words 0 and 2, and 1 and 3, by turns; then both by turns.
    const Q_DRAW_UINT even0 = shuffle2(c0, c2, Q_DRAW_LOW);
    const Q_DRAW_UINT even1 = shuffle2(c0, c2, Q_DRAW_HIGH);
    const Q_DRAW_UINT odd0 = shuffle2(c1, c3, Q_DRAW_LOW);
    const Q_DRAW_UINT odd1 = shuffle2(c1, c3, Q_DRAW_HIGH);
    q_draw_four r;
    r.p0 = Q_DRAW_TO_FLOAT(shuffle2(even0, odd0, Q_DRAW_LOW) >> 8) * 5.9604644775390625e-8f;
    r.p1 = Q_DRAW_TO_FLOAT(shuffle2(even0, odd0, Q_DRAW_HIGH) >> 8) * 5.9604644775390625e-8f;
    r.p2 = Q_DRAW_TO_FLOAT(shuffle2(even1, odd1, Q_DRAW_LOW) >> 8) * 5.9604644775390625e-8f;
    r.p3 = Q_DRAW_TO_FLOAT(shuffle2(even1, odd1, Q_DRAW_HIGH) >> 8) * 5.9604644775390625e-8f;
    return r;
}
