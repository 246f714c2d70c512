// Purpose: CUDA's mathematical functions, from the C library; the compiler knows most of them. The approximate ones (__expf …) are exact
// here: a kernel must not rely on how wrong they are.

#pragma once

extern "C" {
#define EMULATED_UNARY(name) float name##f(float); double name(double);
EMULATED_UNARY(exp) EMULATED_UNARY(exp2) EMULATED_UNARY(exp10) EMULATED_UNARY(expm1)
EMULATED_UNARY(log) EMULATED_UNARY(log2) EMULATED_UNARY(log10) EMULATED_UNARY(log1p)
EMULATED_UNARY(sin) EMULATED_UNARY(cos) EMULATED_UNARY(tan) EMULATED_UNARY(asin) EMULATED_UNARY(acos) EMULATED_UNARY(atan)
EMULATED_UNARY(sinh) EMULATED_UNARY(cosh) EMULATED_UNARY(tanh) EMULATED_UNARY(erf) EMULATED_UNARY(erfc)
EMULATED_UNARY(sqrt) EMULATED_UNARY(cbrt) EMULATED_UNARY(fabs) EMULATED_UNARY(floor) EMULATED_UNARY(ceil) EMULATED_UNARY(rint)
EMULATED_UNARY(nearbyint) EMULATED_UNARY(round) EMULATED_UNARY(trunc) EMULATED_UNARY(lgamma) EMULATED_UNARY(tgamma)
#undef EMULATED_UNARY
#define EMULATED_BINARY(name) float name##f(float, float); double name(double, double);
EMULATED_BINARY(pow) EMULATED_BINARY(fmod) EMULATED_BINARY(fmax) EMULATED_BINARY(fmin) EMULATED_BINARY(atan2) EMULATED_BINARY(hypot)
EMULATED_BINARY(copysign) EMULATED_BINARY(remainder) EMULATED_BINARY(fdim)
#undef EMULATED_BINARY
float fmaf(float, float, float);
double fma(double, double, double);
float ldexpf(float, int);
}

static inline float rsqrtf(float x) { return 1.0f / __builtin_sqrtf(x); }
static inline float max(float a, float b) { return fmaxf(a, b); }
static inline float min(float a, float b) { return fminf(a, b); }
static inline double max(double a, double b) { return fmax(a, b); }
static inline double min(double a, double b) { return fmin(a, b); }
static inline int isnan(float x) { return x != x; }
static inline int isinf(float x) { return __builtin_isinf(x) != 0; }
static inline int isfinite(float x) { return __builtin_isfinite(x); }

static inline float __expf(float x) { return expf(x); }
static inline float __exp10f(float x) { return exp10f(x); }
static inline float __logf(float x) { return logf(x); }
static inline float __log2f(float x) { return log2f(x); }
static inline float __sinf(float x) { return sinf(x); }
static inline float __cosf(float x) { return cosf(x); }
static inline float __powf(float x, float y) { return powf(x, y); }
static inline float __fdividef(float a, float b) { return a / b; }
static inline float __saturatef(float x) { return fminf(fmaxf(x, 0.0f), 1.0f); }
static inline float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
// Never contracted, whatever the compiler was told: what passes through an empty statement is opaque to it.
static inline float emulated_opaque(float x) { __asm__("" : "+m"(x)); return x; }
static inline float __fadd_rn(float a, float b) { return emulated_opaque(a + b); }
static inline float __fsub_rn(float a, float b) { return emulated_opaque(a - b); }
static inline float __fmul_rn(float a, float b) { return emulated_opaque(a * b); }
static inline float __fdiv_rn(float a, float b) { return a / b; }
static inline float __frcp_rn(float x) { return 1.0f / x; }
static inline float __fsqrt_rn(float x) { return __builtin_sqrtf(x); }
static inline float __frsqrt_rn(float x) { return (float)(1.0 / __builtin_sqrt((double)x)); }

// Conversions saturate, and NaN gives 0.
static inline int emulated_int(float x) {
    return x != x ? 0 : x >= 0x1p31f ? 0x7fffffff : x < -0x1p31f ? (int)0x80000000u : (int)x;
}
static inline int __float2int_rn(float x) { return emulated_int(rintf(x)); }
static inline int __float2int_rz(float x) { return emulated_int(x); }
static inline int __float2int_rd(float x) { return emulated_int(floorf(x)); }
static inline int __float2int_ru(float x) { return emulated_int(ceilf(x)); }
static inline float __int2float_rn(int x) { return (float)x; }
static inline float __uint2float_rn(unsigned int x) { return (float)x; }
