// Purpose: what the emulated NVRTC appends for each kernel: a function that takes pointers to the arguments, and their sizes.

#pragma once

struct emulated_kernel {
    const char* name;
    unsigned int most_threads;   // of a block, from __launch_bounds__
    unsigned int parameters;
    const unsigned int* sizes;
    const unsigned int* alignments;
    void (*call)(void** arguments);
};

template <size_t... I> struct emulated_indices {};
template <auto F> struct emulated_entry;
template <class... A, void (*F)(A...)> struct emulated_entry<F> {
    static constexpr unsigned int sizes[] = {sizeof(A)..., 0};
    static constexpr unsigned int alignments[] = {alignof(A)..., 0};
    template <size_t... I> static void unpack(void** arguments, emulated_indices<I...>) {
        F(*static_cast<A*>(arguments[I])...);
    }
    static void call(void** arguments) { unpack(arguments, emulated_indices<__integer_pack(sizeof...(A))...>()); }
    static constexpr emulated_kernel describe(const char* name, unsigned int most_threads) {
        return {name, most_threads, sizeof...(A), sizes, alignments, call};
    }
};
