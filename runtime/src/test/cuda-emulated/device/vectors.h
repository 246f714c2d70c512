// Purpose: CUDA's vector types, with the sizes and alignments that 8-byte and 16-byte accesses rely on.

#pragma once

#define EMULATED_VECTORS(T, name)                                                                            \
    struct name##1 { T x; };                                                                                 \
    struct __attribute__((aligned(2 * sizeof(T)))) name##2 { T x, y; };                                      \
    struct name##3 { T x, y, z; };                                                                           \
    struct __attribute__((aligned(4 * sizeof(T) > 16 ? 16 : 4 * sizeof(T)))) name##4 { T x, y, z, w; };      \
    static inline name##1 make_##name##1(T x) { return {x}; }                                                \
    static inline name##2 make_##name##2(T x, T y) { return {x, y}; }                                        \
    static inline name##3 make_##name##3(T x, T y, T z) { return {x, y, z}; }                                \
    static inline name##4 make_##name##4(T x, T y, T z, T w) { return {x, y, z, w}; }

EMULATED_VECTORS(signed char, char)
EMULATED_VECTORS(unsigned char, uchar)
EMULATED_VECTORS(short, short)
EMULATED_VECTORS(unsigned short, ushort)
EMULATED_VECTORS(int, int)
EMULATED_VECTORS(unsigned int, uint)
EMULATED_VECTORS(long long, longlong)
EMULATED_VECTORS(unsigned long long, ulonglong)
EMULATED_VECTORS(float, float)
EMULATED_VECTORS(double, double)
#undef EMULATED_VECTORS

struct dim3 {
    unsigned int x, y, z;
    constexpr dim3(unsigned int x = 1, unsigned int y = 1, unsigned int z = 1) : x(x), y(y), z(z) {}
};
