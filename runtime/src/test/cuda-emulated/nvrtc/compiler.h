// Purpose: compiles a CUDA source into a module that workers load: a shared library.

#pragma once

#include <string>
#include <vector>

namespace emulated {

struct Compilation {
    bool succeeded = false;
    std::string module;   // the library's bytes
    std::string log;      // errors as NVRTC words them: file(line): error: …
};

struct CompilerOptions {
    std::string standard = "c++17";
    bool contract = true;                   // a * b + c rounds once
    std::vector<std::string> defines;       // -DNAME=VALUE
    int architecture = 800;                 // __CUDA_ARCH__
};

Compilation compile_kernels(const std::string& source, const std::string& name, const CompilerOptions& options);

}
