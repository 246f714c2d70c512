// Purpose: the fastest a GPU copies, reads and multiplies; neighbouring work-items touch neighbouring elements.
//
//   work-item i, STEPS elements    source[i], source[i + items], source[i + 2 * items] …
//
// Parameters, a definition: STEPS, elements an item. Requirements: memory of items * STEPS elements; sums of items elements.
// Determinism: each sum has one order.

Q_KERNEL void copy(Q_GLOBAL const float* Q_RESTRICT source, Q_GLOBAL float* Q_RESTRICT target) {
    const size_t items = Q_GLOBAL_SIZE(0);
    for (int i = 0; i < STEPS; i++) {
        target[Q_GLOBAL_ID(0) + i * items] = source[Q_GLOBAL_ID(0) + i * items];
    }
}

Q_KERNEL void read(Q_GLOBAL const float* Q_RESTRICT source, Q_GLOBAL float* Q_RESTRICT sums) {
    const size_t items = Q_GLOBAL_SIZE(0);
    float sum = 0.0f;
    for (int i = 0; i < STEPS; i++) {
        sum += source[Q_GLOBAL_ID(0) + i * items];
    }
    // Never true of finite sums, which the compiler cannot know: reading alone is timed.
    if (sum == Q_INFINITY) {
        sums[Q_GLOBAL_ID(0)] = sum;
    }
}

Q_KERNEL void multiply(Q_GLOBAL float* Q_RESTRICT sums, const int rounds, const float factor, const float addend) {
    float a = 0.0f, b = 1.0f, c = 2.0f, d = 3.0f, e = 4.0f, f = 5.0f, g = 6.0f, h = 7.0f;
    for (int i = 0; i < rounds; i++) {
        a = Q_FMA(a, factor, addend);
        b = Q_FMA(b, factor, addend);
        c = Q_FMA(c, factor, addend);
        d = Q_FMA(d, factor, addend);
        e = Q_FMA(e, factor, addend);
        f = Q_FMA(f, factor, addend);
        g = Q_FMA(g, factor, addend);
        h = Q_FMA(h, factor, addend);
    }
    sums[Q_GLOBAL_ID(0)] = ((a + b) + (c + d)) + ((e + f) + (g + h));
}
