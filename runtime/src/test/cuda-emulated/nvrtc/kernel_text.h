// Purpose: turns preprocessed CUDA C++ into C++ that a host compiler takes, line by line the same.

#pragma once

#include <stdexcept>
#include <string>

namespace emulated {

// What CUDA C++ says and this emulation does not understand, with the line of the preprocessed text's own numbering.
struct TextError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// The rewritten text, followed by the table of its kernels.
std::string rewrite_kernels(const std::string& preprocessed);

}
