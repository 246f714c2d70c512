// Purpose: the portable dialect in terms of CUDA C++; it stands in front of every kernel text, the twin of OpenCL's prelude.
// Needs no header, so that a run-time compiler takes it as it is.
// Determinism: names only; each maths name is the precise function, never an approximate one. Contraction is up to the compiler's
// option (-fmad), which Quern sets as OpenCL does.

typedef unsigned int uint;
typedef unsigned char uchar;
typedef unsigned short ushort;
typedef unsigned long long q_ulong;

// Functions and address spaces. Q_DEVICE marks a function that kernels call. CUDA's pointers know no address space: Q_LOCAL
// declares an array that a group shares, Q_LOCAL_POINTER a parameter that points into one.
#define Q_KERNEL extern "C" __global__
#define Q_DEVICE static __device__ __forceinline__
#define Q_GLOBAL
#define Q_LOCAL __shared__
#define Q_LOCAL_POINTER
#define Q_CONSTANT __constant__
#define Q_RESTRICT __restrict__
#define Q_REQD_GROUP(x, y, z) __launch_bounds__((x) * (y) * (z))

// Indices along dimension d (0, 1 or 2), as size_t. A macro that pastes its argument sees it before it is a number, so each is a
// function of a constant.
static __device__ __forceinline__ size_t q_group_id(int d) { return d == 0 ? blockIdx.x : d == 1 ? blockIdx.y : blockIdx.z; }
static __device__ __forceinline__ size_t q_local_id(int d) { return d == 0 ? threadIdx.x : d == 1 ? threadIdx.y : threadIdx.z; }
static __device__ __forceinline__ size_t q_local_size(int d) { return d == 0 ? blockDim.x : d == 1 ? blockDim.y : blockDim.z; }
static __device__ __forceinline__ size_t q_num_groups(int d) { return d == 0 ? gridDim.x : d == 1 ? gridDim.y : gridDim.z; }
#define Q_GROUP_ID(d) q_group_id(d)
#define Q_LOCAL_ID(d) q_local_id(d)
#define Q_LOCAL_SIZE(d) q_local_size(d)
#define Q_NUM_GROUPS(d) q_num_groups(d)
#define Q_GLOBAL_ID(d) (q_group_id(d) * q_local_size(d) + q_local_id(d))
#define Q_GLOBAL_SIZE(d) (q_num_groups(d) * q_local_size(d))

// Waits for every work-item of the group; local and global writes before it are visible after it.
#define Q_BARRIER() __syncthreads()
#define Q_LOCAL_BARRIER() __syncthreads()

// The value of the work-item of the same warp whose lane differs in the bits of `lanes`; all 32 come here together.
#define Q_WARP 32
#define Q_SHUFFLE_XOR(value, lanes) __shfl_xor_sync(0xffffffffu, value, lanes)

// Float to float. Q_MAX and Q_MIN return the other operand when one is NaN.
#define Q_INFINITY __int_as_float(0x7f800000)
#define Q_NAN __int_as_float(0x7fc00000)
#define Q_EXP(x) expf(x)
#define Q_EXP2(x) exp2f(x)
#define Q_EXPM1(x) expm1f(x)
#define Q_LOG(x) logf(x)
#define Q_LOG2(x) log2f(x)
#define Q_LOG1P(x) log1pf(x)
#define Q_SIN(x) sinf(x)
#define Q_COS(x) cosf(x)
#define Q_TAN(x) tanf(x)
#define Q_TANH(x) tanhf(x)
#define Q_SINH(x) sinhf(x)
#define Q_COSH(x) coshf(x)
#define Q_ATAN(x) atanf(x)
#define Q_ERF(x) erff(x)
#define Q_SQRT(x) sqrtf(x)
#define Q_RSQRT(x) (1.0f / sqrtf(x))
#define Q_CBRT(x) cbrtf(x)
#define Q_POW(x, y) powf(x, y)
#define Q_FMOD(x, y) fmodf(x, y)
#define Q_FMA(a, b, c) fmaf(a, b, c)
#define Q_MAX(a, b) fmaxf(a, b)
#define Q_MIN(a, b) fminf(a, b)
#define Q_ABS(x) fabsf(x)
#define Q_FLOOR(x) floorf(x)
#define Q_CEIL(x) ceilf(x)
#define Q_ROUND(x) rintf(x)
#define Q_TRUNC(x) truncf(x)
#define Q_SIGN(x) q_sign(x)
#define Q_ISNAN(x) q_isnan(x)
#define Q_ISINF(x) q_isinf(x)
// As OpenCL's sign: a zero keeps its sign, NaN gives 0.
static __device__ __forceinline__ float q_sign(float x) { return x > 0.0f ? 1.0f : x < 0.0f ? -1.0f : x == 0.0f ? x : 0.0f; }
// Expressions spell it as OpenCL does; CUDA's maths has no such function.
static __device__ __forceinline__ float sign(float x) { return q_sign(x); }
static __device__ __forceinline__ int q_isnan(float x) { return x != x; }
static __device__ __forceinline__ int q_isinf(float x) { return fabsf(x) == Q_INFINITY; }

// Bits.
#define Q_FLOAT_AS_INT(x) __float_as_int(x)
#define Q_INT_AS_FLOAT(x) __int_as_float(x)
#define Q_MUL_HI(a, b) __umulhi(a, b)

// Integers.
#define Q_IMAX(a, b) max((int)(a), (int)(b))
#define Q_IMIN(a, b) min((int)(a), (int)(b))

// Unsigned words that both languages spell alike.
#define Q_UINT unsigned int
#define Q_ULONG unsigned long long
#define Q_LONG long long
#define Q_UCHAR unsigned char

// Half precision and bfloat16 as storage: element i of p, widened to float, and a float rounded to nearest even.
#define Q_HALF unsigned short
static __device__ __forceinline__ float q_float_of_half(unsigned short bits) {
    float x;
    asm("cvt.f32.f16 %0, %1;" : "=f"(x) : "h"(bits));
    return x;
}
static __device__ __forceinline__ unsigned short q_half_of_float(float x) {
    unsigned short bits;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(x));
    return bits;
}
#define Q_LOAD_HALF(p, i) q_float_of_half((p)[i])
#define Q_STORE_HALF(p, i, x) ((p)[i] = q_half_of_float(x))
#define Q_BF16 unsigned short
static __device__ __forceinline__ float q_float_of_bf16(unsigned short bits) { return __int_as_float((int)((unsigned int)bits << 16)); }
#define Q_LOAD_BF16(p, i) q_float_of_bf16((p)[i])
static __device__ __forceinline__ unsigned short q_bf16_of_float(float x) {
    unsigned int bits = (unsigned int)__float_as_int(x);
    return (unsigned short)(x != x ? (bits >> 16 | 0x40u) : ((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16));
}
#define Q_STORE_BF16(p, i, x) ((p)[i] = q_bf16_of_float(x))
