// Purpose: declares the functions of OpenCL C that Quern's kernels call, in place of all 18,000 lines that PoCL 3.1 reads before each
// program: for a small kernel that is nine tenths of the compiler's work. Types, constants, as_TYPE and what is a macro are in a header that is
// still read. A text that calls anything else is compiled with all declarations: see ClBuiltins, which finds the names below.
// Requirements: attributes and types as in OpenCL 1.2 and clang's opencl-c.h, so that the same code comes out; a test compares it.
// Determinism: declarations only.

#define QB_DECLARED __attribute__((overloadable))
#define QB_CONST __attribute__((overloadable, const))
#define QB_PURE __attribute__((overloadable, pure))

size_t QB_CONST get_global_id(uint);
size_t QB_CONST get_local_id(uint);
size_t QB_CONST get_group_id(uint);
size_t QB_CONST get_global_size(uint);
size_t QB_CONST get_local_size(uint);
size_t QB_CONST get_num_groups(uint);
size_t QB_CONST get_global_offset(uint);
uint QB_CONST get_work_dim(void);
void QB_DECLARED __attribute__((convergent)) barrier(cl_mem_fence_flags);

// All widths of a type: QB_WIDTHS(M, float) is M(float) M(float2) … without the width of 3, which no kernel uses.
#define QB_WIDTHS(M, T) M(T) M(T##2) M(T##4) M(T##8) M(T##16)
#define QB_INTEGERS(M) QB_WIDTHS(M, int) QB_WIDTHS(M, uint) QB_WIDTHS(M, long) QB_WIDTHS(M, ulong)

#define QB_ONE(T) \
    T QB_CONST exp(T); T QB_CONST exp2(T); T QB_CONST expm1(T); \
    T QB_CONST log(T); T QB_CONST log2(T); T QB_CONST log1p(T); \
    T QB_CONST sin(T); T QB_CONST cos(T); T QB_CONST tan(T); \
    T QB_CONST sinh(T); T QB_CONST cosh(T); T QB_CONST tanh(T); \
    T QB_CONST atan(T); T QB_CONST erf(T); T QB_CONST sqrt(T); T QB_CONST rsqrt(T); T QB_CONST cbrt(T); \
    T QB_CONST fabs(T); T QB_CONST floor(T); T QB_CONST ceil(T); T QB_CONST rint(T); \
    T QB_CONST round(T); T QB_CONST trunc(T); T QB_CONST sign(T); \
    T QB_CONST pow(T, T); T QB_CONST fmod(T, T); T QB_CONST fmax(T, T); T QB_CONST fmin(T, T); \
    T QB_CONST max(T, T); T QB_CONST min(T, T); T QB_CONST clamp(T, T, T); T QB_CONST step(T, T); \
    T QB_CONST copysign(T, T); T QB_CONST fma(T, T, T); T QB_CONST mad(T, T, T);
QB_WIDTHS(QB_ONE, float)
QB_ONE(double)

#define QB_WITH_SCALAR(T, S) \
    T QB_CONST fmax(T, S); T QB_CONST fmin(T, S); T QB_CONST max(T, S); T QB_CONST min(T, S); \
    T QB_CONST clamp(T, S, S);
QB_WITH_SCALAR(float2, float) QB_WITH_SCALAR(float4, float) QB_WITH_SCALAR(float8, float) QB_WITH_SCALAR(float16, float)

// The result of a comparison of scalars is an int, of vectors a vector of integers as wide as the elements.
#define QB_ASKED(T, I) I QB_CONST isnan(T); I QB_CONST isinf(T); I QB_CONST isfinite(T);
QB_ASKED(float, int) QB_ASKED(float2, int2) QB_ASKED(float4, int4) QB_ASKED(float8, int8) QB_ASKED(float16, int16) QB_ASKED(double, int)

