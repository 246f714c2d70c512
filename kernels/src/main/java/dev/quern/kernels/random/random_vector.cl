// Purpose: 4 W consecutive elements of a draw at once, for CPUs: W blocks side by side, then their words in order.
//
//   half h, lane b of c0 c1 c2 c3 = words 0 1 2 3 of block first + h W/2 + b      p0 p1 p2 p3 = elements 4 first … 4 first + 4 W - 1
//
// Parameters: Q_DRAW_W, the number of lanes: 4, 8 or 16.
// Requirements: the first element is a multiple of 4; random.cl before.
// Adds over random.cl: one evaluation of the generator serves four elements, and each instruction serves W / 2 blocks: a word lies in
//   the lower half of a lane of 64 bits, where the processor's product of every other word reads it and leaves the whole product. What
//   is in the upper halves meanwhile is of no account.
// Determinism: as random.cl, to the bit.

#define Q_DRAW_JOIN_(a, b) a##b
#define Q_DRAW_JOIN(a, b) Q_DRAW_JOIN_(a, b)
#define Q_DRAW_FLOAT Q_DRAW_JOIN(float, Q_DRAW_W)
#define Q_DRAW_TO_FLOAT Q_DRAW_JOIN(convert_float, Q_DRAW_W)
#define Q_DRAW_AS_UINT Q_DRAW_JOIN(as_uint, Q_DRAW_W)

#if Q_DRAW_W == 16
#define Q_DRAW_WORDS ulong8
#define Q_DRAW_LANES ((ulong8)(0, 1, 2, 3, 4, 5, 6, 7))
#define Q_DRAW_LOW ((ulong8)(0, 8, 1, 9, 2, 10, 3, 11))
#define Q_DRAW_UPPER(v) as_ulong8(as_uint16(v).s1133557799bbddff)
#elif Q_DRAW_W == 8
#define Q_DRAW_WORDS ulong4
#define Q_DRAW_LANES ((ulong4)(0, 1, 2, 3))
#define Q_DRAW_LOW ((ulong4)(0, 4, 1, 5))
#define Q_DRAW_UPPER(v) as_ulong4(as_uint8(v).s11335577)
#else
#define Q_DRAW_WORDS ulong2
#define Q_DRAW_LANES ((ulong2)(0, 1))
#define Q_DRAW_LOW ((ulong2)(0, 2))
#define Q_DRAW_UPPER(v) as_ulong2(as_uint4(v).s1133)
#endif
#define Q_DRAW_HIGH (Q_DRAW_LOW + (Q_DRAW_WORDS)(Q_DRAW_W / 4))

typedef struct {
    Q_DRAW_FLOAT p0, p1, p2, p3;
} q_draw_four;

// Two vectors of elements: W / 2 blocks from block on. Upper halves are moved by shuffles, which leave the unit that multiplies and
// shifts alone; Clang takes functions of this length for too long to inline, and then keeps nothing over the loop around the call.
__attribute__((always_inline)) static inline void q_draw_uniform_half(uint k0, uint k1, ulong stream, ulong block, Q_DRAW_FLOAT* first, Q_DRAW_FLOAT* second) {
    Q_DRAW_WORDS c0 = (Q_DRAW_WORDS)(block) + Q_DRAW_LANES;
    Q_DRAW_WORDS c1 = c0 >> 32;
    Q_DRAW_WORDS c2 = (Q_DRAW_WORDS)(stream);
    Q_DRAW_WORDS c3 = (Q_DRAW_WORDS)(stream >> 32);
#pragma unroll
    for (int round = 0; round < 10; round++) {
        const Q_DRAW_WORDS a = (c0 & 0xfffffffful) * 0xD2511F53ul;
        const Q_DRAW_WORDS b = (c2 & 0xfffffffful) * 0xCD9E8D57ul;
        c0 = Q_DRAW_UPPER(b) ^ c1 ^ (Q_DRAW_WORDS)((ulong)k0);
        c1 = b;
        c2 = Q_DRAW_UPPER(a) ^ c3 ^ (Q_DRAW_WORDS)((ulong)k1);
        c3 = a;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    // Words 0 and 1 of a block, and 2 and 3, in one lane each; then these by turns.
    const Q_DRAW_WORDS even = (c0 & 0xfffffffful) | (c1 << 32);
    const Q_DRAW_WORDS odd = (c2 & 0xfffffffful) | (c3 << 32);
    *first = Q_DRAW_TO_FLOAT(Q_DRAW_AS_UINT(shuffle2(even, odd, Q_DRAW_LOW)) >> 8) * 5.9604644775390625e-8f;
    *second = Q_DRAW_TO_FLOAT(Q_DRAW_AS_UINT(shuffle2(even, odd, Q_DRAW_HIGH)) >> 8) * 5.9604644775390625e-8f;
}

// The seed by its halves: read once, before stores that might be taken to change it.
__attribute__((always_inline)) static inline q_draw_four q_draw_uniform_vectors(uint k0, uint k1, ulong stream, ulong first) {
    const ulong block = first >> 2;
    q_draw_four r;
    q_draw_uniform_half(k0, k1, stream, block, &r.p0, &r.p1);
    q_draw_uniform_half(k0, k1, stream, block + Q_DRAW_W / 2, &r.p2, &r.p3);
    return r;
}
