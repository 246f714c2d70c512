// Purpose: CUDA's intrinsic functions on bits and integers, and half precision as sixteen bits.

#pragma once

template <class To, class From> static inline __attribute__((always_inline)) To emulated_bits(From from) {
    static_assert(sizeof(To) == sizeof(From), "another size");
    To to;
    __builtin_memcpy(&to, &from, sizeof(To));
    return to;
}

static inline int __float_as_int(float x) { return emulated_bits<int>(x); }
static inline unsigned int __float_as_uint(float x) { return emulated_bits<unsigned int>(x); }
static inline float __int_as_float(int x) { return emulated_bits<float>(x); }
static inline float __uint_as_float(unsigned int x) { return emulated_bits<float>(x); }
static inline long long __double_as_longlong(double x) { return emulated_bits<long long>(x); }
static inline double __longlong_as_double(long long x) { return emulated_bits<double>(x); }

static inline int __popc(unsigned int x) { return __builtin_popcount(x); }
static inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
static inline int __clz(int x) { return x == 0 ? 32 : __builtin_clz((unsigned int)x); }
static inline int __clzll(long long x) { return x == 0 ? 64 : __builtin_clzll((unsigned long long)x); }
static inline int __ffs(int x) { return __builtin_ffs(x); }
static inline unsigned int __brev(unsigned int x) {
    unsigned int reversed = 0;
    for (int bit = 0; bit < 32; bit++) {
        reversed |= (x >> bit & 1u) << (31 - bit);
    }
    return reversed;
}
static inline unsigned int __byte_perm(unsigned int low, unsigned int high, unsigned int selector) {
    const unsigned long long bytes = (unsigned long long)high << 32 | low;
    unsigned int result = 0;
    for (int i = 0; i < 4; i++) {
        result |= (unsigned int)(bytes >> (selector >> 4 * i & 7u) * 8 & 0xffu) << 8 * i;
    }
    return result;
}
static inline unsigned int __funnelshift_l(unsigned int low, unsigned int high, unsigned int shift) {
    return (unsigned int)((((unsigned long long)high << 32 | low) << (shift & 31)) >> 32);
}
static inline unsigned int __funnelshift_r(unsigned int low, unsigned int high, unsigned int shift) {
    return (unsigned int)(((unsigned long long)high << 32 | low) >> (shift & 31));
}

static inline int __mulhi(int a, int b) { return (int)((long long)a * b >> 32); }
static inline unsigned int __umulhi(unsigned int a, unsigned int b) { return (unsigned int)((unsigned long long)a * b >> 32); }
static inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
    return (unsigned long long)((unsigned __int128)a * b >> 64);
}

// As CUDA overloads them.
static inline int min(int a, int b) { return a < b ? a : b; }
static inline unsigned int min(unsigned int a, unsigned int b) { return a < b ? a : b; }
static inline long long min(long long a, long long b) { return a < b ? a : b; }
static inline unsigned long long min(unsigned long long a, unsigned long long b) { return a < b ? a : b; }
static inline unsigned long min(unsigned long a, unsigned long b) { return a < b ? a : b; }
static inline long min(long a, long b) { return a < b ? a : b; }
static inline int max(int a, int b) { return a > b ? a : b; }
static inline unsigned int max(unsigned int a, unsigned int b) { return a > b ? a : b; }
static inline long long max(long long a, long long b) { return a > b ? a : b; }
static inline unsigned long long max(unsigned long long a, unsigned long long b) { return a > b ? a : b; }
static inline unsigned long max(unsigned long a, unsigned long b) { return a > b ? a : b; }
static inline long max(long a, long b) { return a > b ? a : b; }
static inline int abs(int x) { return x < 0 ? -x : x; }

// Half precision: sign, 5 bits of exponent (bias 15), 10 of fraction.
static inline float emulated_float_of_half(unsigned short half) {
    const unsigned int sign = (unsigned int)(half & 0x8000u) << 16;
    const unsigned int exponent = half >> 10 & 0x1fu;
    const unsigned int fraction = half & 0x3ffu;
    if (exponent == 0) {
        const float value = (float)fraction * 0x1p-24f;
        return sign ? -value : value;
    }
    return __uint_as_float(exponent == 31 ? sign | 0x7f800000u | fraction << 13 : sign | (exponent + 112) << 23 | fraction << 13);
}
// To nearest, ties to even.
static inline unsigned short emulated_half_of_float(float x) {
    const unsigned int bits = __float_as_uint(x);
    const unsigned int sign = bits >> 16 & 0x8000u;
    const unsigned int magnitude = bits & 0x7fffffffu;
    if (magnitude > 0x7f800000u) {
        return 0x7fff;
    }
    if (magnitude >= 0x477ff000u) {
        return (unsigned short)(sign | 0x7c00u);
    }
    if (magnitude >= 0x38800000u) {
        const unsigned int rounded = magnitude - 0x38000000u + 0xfffu + (magnitude >> 13 & 1u);
        return (unsigned short)(sign | rounded >> 13);
    }
    // Subnormal: adding a half moves the fraction's last place to the place of the result, and rounds.
    const float shifted = __uint_as_float(magnitude) + 0.5f;
    return (unsigned short)(sign | (__float_as_uint(shifted) - 0x3f000000u));
}
