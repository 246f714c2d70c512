// Purpose: the transforms of Winograd's convolution F(TILE x TILE, 3x3) along one axis, on vectors (A. Lavin and S. Gray, "Fast
// algorithms for convolutional neural networks", 2015): y = A' [(G g G') * (B' d B)] A for a tile of ALPHA x ALPHA pixels d.
//
// Parameters: definition TILE, 2 (points 0, 1, -1) or 4 (points 0, 1, -1, 2, -2).

#define ALPHA (TILE + 2)

// B' d.
__attribute__((always_inline)) static inline void q_transform_pixels(const float16* d, float16* t) {
#if TILE == 2
    t[0] = d[0] - d[2];
    t[1] = d[1] + d[2];
    t[2] = d[2] - d[1];
    t[3] = d[1] - d[3];
#else
    const float16 even = fma((float16)(-4.0f), d[2], d[4]);
    const float16 odd = fma((float16)(-4.0f), d[1], d[3]);
    const float16 difference = d[4] - d[2];
    const float16 twice = 2.0f * (d[3] - d[1]);
    t[0] = fma((float16)(4.0f), d[0], fma((float16)(-5.0f), d[2], d[4]));
    t[1] = even + odd;
    t[2] = even - odd;
    t[3] = difference + twice;
    t[4] = difference - twice;
    t[5] = fma((float16)(4.0f), d[1], fma((float16)(-5.0f), d[3], d[5]));
#endif
}

// G g.
__attribute__((always_inline)) static inline void q_transform_weights(const float16* g, float16* t) {
#if TILE == 2
    t[0] = g[0];
    t[1] = 0.5f * (g[0] + g[2] + g[1]);
    t[2] = 0.5f * (g[0] + g[2] - g[1]);
    t[3] = g[2];
#else
    const float16 outer = (-1.0f / 6.0f) * (g[0] + g[2]);
    const float16 middle = (1.0f / 6.0f) * g[1];
    const float16 far = fma((float16)(1.0f / 24.0f), g[0], (1.0f / 6.0f) * g[2]);
    const float16 near = (1.0f / 12.0f) * g[1];
    t[0] = 0.25f * g[0];
    t[1] = outer - middle;
    t[2] = outer + middle;
    t[3] = far + near;
    t[4] = far - near;
    t[5] = g[2];
#endif
}

// A' m.
__attribute__((always_inline)) static inline void q_transform_products(const float16* m, float16* y) {
#if TILE == 2
    y[0] = m[0] + m[1] + m[2];
    y[1] = m[1] - m[2] - m[3];
#else
    const float16 a = m[1] + m[2];
    const float16 b = m[1] - m[2];
    const float16 c = m[3] + m[4];
    const float16 d = m[3] - m[4];
    y[0] = m[0] + a + c;
    y[1] = fma((float16)(2.0f), d, b);
    y[2] = fma((float16)(4.0f), c, a);
    y[3] = fma((float16)(8.0f), d, b) + m[5];
#endif
}

