// Purpose: the fastest a CPU copies, reads and multiplies; one work-item a work-group, one work-group a block of memory.
//
//   work-group i       source [ 0 | 1 | … | i | … ]     BLOCK vectors of W floats each
//   copy               target [ 0 | 1 | … | i | … ]     the same block
//   read               sums   [ i ]                      one sum a block
//   strands            a block is walked from STRANDS places at once, each of which the prefetcher follows by itself
//   multiply           sums   [ i ]                      nothing is read
//
// Parameters, all of them definitions: W, lanes (4, 8 or 16); BLOCK, vectors a block, a multiple of 32; STRANDS, 1 or 4; STREAM, whether stores
//   go past the caches (a Clang builtin; the target must be aligned to a vector).
// Requirements: groups of one work-item; memory that ends on a whole block.
// Determinism: each sum has one order.

#define Q_JOIN_(x, y) x##y
#define Q_JOIN(x, y) Q_JOIN_(x, y)
#define VECTOR Q_JOIN(float, W)

#if STREAM
#define STORE(p, v) __builtin_nontemporal_store(v, p)
#else
#define STORE(p, v) (*(p) = (v))
#endif
#define STRAND (BLOCK / STRANDS)

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void copy(Q_GLOBAL const VECTOR* Q_RESTRICT source, Q_GLOBAL VECTOR* Q_RESTRICT target) {
    const size_t from = (size_t)Q_GROUP_ID(0) * BLOCK;
    for (size_t i = from; i < from + STRAND; i++) {
#if STRANDS == 4
        const VECTOR a = source[i], b = source[i + STRAND], c = source[i + 2 * STRAND], d = source[i + 3 * STRAND];
        STORE(target + i, a);
        STORE(target + i + STRAND, b);
        STORE(target + i + 2 * STRAND, c);
        STORE(target + i + 3 * STRAND, d);
#else
        STORE(target + i, source[i]);
#endif
    }
}

static inline float lanes(VECTOR v) {
#if W == 16
    const float8 a = v.lo + v.hi;
    const float4 b = a.lo + a.hi;
#elif W == 8
    const float4 b = v.lo + v.hi;
#else
    const float4 b = v;
#endif
    return b.x + b.y + b.z + b.w;
}

Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void read(Q_GLOBAL const VECTOR* Q_RESTRICT source, Q_GLOBAL float* Q_RESTRICT sums) {
    const size_t from = (size_t)Q_GROUP_ID(0) * BLOCK;
    VECTOR a = 0.0f, b = 0.0f, c = 0.0f, d = 0.0f, e = 0.0f, f = 0.0f, g = 0.0f, h = 0.0f;
    for (size_t i = from; i < from + STRAND; i += 8 / STRANDS) {
#if STRANDS == 4
        a += source[i];
        b += source[i + 1];
        c += source[i + STRAND];
        d += source[i + STRAND + 1];
        e += source[i + 2 * STRAND];
        f += source[i + 2 * STRAND + 1];
        g += source[i + 3 * STRAND];
        h += source[i + 3 * STRAND + 1];
#else
        a += source[i];
        b += source[i + 1];
        c += source[i + 2];
        d += source[i + 3];
        e += source[i + 4];
        f += source[i + 5];
        g += source[i + 6];
        h += source[i + 7];
#endif
    }
    sums[Q_GROUP_ID(0)] = lanes(((a + b) + (c + d)) + ((e + f) + (g + h)));
}

// Twelve chains hide the latency of two units of four cycles, and fit the registers of AVX2 and AVX-512.
Q_KERNEL Q_REQD_GROUP(1, 1, 1)
void multiply(Q_GLOBAL float* Q_RESTRICT sums, const int rounds, const float factor, const float addend) {
    const VECTOR x = factor, y = addend;
    VECTOR a = 0.0f, b = 1.0f, c = 2.0f, d = 3.0f, e = 4.0f, f = 5.0f, g = 6.0f, h = 7.0f, p = 8.0f, q = 9.0f, r = 10.0f,
           s = 11.0f;
    for (int i = 0; i < rounds; i++) {
        a = fma(a, x, y);
        b = fma(b, x, y);
        c = fma(c, x, y);
        d = fma(d, x, y);
        e = fma(e, x, y);
        f = fma(f, x, y);
        g = fma(g, x, y);
        h = fma(h, x, y);
        p = fma(p, x, y);
        q = fma(q, x, y);
        r = fma(r, x, y);
        s = fma(s, x, y);
    }
    sums[Q_GROUP_ID(0)] = lanes(((a + b) + (c + d)) + ((e + f) + (g + h)) + ((p + q) + (r + s)));
}
