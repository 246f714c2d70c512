// Purpose: 4 W consecutive elements of a draw at once, for CPUs: blocks side by side, then their words in order.
//
//   lane b of c0 c1 c2 c3 = words 0 1 2 3 of block b of W / 2      p0 p1 p2 p3 = elements first … first + 4 W - 1
//
// Parameters: Q_DRAW_W, the number of lanes: 4, 8 or 16.
// Requirements: the first element is a multiple of 4, of 8 for q_draw_bernoulli_vectors; random.cl before.
// Adds over random.cl: one evaluation of the generator serves four elements, or eight, and each instruction serves W / 2 blocks: a word
//   lies in the lower half of a lane of 64 bits, where the processor's product of every other word reads it and leaves the whole product.
//   What is in the upper halves meanwhile is of no account. Zeros and ones take half the blocks, and a shift and a comparison a vector.
// Determinism: as random.cl, to the bit.

#define Q_DRAW_JOIN_(a, b) a##b
#define Q_DRAW_JOIN(a, b) Q_DRAW_JOIN_(a, b)
#define Q_DRAW_FLOAT Q_DRAW_JOIN(float, Q_DRAW_W)
#define Q_DRAW_UINT Q_DRAW_JOIN(uint, Q_DRAW_W)
#define Q_DRAW_TO_FLOAT Q_DRAW_JOIN(convert_float, Q_DRAW_W)
#define Q_DRAW_AS_FLOAT Q_DRAW_JOIN(as_float, Q_DRAW_W)
#define Q_DRAW_AS_UINT Q_DRAW_JOIN(as_uint, Q_DRAW_W)
#define Q_DRAW_STORE Q_DRAW_JOIN(vstore, Q_DRAW_W)
#define Q_DRAW_LOAD Q_DRAW_JOIN(vload, Q_DRAW_W)

// UPPER(v): the upper halves of lanes as lower ones. LOW, HIGH: from lanes of words 0, 1 and lanes of words 2, 3 of blocks the first W
// words, and the next. TWICE(j), SHIFT(j): the words of vector j of elements that share words by twos, and what brings an element's half up.
// QUAD: which four neighbours of a vector a lane belongs to.
#if Q_DRAW_W == 16
#define Q_DRAW_WORDS ulong8
#define Q_DRAW_LANES ((ulong8)(0, 1, 2, 3, 4, 5, 6, 7))
#define Q_DRAW_LOW ((ulong8)(0, 8, 1, 9, 2, 10, 3, 11))
#define Q_DRAW_UPPER(v) as_ulong8(as_uint16(v).s1133557799bbddff)
#define Q_DRAW_LOWER(v) as_ulong8(as_uint16(v).s0022446688aaccee)
#define Q_DRAW_TWICE(j) ((ulong8)(0, 8, 0, 8, 1, 9, 1, 9) + (ulong8)(2 * (j)))
#define Q_DRAW_SHIFT(j) ((uint16)(16, 16, 16, 16, 0, 0, 0, 0, 16, 16, 16, 16, 0, 0, 0, 0))
#define Q_DRAW_QUAD ((uint16)(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3))
#elif Q_DRAW_W == 8
#define Q_DRAW_WORDS ulong4
#define Q_DRAW_LANES ((ulong4)(0, 1, 2, 3))
#define Q_DRAW_LOW ((ulong4)(0, 4, 1, 5))
#define Q_DRAW_UPPER(v) as_ulong4(as_uint8(v).s11335577)
#define Q_DRAW_LOWER(v) as_ulong4(as_uint8(v).s00224466)
#define Q_DRAW_TWICE(j) ((ulong4)(0, 4, 0, 4) + (ulong4)(j))
#define Q_DRAW_SHIFT(j) ((uint8)(16, 16, 16, 16, 0, 0, 0, 0))
#define Q_DRAW_QUAD ((uint8)(0, 0, 0, 0, 1, 1, 1, 1))
#else
#define Q_DRAW_WORDS ulong2
#define Q_DRAW_LANES ((ulong2)(0, 1))
#define Q_DRAW_LOW ((ulong2)(0, 2))
#define Q_DRAW_UPPER(v) as_ulong2(as_uint4(v).s1133)
#define Q_DRAW_LOWER(v) as_ulong2(as_uint4(v).s0022)
#define Q_DRAW_TWICE(j) ((ulong2)(0, 2) + (ulong2)((j) / 2))
#define Q_DRAW_SHIFT(j) ((uint4)((j) % 2 == 0 ? 16 : 0))
#define Q_DRAW_QUAD ((uint4)(0))
#endif
#define Q_DRAW_HIGH (Q_DRAW_LOW + (Q_DRAW_WORDS)(Q_DRAW_W / 4))
#define Q_DRAW_INLINE __attribute__((always_inline)) static inline

