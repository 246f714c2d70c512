// Purpose: CUDA's atomic functions, as the processor's: memory is shared between worker processes. They give the old value.

#pragma once

template <class T, class Join> static inline T emulated_atomic(T* address, Join join) {
    typedef unsigned int __attribute__((may_alias)) Word;
    static_assert(sizeof(T) == 4, "words only");
    Word* word = reinterpret_cast<Word*>(address);
    unsigned int old = __atomic_load_n(word, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(word, &old, emulated_bits<unsigned int>(join(emulated_bits<T>(old))), false,
                                        __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {
    }
    return emulated_bits<T>(old);
}

#define EMULATED_ATOMICS(T)                                                                                      \
    static inline T atomicAdd(T* p, T v) { return __atomic_fetch_add(p, v, __ATOMIC_SEQ_CST); }                  \
    static inline T atomicAnd(T* p, T v) { return __atomic_fetch_and(p, v, __ATOMIC_SEQ_CST); }                  \
    static inline T atomicOr(T* p, T v) { return __atomic_fetch_or(p, v, __ATOMIC_SEQ_CST); }                    \
    static inline T atomicXor(T* p, T v) { return __atomic_fetch_xor(p, v, __ATOMIC_SEQ_CST); }                  \
    static inline T atomicExch(T* p, T v) { return __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST); }                \
    static inline T atomicCAS(T* p, T expected, T v) {                                                           \
        __atomic_compare_exchange_n(p, &expected, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);                 \
        return expected;                                                                                         \
    }
EMULATED_ATOMICS(int)
EMULATED_ATOMICS(unsigned int)
EMULATED_ATOMICS(unsigned long long)
#undef EMULATED_ATOMICS

static inline int atomicSub(int* p, int v) { return __atomic_fetch_sub(p, v, __ATOMIC_SEQ_CST); }
static inline unsigned int atomicSub(unsigned int* p, unsigned int v) { return __atomic_fetch_sub(p, v, __ATOMIC_SEQ_CST); }
static inline float atomicAdd(float* p, float v) { return emulated_atomic(p, [v](float old) { return old + v; }); }
static inline float atomicExch(float* p, float v) { return emulated_atomic(p, [v](float) { return v; }); }
static inline int atomicMax(int* p, int v) { return emulated_atomic(p, [v](int old) { return old > v ? old : v; }); }
static inline int atomicMin(int* p, int v) { return emulated_atomic(p, [v](int old) { return old < v ? old : v; }); }
static inline unsigned int atomicMax(unsigned int* p, unsigned int v) {
    return emulated_atomic(p, [v](unsigned int old) { return old > v ? old : v; });
}
static inline unsigned int atomicMin(unsigned int* p, unsigned int v) {
    return emulated_atomic(p, [v](unsigned int old) { return old < v ? old : v; });
}
static inline unsigned int atomicInc(unsigned int* p, unsigned int limit) {
    return emulated_atomic(p, [limit](unsigned int old) { return old >= limit ? 0u : old + 1; });
}

// Loads and stores with cache hints are plain ones.
template <class T> static inline T __ldg(const T* p) { return *p; }
template <class T> static inline T __ldcs(const T* p) { return *p; }
template <class T> static inline T __ldcg(const T* p) { return *p; }
template <class T> static inline T __ldca(const T* p) { return *p; }
template <class T> static inline void __stcs(T* p, T value) { *p = value; }
template <class T> static inline void __stcg(T* p, T value) { *p = value; }
