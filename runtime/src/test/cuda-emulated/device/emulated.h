// Purpose: CUDA C++ for a C++ compiler: the names that a kernel finds without including anything. It stands before every kernel that the
// emulated NVRTC compiles. No system header is included, so that a kernel sees no name that CUDA would not give it, and compiles fast.
//
// __global__, __launch_bounds__, __shared__ and asm are no macros here: nvrtc/kernel_text.cpp rewrites them.

#pragma once
#pragma GCC diagnostic ignored "-Wbuiltin-declaration-mismatch"

typedef __SIZE_TYPE__ size_t;

#define __host__
#define __device__
#define __constant__ static
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __align__(n) __attribute__((aligned(n)))
#define __grid_constant__

#include "vectors.h"

// What the worker sets before a thread runs.
extern "C" {
extern uint3 threadIdx, blockIdx;
extern dim3 blockDim, gridDim;
}
static const int warpSize = 32;

#include "bits.h"
#include "maths.h"
#include "synchronize.h"
#include "atomics.h"
#include "ptx.h"
#include "entry.h"
