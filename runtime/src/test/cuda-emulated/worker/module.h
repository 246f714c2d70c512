// Purpose: modules that a worker has loaded: their kernels, their shared arrays, and the source line of an instruction.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

// As device/entry.h declares it.
struct emulated_kernel {
    const char* name;
    unsigned int most_threads;
    unsigned int parameters;
    const unsigned int* sizes;
    const unsigned int* alignments;
    void (*call)(void** arguments);
};

namespace emulated {

// An array that a block shares.
struct SharedArray {
    uintptr_t start;
    uint64_t bytes;
    std::string name;
};

struct Module {
    void* handle = nullptr;
    std::string path;
    uintptr_t begin = 0, end = 0;                 // of its image in memory
    uintptr_t shared_begin = 0, shared_end = 0;   // of all its shared arrays
    std::vector<SharedArray> arrays;              // by address
    std::vector<const emulated_kernel*> kernels;

    unsigned shared_bytes() const { return static_cast<unsigned>(shared_end - shared_begin); }
    const SharedArray* array(uintptr_t address) const;
    // "file:line" of the instruction before a return address, of what the kernel's author wrote: not of a header that was inlined.
    std::string line(const void* return_address) const;
};

// Offsets of a kernel's parameters and, last, the size of all of them.
std::vector<uint32_t> parameter_offsets(const emulated_kernel& kernel);

// Gives an error's text, or nothing.
std::string load_module(const std::string& path, Module& module);
void unload_module(Module& module);

}