typedef struct {
    Q_DRAW_FLOAT p0, p1, p2, p3;
} q_draw_four;

// The keys of all rounds, from the seed's halves: computed once, before stores that might be taken to change the seed. Twenty of them in
// registers leave too few for the rest, and Clang moves vectors about between the rounds; read from memory each time they cost a load.
#define Q_DRAW_KEYS volatile Q_DRAW_WORDS

Q_DRAW_INLINE void q_draw_keys(uint k0, uint k1, Q_DRAW_KEYS* keys) {
    for (uint round = 0; round < 10; round++) {
        keys[2 * round] = (Q_DRAW_WORDS)((ulong)(k0 + round * 0x9E3779B9u));
        keys[2 * round + 1] = (Q_DRAW_WORDS)((ulong)(k1 + round * 0xBB67AE85u));
    }
}

// Words 0 and 1 of W / 2 blocks, and words 2 and 3, in one lane each. Upper halves are moved by shuffles, which leave the unit that multiplies
// and shifts alone; Clang takes functions of this length for too long to inline, and then keeps nothing over the loop around the call.
Q_DRAW_INLINE void q_draw_blocks(const Q_DRAW_KEYS* keys, ulong stream, Q_DRAW_WORDS c0, Q_DRAW_WORDS* even, Q_DRAW_WORDS* odd) {
    Q_DRAW_WORDS c1 = c0 >> 32;
    Q_DRAW_WORDS c2 = (Q_DRAW_WORDS)(stream);
    Q_DRAW_WORDS c3 = (Q_DRAW_WORDS)(stream >> 32);
#pragma unroll
    for (int round = 0; round < 10; round++) {
        const Q_DRAW_WORDS a = (c0 & 0xfffffffful) * 0xD2511F53ul;
        const Q_DRAW_WORDS b = (c2 & 0xfffffffful) * 0xCD9E8D57ul;
        c0 = Q_DRAW_UPPER(b) ^ c1 ^ keys[2 * round];
        c1 = b;
        c2 = Q_DRAW_UPPER(a) ^ c3 ^ keys[2 * round + 1];
        c3 = a;
    }
    // A shift would become one with the product before it, a product of 64 bits.
    *even = (c0 & 0xfffffffful) | (Q_DRAW_LOWER(c1) & 0xffffffff00000000ul);
    *odd = (c2 & 0xfffffffful) | (Q_DRAW_LOWER(c3) & 0xffffffff00000000ul);
}

Q_DRAW_INLINE void q_draw_uniform_half(const Q_DRAW_KEYS* keys, ulong stream, ulong block, Q_DRAW_FLOAT* first, Q_DRAW_FLOAT* second) {
    Q_DRAW_WORDS even, odd;
    q_draw_blocks(keys, stream, (Q_DRAW_WORDS)(block) + Q_DRAW_LANES, &even, &odd);
    *first = Q_DRAW_TO_FLOAT(Q_DRAW_AS_UINT(shuffle2(even, odd, Q_DRAW_LOW)) >> 8) * 5.9604644775390625e-8f;
    *second = Q_DRAW_TO_FLOAT(Q_DRAW_AS_UINT(shuffle2(even, odd, Q_DRAW_HIGH)) >> 8) * 5.9604644775390625e-8f;
}

Q_DRAW_INLINE q_draw_four q_draw_uniform_vectors(const Q_DRAW_KEYS* keys, ulong stream, ulong first) {
    const ulong block = first >> 2;
    q_draw_four r;
    q_draw_uniform_half(keys, stream, block, &r.p0, &r.p1);
    q_draw_uniform_half(keys, stream, block + Q_DRAW_W / 2, &r.p2, &r.p3);
    return r;
}

// Elements whose first 16 bits do not decide become 0 or the largest number, which do. Of 4 W bits, one vector in thousands has such.
__attribute__((noinline)) static void q_draw_ties(const Q_DRAW_KEYS* keys, ulong stream, ulong first, uint threshold, uint* bits) {
    for (uint i = 0; i < 4 * Q_DRAW_W; i++) {
        if (bits[i] >> 16 == threshold >> 16) {
            bits[i] = q_draw_tie((uint)keys[0].x, (uint)keys[1].x, stream, first + i, threshold) ? 0u : 0xffffffffu;
        }
    }
}

