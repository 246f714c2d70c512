// Purpose: neighbouring elements of a tensor in one access of up to 16 bytes, for kernels of the CUDA dialect.
//
//   q_get<N>(tag, p, v)      v[0 … N - 1] = p[0 … N - 1] as floats          q_put<N>(tag, p, v)      the other way round
//
// Parameters: tag q_f32, q_f16 or q_bf16, the storage type; N 1, 2, 4 or 8; 8 floats are two accesses.
// Requirements: p at a multiple of N elements; v an array of which indices are known when the kernel is compiled, so that it stays
//   in registers.
// Adds: nothing to the ladder.
// Determinism: F16 and BF16 are rounded to nearest even.

struct q_f32 {};
struct q_f16 {};
struct q_bf16 {};

// Whole words of an access: N floats, or N pairs of 16 bits.
template <int N> Q_DEVICE void q_get_words(const unsigned int* p, unsigned int* w) {
    if constexpr (N > 4) {
        q_get_words<4>(p, w);
        q_get_words<N - 4>(p + 4, w + 4);
    } else if constexpr (N == 4) {
        const uint4 all = *(const uint4*)p;
        w[0] = all.x, w[1] = all.y, w[2] = all.z, w[3] = all.w;
    } else if constexpr (N == 2) {
        const uint2 all = *(const uint2*)p;
        w[0] = all.x, w[1] = all.y;
    } else {
        w[0] = *p;
    }
}
template <int N> Q_DEVICE void q_put_words(unsigned int* p, const unsigned int* w) {
    if constexpr (N > 4) {
        q_put_words<4>(p, w);
        q_put_words<N - 4>(p + 4, w + 4);
    } else if constexpr (N == 4) {
        *(uint4*)p = make_uint4(w[0], w[1], w[2], w[3]);
    } else if constexpr (N == 2) {
        *(uint2*)p = make_uint2(w[0], w[1]);
    } else {
        *p = w[0];
    }
}

Q_DEVICE float q_widened(q_f16, unsigned int bits) { return q_float_of_half((unsigned short)bits); }
Q_DEVICE float q_widened(q_bf16, unsigned int bits) { return q_float_of_bf16((unsigned short)bits); }
Q_DEVICE unsigned int q_narrowed(q_f16, float x) { return q_half_of_float(x); }
Q_DEVICE unsigned int q_narrowed(q_bf16, float x) { return q_bf16_of_float(x); }

template <int N> Q_DEVICE void q_get(q_f32, const float* p, float* v) {
    unsigned int w[N];
    q_get_words<N>((const unsigned int*)p, w);
#pragma unroll
    for (int i = 0; i < N; i++) {
        v[i] = __int_as_float((int)w[i]);
    }
}
template <int N, class Tag> Q_DEVICE void q_get(Tag tag, const unsigned short* p, float* v) {
    if constexpr (N == 1) {
        v[0] = q_widened(tag, p[0]);
    } else {
        unsigned int w[N / 2];
        q_get_words<N / 2>((const unsigned int*)p, w);
#pragma unroll
        for (int i = 0; i < N; i++) {
            v[i] = q_widened(tag, w[i / 2] >> i % 2 * 16 & 0xffffu);
        }
    }
}
template <int N> Q_DEVICE void q_put(q_f32, float* p, const float* v) {
    unsigned int w[N];
#pragma unroll
    for (int i = 0; i < N; i++) {
        w[i] = (unsigned int)__float_as_int(v[i]);
    }
    q_put_words<N>((unsigned int*)p, w);
}
template <int N, class Tag> Q_DEVICE void q_put(Tag tag, unsigned short* p, const float* v) {
    if constexpr (N == 1) {
        p[0] = (unsigned short)q_narrowed(tag, v[0]);
    } else {
        unsigned int w[N / 2];
#pragma unroll
        for (int i = 0; i < N / 2; i++) {
            w[i] = q_narrowed(tag, v[2 * i]) | q_narrowed(tag, v[2 * i + 1]) << 16;
        }
        q_put_words<N / 2>((unsigned int*)p, w);
    }
}
