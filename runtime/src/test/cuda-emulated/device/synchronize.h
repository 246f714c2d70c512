// Purpose: barriers of a block, and what the lanes of a warp do together. All of it rests on two functions of the worker: a barrier that adds
// up a number over the block, and an exchange after which each lane of a mask has the values of all of them.

#pragma once

extern "C" {
// Waits for the block; the sum of what its threads brought.
int emulated_barrier(int value);
// Waits for the lanes of the mask. Gives 32 values by lane, which last until the lane's next exchange. `operation` tells functions apart,
// which must not meet; 0 is __syncwarp, the only one that orders memory.
const unsigned long long* emulated_exchange(unsigned int mask, unsigned long long value, int operation);
// Says that a lane asked for the value of a lane outside of its mask.
void emulated_stranger(unsigned int mask, int lane);
unsigned int emulated_lane(void);
void emulated_trap(const char* what, const char* file, int line);
}

static inline void __syncthreads() { emulated_barrier(0); }
static inline int __syncthreads_count(int predicate) { return emulated_barrier(predicate != 0); }
static inline int __syncthreads_or(int predicate) { return emulated_barrier(predicate != 0) != 0; }
static inline int __syncthreads_and(int predicate) { return emulated_barrier(predicate == 0) == 0; }
static inline void __syncwarp(unsigned int mask = 0xffffffffu) { emulated_exchange(mask, 0, 0); }
// No lane is promised to run with another: that is all that a kernel may rely on.
static inline unsigned int __activemask() { return 1u << emulated_lane(); }

static inline void __threadfence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
static inline void __threadfence_block() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
static inline void __threadfence_system() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
static inline void __nanosleep(unsigned int) {}
static inline void __trap() { emulated_trap("__trap()", "", 0); }
#define assert(condition) ((condition) ? (void)0 : emulated_trap("assertion " #condition, __FILE__, __LINE__))

template <class T> static inline T emulated_shuffle(unsigned int mask, T value, int source, bool inside, int operation) {
    static_assert(sizeof(T) <= 8, "shuffles take 4 or 8 bytes");
    unsigned long long bits = 0;
    __builtin_memcpy(&bits, &value, sizeof(T));
    const unsigned long long* all = emulated_exchange(mask, bits, operation);
    const int lane = (int)emulated_lane();
    const int from = inside ? source : lane;
    if (!(mask >> from & 1u)) {
        emulated_stranger(mask, from);
    }
    T result;
    __builtin_memcpy(&result, all + from, sizeof(T));
    return result;
}

// A warp may be divided into parts of `width` lanes, a power of two. A source outside of the part gives a lane its own value.
template <class T> static inline T __shfl_sync(unsigned int mask, T value, int source, int width = 32) {
    const int first = (int)emulated_lane() & ~(width - 1);
    return emulated_shuffle(mask, value, first + (source & (width - 1)), true, 1);
}
template <class T> static inline T __shfl_up_sync(unsigned int mask, T value, unsigned int delta, int width = 32) {
    const int lane = (int)emulated_lane();
    return emulated_shuffle(mask, value, lane - (int)delta, (lane & (width - 1)) >= (int)delta, 2);
}
template <class T> static inline T __shfl_down_sync(unsigned int mask, T value, unsigned int delta, int width = 32) {
    const int lane = (int)emulated_lane();
    return emulated_shuffle(mask, value, lane + (int)delta, (lane & (width - 1)) + (int)delta < width, 3);
}
template <class T> static inline T __shfl_xor_sync(unsigned int mask, T value, int lanes, int width = 32) {
    const int lane = (int)emulated_lane();
    const int source = lane ^ lanes;
    return emulated_shuffle(mask, value, source, (source & ~(width - 1)) <= (lane & ~(width - 1)) && source < 32, 4);
}

static inline unsigned int emulated_ballot(unsigned int mask, int predicate, int operation) {
    const unsigned long long* all = emulated_exchange(mask, predicate != 0, operation);
    unsigned int votes = 0;
    for (int lane = 0; lane < 32; lane++) {
        votes |= (mask >> lane & 1u) && all[lane] ? 1u << lane : 0u;
    }
    return votes;
}
static inline unsigned int __ballot_sync(unsigned int mask, int predicate) { return emulated_ballot(mask, predicate, 5); }
static inline int __any_sync(unsigned int mask, int predicate) { return emulated_ballot(mask, predicate, 6) != 0; }
static inline int __all_sync(unsigned int mask, int predicate) { return emulated_ballot(mask, predicate, 7) == mask; }
template <class T> static inline unsigned int __match_any_sync(unsigned int mask, T value) {
    unsigned long long bits = 0;
    __builtin_memcpy(&bits, &value, sizeof(T));
    const unsigned long long* all = emulated_exchange(mask, bits, 8);
    unsigned int same = 0;
    for (int lane = 0; lane < 32; lane++) {
        same |= (mask >> lane & 1u) && all[lane] == bits ? 1u << lane : 0u;
    }
    return same;
}

#define EMULATED_WARP_REDUCTION(name, T, operation, joined)                                         \
    static inline T name(unsigned int mask, T value) {                                              \
        const unsigned long long* all = emulated_exchange(mask, (unsigned int)value, operation);    \
        bool first = true;                                                                          \
        T a = 0;                                                                                    \
        for (int lane = 0; lane < 32; lane++) {                                                     \
            if (mask >> lane & 1u) {                                                                \
                const T b = (T)(unsigned int)all[lane];                                             \
                a = first ? b : (joined);                                                           \
                first = false;                                                                      \
            }                                                                                       \
        }                                                                                           \
        return a;                                                                                   \
    }
EMULATED_WARP_REDUCTION(__reduce_add_sync, int, 9, (int)((unsigned int)a + (unsigned int)b))
EMULATED_WARP_REDUCTION(__reduce_add_sync, unsigned int, 9, a + b)
EMULATED_WARP_REDUCTION(__reduce_min_sync, int, 10, a < b ? a : b)
EMULATED_WARP_REDUCTION(__reduce_min_sync, unsigned int, 10, a < b ? a : b)
EMULATED_WARP_REDUCTION(__reduce_max_sync, int, 11, a > b ? a : b)
EMULATED_WARP_REDUCTION(__reduce_max_sync, unsigned int, 11, a > b ? a : b)
EMULATED_WARP_REDUCTION(__reduce_and_sync, unsigned int, 12, a & b)
EMULATED_WARP_REDUCTION(__reduce_or_sync, unsigned int, 13, a | b)
EMULATED_WARP_REDUCTION(__reduce_xor_sync, unsigned int, 14, a ^ b)
#undef EMULATED_WARP_REDUCTION