#define QB_SELECTED(T, I, U) T QB_CONST select(T, T, I); T QB_CONST select(T, T, U);
#define QB_SELECTED_WIDTHS(T, I, U) QB_SELECTED(T, I, U) QB_SELECTED(T##2, I##2, U##2) QB_SELECTED(T##4, I##4, U##4) \
    QB_SELECTED(T##8, I##8, U##8) QB_SELECTED(T##16, I##16, U##16)
QB_SELECTED_WIDTHS(float, int, uint) QB_SELECTED_WIDTHS(int, int, uint) QB_SELECTED_WIDTHS(uint, int, uint)
QB_SELECTED_WIDTHS(ushort, short, ushort) QB_SELECTED_WIDTHS(long, long, ulong) QB_SELECTED_WIDTHS(ulong, long, ulong)

#define QB_WHOLE(T) \
    T QB_CONST max(T, T); T QB_CONST min(T, T); T QB_CONST clamp(T, T, T); T QB_CONST mul_hi(T, T);
QB_INTEGERS(QB_WHOLE)
uint QB_CONST abs(int);
ulong QB_CONST abs(long);

#define QB_LOADED(T, N, SPACE) \
    T##N QB_PURE vload##N(size_t, const SPACE T *); void QB_DECLARED vstore##N(T##N, size_t, SPACE T *);
#define QB_LOADED_WIDTHS(T, SPACE) QB_LOADED(T, 2, SPACE) QB_LOADED(T, 4, SPACE) QB_LOADED(T, 8, SPACE) QB_LOADED(T, 16, SPACE)
#define QB_LOADED_TYPES(SPACE) QB_LOADED_WIDTHS(float, SPACE) QB_LOADED_WIDTHS(int, SPACE) QB_LOADED_WIDTHS(uint, SPACE) \
    QB_LOADED_WIDTHS(ushort, SPACE) QB_LOADED_WIDTHS(uchar, SPACE)
QB_LOADED_TYPES(__global) QB_LOADED_TYPES(__local) QB_LOADED_TYPES(__private)

#define QB_HALF(N, SPACE) \
    float##N QB_PURE vload_half##N(size_t, const SPACE half *); void QB_DECLARED vstore_half##N(float##N, size_t, SPACE half *); \
    void QB_DECLARED vstore_half##N##_rte(float##N, size_t, SPACE half *);
#define QB_HALVES(SPACE) \
    QB_HALF(, SPACE) QB_HALF(2, SPACE) QB_HALF(4, SPACE) QB_HALF(8, SPACE) QB_HALF(16, SPACE)
QB_HALVES(__global) QB_HALVES(__local) QB_HALVES(__private)

// convert_TO(FROM) of equal widths, as far as kernels store, count and round with them.
#define QB_CONVERTED(TO, FROM) TO QB_CONST convert_##TO(FROM);
#define QB_CONVERTED_WIDTHS(TO, FROM) \
    QB_CONVERTED(TO, FROM) QB_CONVERTED(TO##2, FROM##2) QB_CONVERTED(TO##4, FROM##4) QB_CONVERTED(TO##8, FROM##8) \
    QB_CONVERTED(TO##16, FROM##16)
#define QB_CONVERTED_TO(TO) QB_CONVERTED_WIDTHS(TO, float) QB_CONVERTED_WIDTHS(TO, int) QB_CONVERTED_WIDTHS(TO, uint) \
    QB_CONVERTED_WIDTHS(TO, ushort) QB_CONVERTED_WIDTHS(TO, uchar)
QB_CONVERTED_TO(float) QB_CONVERTED_TO(int) QB_CONVERTED_TO(uint) QB_CONVERTED_TO(ushort) QB_CONVERTED_TO(uchar)
QB_CONVERTED_WIDTHS(ulong, uint) QB_CONVERTED_WIDTHS(uint, ulong) QB_CONVERTED_WIDTHS(long, int) QB_CONVERTED_WIDTHS(int, long)

#define QB_SHUFFLED(TO, FROM, MASK) TO QB_CONST shuffle(FROM, MASK); TO QB_CONST shuffle2(FROM, FROM, MASK);
#define QB_SHUFFLED_TO(N, FROM) QB_SHUFFLED(float##N, FROM, uint##N)
#define QB_SHUFFLED_FROM(FROM) QB_SHUFFLED_TO(2, FROM) QB_SHUFFLED_TO(4, FROM) QB_SHUFFLED_TO(8, FROM) QB_SHUFFLED_TO(16, FROM)
QB_SHUFFLED_FROM(float2) QB_SHUFFLED_FROM(float4) QB_SHUFFLED_FROM(float8) QB_SHUFFLED_FROM(float16)

#define QB_PREFETCHED(T) void QB_DECLARED prefetch(const __global T *, size_t);
QB_WIDTHS(QB_PREFETCHED, float)

int QB_DECLARED atomic_inc(volatile __global int *);
uint QB_DECLARED atomic_inc(volatile __global uint *);
int QB_DECLARED atomic_inc(volatile __local int *);
uint QB_DECLARED atomic_inc(volatile __local uint *);
