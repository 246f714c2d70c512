// Purpose: names for vectors of W lanes (4, 8, 16), and their sum and maximum across the lanes.
// Determinism: lanes are joined in a fixed tree.

#define LOAD(p) Q_JOIN(vload, W)(0, (p))
#define STORE(v, p) Q_JOIN(vstore, W)((v), 0, (p))

static inline float lanes_sum(VECTOR v) {
#if W == 16
    const float8 a = v.lo + v.hi;
    const float4 b = a.lo + a.hi;
#elif W == 8
    const float4 b = v.lo + v.hi;
#else
    const float4 b = v;
#endif
    const float2 c = b.lo + b.hi;
    return c.x + c.y;
}

static inline float lanes_max(VECTOR v) {
#if W == 16
    const float8 a = fmax(v.lo, v.hi);
    const float4 b = fmax(a.lo, a.hi);
#elif W == 8
    const float4 b = fmax(v.lo, v.hi);
#else
    const float4 b = v;
#endif
    const float2 c = fmax(b.lo, b.hi);
    return fmax(c.x, c.y);
}