// Ones and zeros from elements' 16 bits, which are the upper ones; what is below them is of no account.
Q_DRAW_INLINE q_draw_four q_draw_decide(const Q_DRAW_KEYS* keys, ulong stream, ulong first, uint threshold, Q_DRAW_UINT b0, Q_DRAW_UINT b1,
        Q_DRAW_UINT b2, Q_DRAW_UINT b3) {
    if ((threshold & 0xffffu) != 0) {
        // Below 2^16 where a tie is.
        const Q_DRAW_UINT least = (Q_DRAW_UINT)(threshold & 0xffff0000u);
        if (any(min(min(b0 - least, b1 - least), min(b2 - least, b3 - least)) < 0x10000u)) {
            uint bits[4 * Q_DRAW_W];
            Q_DRAW_STORE(b0, 0, bits);
            Q_DRAW_STORE(b1, 1, bits);
            Q_DRAW_STORE(b2, 2, bits);
            Q_DRAW_STORE(b3, 3, bits);
            q_draw_ties(keys, stream, first, threshold, bits);
            b0 = Q_DRAW_LOAD(0, bits);
            b1 = Q_DRAW_LOAD(1, bits);
            b2 = Q_DRAW_LOAD(2, bits);
            b3 = Q_DRAW_LOAD(3, bits);
        }
    }
    const q_draw_four r = {b0 < threshold ? (Q_DRAW_FLOAT)(1.0f) : (Q_DRAW_FLOAT)(0.0f),
                           b1 < threshold ? (Q_DRAW_FLOAT)(1.0f) : (Q_DRAW_FLOAT)(0.0f),
                           b2 < threshold ? (Q_DRAW_FLOAT)(1.0f) : (Q_DRAW_FLOAT)(0.0f),
                           b3 < threshold ? (Q_DRAW_FLOAT)(1.0f) : (Q_DRAW_FLOAT)(0.0f)};
    return r;
}

#define Q_DRAW_SHARED(j) (Q_DRAW_AS_UINT(shuffle2(even, odd, Q_DRAW_TWICE(j))) << Q_DRAW_SHIFT(j))

// Elements from a whole block on.
Q_DRAW_INLINE q_draw_four q_draw_bernoulli_vectors(const Q_DRAW_KEYS* keys, ulong stream, ulong first, uint threshold) {
    Q_DRAW_WORDS even, odd;
    q_draw_blocks(keys, stream, (Q_DRAW_WORDS)(first >> 3) + Q_DRAW_LANES, &even, &odd);
    return q_draw_decide(keys, stream, first, threshold, Q_DRAW_SHARED(0), Q_DRAW_SHARED(1), Q_DRAW_SHARED(2), Q_DRAW_SHARED(3));
}

Q_DRAW_INLINE void q_draw_quads(const Q_DRAW_KEYS* keys, ulong stream, ulong quad, Q_DRAW_UINT* first, Q_DRAW_UINT* second) {
    Q_DRAW_WORDS even, odd;
    q_draw_blocks(keys, stream, ((Q_DRAW_WORDS)(quad) + Q_DRAW_LANES) >> 1, &even, &odd);
    const Q_DRAW_UINT low = (Q_DRAW_UINT)((uint)quad) + Q_DRAW_QUAD;
    const Q_DRAW_UINT high = low + (Q_DRAW_UINT)(Q_DRAW_W / 4);
    *first = Q_DRAW_AS_UINT(shuffle2(even, odd, Q_DRAW_LOW)) << ((~low & 1) << 4);
    *second = Q_DRAW_AS_UINT(shuffle2(even, odd, Q_DRAW_HIGH)) << ((~high & 1) << 4);
}

// Elements from a quarter's place on, which may be in the middle of a block: each four neighbours have their block computed.
Q_DRAW_INLINE q_draw_four q_draw_bernoulli_quads(const Q_DRAW_KEYS* keys, ulong stream, ulong first, uint threshold) {
    Q_DRAW_UINT b0, b1, b2, b3;
    q_draw_quads(keys, stream, first >> 2, &b0, &b1);
    q_draw_quads(keys, stream, (first >> 2) + Q_DRAW_W / 2, &b2, &b3);
    return q_draw_decide(keys, stream, first, threshold, b0, b1, b2, b3);
}
