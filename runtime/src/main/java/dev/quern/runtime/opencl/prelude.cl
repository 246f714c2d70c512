// Purpose: the portable dialect in terms of OpenCL C 1.2; it stands in front of every kernel text.
// A kernel of the portable dialect uses these names and what OpenCL C and CUDA C++ have in common. The twin for
// CUDA defines the same names.
// Determinism: names only; each maths name is the precise function, never a native_ or half_ one.

// Functions and address spaces. Q_DEVICE marks a function that kernels call.
#define Q_KERNEL __kernel
#define Q_DEVICE static inline
#define Q_GLOBAL __global
// Q_LOCAL declares an array that a group shares, Q_LOCAL_POINTER a parameter that points into one.
#define Q_LOCAL __local
#define Q_LOCAL_POINTER __local
#define Q_CONSTANT __constant
#define Q_RESTRICT restrict
#define Q_REQD_GROUP(x, y, z) __attribute__((reqd_work_group_size(x, y, z)))

// Indices along dimension d (0, 1 or 2), as size_t.
#define Q_GROUP_ID(d) get_group_id(d)
#define Q_LOCAL_ID(d) get_local_id(d)
#define Q_GLOBAL_ID(d) get_global_id(d)
#define Q_LOCAL_SIZE(d) get_local_size(d)
#define Q_NUM_GROUPS(d) get_num_groups(d)
#define Q_GLOBAL_SIZE(d) get_global_size(d)

// Waits for every work-item of the group; local and global writes before it are visible after it.
#define Q_BARRIER() barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE)
#define Q_LOCAL_BARRIER() barrier(CLK_LOCAL_MEM_FENCE)

// Float to float. Q_MAX and Q_MIN return the other operand when one is NaN.
#define Q_INFINITY INFINITY
#define Q_NAN NAN
#define Q_EXP(x) exp((float)(x))
#define Q_EXP2(x) exp2((float)(x))
#define Q_EXPM1(x) expm1((float)(x))
#define Q_LOG(x) log((float)(x))
#define Q_LOG2(x) log2((float)(x))
#define Q_LOG1P(x) log1p((float)(x))
#define Q_SIN(x) sin((float)(x))
#define Q_COS(x) cos((float)(x))
#define Q_TAN(x) tan((float)(x))
#define Q_TANH(x) tanh((float)(x))
#define Q_SINH(x) sinh((float)(x))
#define Q_COSH(x) cosh((float)(x))
#define Q_ATAN(x) atan((float)(x))
#define Q_ERF(x) erf((float)(x))
#define Q_SQRT(x) sqrt((float)(x))
#define Q_RSQRT(x) (1.0f / sqrt((float)(x)))
#define Q_CBRT(x) cbrt((float)(x))
#define Q_POW(x, y) pow((float)(x), (float)(y))
#define Q_FMOD(x, y) fmod((float)(x), (float)(y))
#define Q_FMA(a, b, c) fma((float)(a), (float)(b), (float)(c))
#define Q_MAX(a, b) fmax((float)(a), (float)(b))
#define Q_MIN(a, b) fmin((float)(a), (float)(b))
#define Q_ABS(x) fabs((float)(x))
#define Q_FLOOR(x) floor((float)(x))
#define Q_CEIL(x) ceil((float)(x))
#define Q_ROUND(x) rint((float)(x))
#define Q_TRUNC(x) trunc((float)(x))
#define Q_SIGN(x) sign((float)(x))
#define Q_ISNAN(x) isnan((float)(x))
#define Q_ISINF(x) isinf((float)(x))

// Bits.
#define Q_FLOAT_AS_INT(x) as_int((float)(x))
#define Q_INT_AS_FLOAT(x) as_float((int)(x))
#define Q_MUL_HI(a, b) mul_hi((uint)(a), (uint)(b))

// Integers.
#define Q_IMAX(a, b) max((int)(a), (int)(b))
#define Q_IMIN(a, b) min((int)(a), (int)(b))

// Unsigned words that both languages spell alike.
#define Q_UINT uint
#define Q_ULONG ulong
#define Q_LONG long
#define Q_UCHAR uchar

// Half precision and bfloat16 as storage: element i of p, widened to float, and a float rounded to nearest even.
#define Q_HALF half
#define Q_LOAD_HALF(p, i) vload_half((size_t)(i), (p))
#define Q_STORE_HALF(p, i, x) vstore_half_rte((float)(x), (size_t)(i), (p))
#define Q_BF16 ushort
#define Q_LOAD_BF16(p, i) as_float((uint)((p)[i]) << 16)
static inline ushort q_bf16_of_float(float x) {
    uint bits = as_uint(x);
    return isnan(x) ? (ushort)(bits >> 16 | 0x40u) : (ushort)((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}
#define Q_STORE_BF16(p, i, x) ((p)[i] = q_bf16_of_float((float)(x)))
