// Purpose: the functions that g++ -fsanitize=thread,bounds calls at accesses. ThreadSanitizer's own library is not there: these are all.

#include <cstdint>

#include "block.h"
#include "report.h"
#include "watch.h"

using emulated::Access;
using emulated::watch;

extern "C" {

void __tsan_init(void) {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit(void) {}
void __tsan_atomic_thread_fence(int) {}
void __tsan_atomic_signal_fence(int) {}

#define ACCESSES(n)                                                                                              \
    void __tsan_read##n(void* p) { watch(p, n, Access::READ, __builtin_return_address(0)); }                     \
    void __tsan_write##n(void* p) { watch(p, n, Access::WRITE, __builtin_return_address(0)); }                   \
    void __tsan_volatile_read##n(void* p) { watch(p, n, Access::READ, __builtin_return_address(0)); }            \
    void __tsan_volatile_write##n(void* p) { watch(p, n, Access::WRITE, __builtin_return_address(0)); }          \
    void __tsan_unaligned_read##n(void* p) { watch(p, n, Access::READ, __builtin_return_address(0)); }           \
    void __tsan_unaligned_write##n(void* p) { watch(p, n, Access::WRITE, __builtin_return_address(0)); }
ACCESSES(1)
ACCESSES(2)
ACCESSES(4)
ACCESSES(8)
ACCESSES(16)
#undef ACCESSES

void __tsan_read_range(void* p, unsigned long bytes) { watch(p, bytes, Access::READ, __builtin_return_address(0)); }
void __tsan_write_range(void* p, unsigned long bytes) { watch(p, bytes, Access::WRITE, __builtin_return_address(0)); }

// Atomic operations are carried out here, in the order that asks for most. Several workers may share the memory, but not while watching.
#define CHANGE(bits, T, name, builtin)                                                                           \
    T __tsan_atomic##bits##_##name(T* p, T v, int) {                                                             \
        watch(p, sizeof(T), Access::ATOMIC, __builtin_return_address(0));                                        \
        return builtin(p, v, __ATOMIC_SEQ_CST);                                                                  \
    }
#define ATOMICS(bits, T)                                                                                         \
    T __tsan_atomic##bits##_load(const T* p, int) {                                                              \
        watch(p, sizeof(T), Access::ATOMIC, __builtin_return_address(0));                                        \
        return __atomic_load_n(p, __ATOMIC_SEQ_CST);                                                             \
    }                                                                                                            \
    void __tsan_atomic##bits##_store(T* p, T v, int) {                                                           \
        watch(p, sizeof(T), Access::ATOMIC, __builtin_return_address(0));                                        \
        __atomic_store_n(p, v, __ATOMIC_SEQ_CST);                                                                \
    }                                                                                                            \
    CHANGE(bits, T, exchange, __atomic_exchange_n)                                                               \
    CHANGE(bits, T, fetch_add, __atomic_fetch_add)                                                               \
    CHANGE(bits, T, fetch_sub, __atomic_fetch_sub)                                                               \
    CHANGE(bits, T, fetch_and, __atomic_fetch_and)                                                               \
    CHANGE(bits, T, fetch_or, __atomic_fetch_or)                                                                 \
    CHANGE(bits, T, fetch_xor, __atomic_fetch_xor)                                                               \
    int __tsan_atomic##bits##_compare_exchange_strong(T* p, T* expected, T v, int, int) {                        \
        watch(p, sizeof(T), Access::ATOMIC, __builtin_return_address(0));                                        \
        return __atomic_compare_exchange_n(p, expected, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);           \
    }                                                                                                            \
    int __tsan_atomic##bits##_compare_exchange_weak(T* p, T* expected, T v, int, int) {                          \
        watch(p, sizeof(T), Access::ATOMIC, __builtin_return_address(0));                                        \
        return __atomic_compare_exchange_n(p, expected, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);           \
    }                                                                                                            \
    T __tsan_atomic##bits##_compare_exchange_val(T* p, T expected, T v, int, int) {                              \
        watch(p, sizeof(T), Access::ATOMIC, __builtin_return_address(0));                                        \
        __atomic_compare_exchange_n(p, &expected, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);                 \
        return expected;                                                                                         \
    }
ATOMICS(32, uint32_t)
ATOMICS(64, uint64_t)
#undef ATOMICS
#undef CHANGE

// An index past an array whose size the compiler knows, in shared memory or of a thread's own.
void __ubsan_handle_out_of_bounds(void*, void* index) {
    if (emulated::running.thread != nullptr) {
        emulated::finding(emulated::BOUNDS, __builtin_return_address(0), emulated::who(emulated::running.thread->number) + " uses index "
                + std::to_string(static_cast<long long>(static_cast<int>(reinterpret_cast<intptr_t>(index)))) + " of an array that is smaller");
    }
}
void __ubsan_handle_out_of_bounds_abort(void* data, void* index) { __ubsan_handle_out_of_bounds(data, index); }

}
