// Purpose: the PTX instructions that kernels write inline. nvrtc/kernel_text.cpp turns `asm("cvt.f32.f16 %0, %1;" : "=f"(x) : "h"(h))` into
// emulated_ptx::cvt_f32_f16(x, h); an instruction that is not here is a compile error that names it.

#pragma once

namespace emulated_ptx {
static inline void cvt_f32_f16(float& to, unsigned short from) { to = emulated_float_of_half(from); }
static inline void cvt_rn_f16_f32(unsigned short& to, float from) { to = emulated_half_of_float(from); }
static inline void ex2_approx_f32(float& to, float from) { to = exp2f(from); }
static inline void ex2_approx_ftz_f32(float& to, float from) { to = exp2f(from); }
static inline void rcp_approx_f32(float& to, float from) { to = 1.0f / from; }
static inline void rcp_approx_ftz_f32(float& to, float from) { to = 1.0f / from; }
static inline void tanh_approx_f32(float& to, float from) { to = tanhf(from); }
}
